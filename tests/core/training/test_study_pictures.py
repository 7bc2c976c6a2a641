"""Comparing networks that learn from pictures: one by one with convolutions, as one stack behind a frozen backbone."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.data.images.propose import propose_images
from core.data.images.read import load_images
from core.errors import UserError
from core.network.lite0 import FEATURES
from core.progress import progress
from core.runs import Run
from core.spec import ImageConfig, ImageSource, StudySpec
from core.studies import Study
from core.study_draft import axes_of, proposed, study_spec
from core.study_plan import create_study, expected_seconds
from core.study_runs import refit
from core.training import study_pictures
from core.training.fit import Watch
from core.training.image_fit import ImageLearner, Images, fit_images
from core.training.image_job import new_model
from core.training.image_prepare import prepare_images
from core.training.job import train_run
from core.training.study_members import open_member
from core.workspace import Workspace
from tests.core.data.images.pictures import zipped
from tests.core.training.study_cases import member_answers, member_weights, trained

LAYERS = [{"kind": "Conv2D", "filters": 3}, {"kind": "MaxPooling2D"}, {"kind": "Flatten"}]


def striped(number: int) -> bytes:
    """Bright stripes on noise: across for even numbers, down for odd ones."""
    random = np.random.default_rng(number)
    pixels = random.integers(0, 120, (16, 16, 3))
    place = random.integers(3, 12)
    if number % 2:
        pixels[:, place : place + 2] += 120
    else:
        pixels[place : place + 2] += 120
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def config(workspace: Workspace) -> ImageConfig:
    content = zipped({f"{'down' if number % 2 else 'across'}/{number}.png": striped(number) for number in range(48)})
    source = ImageSource(fingerprint=workspace.keep(io.BytesIO(content)), name="stripes.zip")
    data = propose_images(load_images(workspace, source), source).change(size=16)
    return ImageConfig.parse(
        {
            "data": data.model_dump(),
            "network": {"preset": "custom", "layers": LAYERS},
            "augmentation": {"noise": 0.3, "mirror": 0.5},
            "training": {"epochs": 2, "batch_size": 8, "learning_rate": 0.01, "early_stopping": False},
        }
    )


def transfer(config: ImageConfig, **network: Any) -> ImageConfig:
    chosen = {"preset": "transfer", "backbone": "efficientnet_lite0", "layers": [{"kind": "Dense", "units": 4}]}
    return config.change(network=chosen | network)


def started(workspace: Workspace, config: ImageConfig, grid: dict, **values: Any) -> Study:
    spec = StudySpec.parse(
        {"run": config.model_dump(), "grid": {"l2": [0.0], **grid}, "folds": 2, "seeds": 1, **values}
    )
    return create_study(workspace, spec, 40, 0, 2)


def test_networks_with_convolutions_train_alone_and_equal_a_plain_training(
    workspace: Workspace, config: ImageConfig
) -> None:
    study = trained(started(workspace, config, {"augmentation": [0.0, 1.0]}))
    assert [(chunk.settings, chunk.groups) for chunk in study.chunks] == [
        ((0,), ((0, 0),)), ((1,), ((0, 0),)), ((0,), ((1, 0),)), ((1,), ((1, 0),)),
    ]  # fmt: skip
    spec, weights, answers = study.spec, member_weights(study), member_answers(study)
    assert spec.words == ("no augmentation", "augmentation x 1")
    for number, member in enumerate(spec.members):
        own = spec.member_config(member)
        assert isinstance(own, ImageConfig)
        assert own.augmentation.active == (member.setting == 1)
        prepared = prepare_images(own, workspace)
        learner = ImageLearner(new_model(own, prepared), own.training, own.augmentation)
        images = Images(np.asarray(prepared.pixels), prepared.target, prepared.weight)
        group = prepared.group(own.training.seed, member.fold)
        fit_images(learner, images, group, own.training, Watch())
        for mine, theirs in zip(weights[number] or [], learner.model.get_weights(), strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-5)
        told = learner.model.predict(np.asarray(prepared.pixels)[prepared.dataset.split.validation], verbose=0)
        held = answers[number]
        assert held is not None
        np.testing.assert_allclose(held[:, 1], told[:, 0], atol=1e-5)
    result = study.result()
    assert result is not None
    assert [row["result"] for row in result["settings"]].count("best") == 1
    assert {line["key"] for line in result["baselines"]} == {"majority", "logistic"}
    assert result["weights"]["features"] == 0
    assert np.isfinite(study.board().scores[:4]).all()


def test_a_frozen_backbone_is_asked_once_and_its_heads_train_as_one_stack(
    workspace: Workspace, config: ImageConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def features(config: ImageConfig, workspace: Workspace, image_set: Any, progress: Any) -> np.ndarray:
        asked.append(len(image_set))
        random = np.random.default_rng(0).normal(size=(len(image_set), FEATURES)).astype(np.float32)
        return random + 3 * np.array([[image.class_name == "down"] for image in image_set.images], np.float32)

    monkeypatch.setattr(study_pictures, "kept_features", features)
    spec = StudySpec.parse(
        {"run": transfer(config).model_dump(), "grid": {"l2": [0.0, 0.1], "units": [2, 3]}, "folds": 2, "seeds": 2}
    )
    study = trained(create_study(workspace, spec, 40, FEATURES, 2))
    assert {len(chunk.settings) * len(chunk.groups) for chunk in study.chunks} == {8}
    assert set(asked) == {48}
    result = study.result()
    assert result is not None
    assert max(row["score"]["value"] for row in result["settings"]) > 0.7
    frame = Run(workspace, open_member(str(workspace.root), study.id, 5)).predictions()
    expected = member_answers(study)[5]
    assert frame is not None and expected is not None
    held = frame.loc[frame["part"] == "validation", "probability_1"]
    np.testing.assert_allclose(held, expected[:, 1], atol=1e-5)


def test_a_member_opens_as_a_run_that_answers_what_the_member_answered(
    workspace: Workspace, config: ImageConfig
) -> None:
    study = trained(started(workspace, config, {"width": [1.0, 2.0]}))
    assert study.spec.words == ("filters x 1", "filters x 2")
    number = next(place for place, member in enumerate(study.spec.members) if member == (1, 1, 0))
    run = Run(workspace, open_member(str(workspace.root), study.id, number))
    assert [layer.filters for layer in run.image_config.network.layers[:1]] == [6]
    frame = run.predictions()
    held = frame[frame["part"] == "validation"] if frame is not None else None
    assert held is not None
    expected = member_answers(study)[number]
    assert expected is not None
    np.testing.assert_allclose(held["probability_1"], expected[:, 1], atol=1e-5)


def test_a_setting_that_is_used_learns_from_all_pictures_and_shows_the_held_out_answers(
    workspace: Workspace, config: ImageConfig
) -> None:
    study = trained(started(workspace, config, {"augmentation": [0.0, 0.5]}))
    run = refit(study, 1)
    assert train_run(str(workspace.root), run.id) == run.id
    assert progress(run).state == "finished"
    assert run.image_config.augmentation.noise == pytest.approx(0.15)
    frame, facts, metrics = run.predictions(), run.dataset(), run.metrics()
    assert frame is not None and facts is not None and metrics is not None
    held = frame[frame["part"] == "validation"].sort_values("row")
    assert len(held) == facts["rows"]["train"] == (frame["part"] == "train").sum()
    assert "learned from all pictures but the sealed ones" in metrics["note"]
    own, answers = [], member_answers(study)
    for number, member in enumerate(study.spec.members):
        if member.setting == 1:
            own.append(answers[number])
    np.testing.assert_allclose(sorted(held["probability_1"]), np.sort(np.concatenate(own)[:, 1]), atol=1e-6)


def test_what_makes_no_difference_is_not_compared(workspace: Workspace, config: ImageConfig) -> None:
    run = config.model_dump()
    for grid, words in (({"units": [4, 8]}, "neurons"), ({"depth": [1, 2]}, "hidden layers")):
        with pytest.raises(UserError, match=words):
            StudySpec.parse({"run": run, "grid": grid})
    for grid in ({"augmentation": [0.0, 1.0]}, {"width": [1.0, 2.0]}):
        with pytest.raises(UserError, match="no difference"):
            StudySpec.parse({"run": transfer(config).model_dump(), "grid": grid})
    with pytest.raises(UserError, match="No augmentation is chosen"):
        StudySpec.parse({"run": {**run, "augmentation": {}}, "grid": {"augmentation": [0.0, 1.0]}})
    assert axes_of(config) == ("l1", "l2", "dropout", "augmentation", "width")
    assert axes_of(config.change(augmentation={})) == ("l1", "l2", "dropout", "width")
    assert axes_of(transfer(config)) == ("l1", "l2", "dropout", "units", "depth")


def test_the_first_question_about_pictures_is_small_and_its_time_grows_with_the_pictures(config: ImageConfig) -> None:
    spec = study_spec(config, proposed(config))
    assert [(setting.augmentation, setting.l2) for setting in spec.settings] == [(0.0, 0.0), (1.0, 0.0)]
    assert len(spec.members) == 6
    assert expected_seconds(spec, 4000, 0, 2) > expected_seconds(spec, 40, 0, 2) > 0
    assert study_spec(transfer(config), proposed(transfer(config))).grid.l2[:2] == (0.0, 1e-5)
