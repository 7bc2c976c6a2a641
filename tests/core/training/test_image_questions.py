"""What a worker says about new pictures, and the sealed ones."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import UserError
from core.evaluation.appearance import appearance
from core.runs import Run
from core.spec import ImageConfig
from core.training import answer
from core.training.image_prepare import prepare_images
from core.training.image_trained import trained_images
from core.workspace import Workspace
from tests.core.training.image_cases import SIZE, drawn, image_config, pictures, trained


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A network that has learned to tell stripes across from stripes down."""
    workspace = Workspace(tmp_path_factory.mktemp("learned"))
    return trained(workspace, image_config(workspace, pictures(40), epochs=12))


def ask(question: str, run: Run, *values: object) -> dict:
    return answer(question, str(run.workspace.root), run.id, *values)


def new(kind: str, count: int = 20) -> np.ndarray:
    """Pictures that nobody has seen yet."""
    return np.stack([drawn(kind, 1000 + number) for number in range(count)])


def test_network_tells_new_pictures_apart(run: Run) -> None:
    assert run.metrics()["parts"]["validation"]["metrics"]["accuracy"]["value"] > 0.8
    across, down = (ask("predict_pixels", run, new(kind)) for kind in ("across", "down"))
    assert across["probabilities"].shape == (20, 2) and across["logits"].shape == (20, 1)
    assert (across["probabilities"].argmax(axis=1) == 0).mean() > 0.8
    assert (down["probabilities"].argmax(axis=1) == 1).mean() > 0.8
    np.testing.assert_allclose(down["probabilities"][:, 1], 1 / (1 + np.exp(-down["logits"][:, 0])), atol=1e-6)


def test_noise_and_another_kind_of_picture_are_unlike_far_more_often_than_known_kinds(run: Run) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (20, SIZE, SIZE, 3), dtype=np.uint8)
    odd = {name: ask("predict_pixels", run, pixels) for name, pixels in (("noise", noise), ("disc", new("disc")))}
    known = [ask("predict_pixels", run, new(kind)) for kind in ("across", "down")]
    prepared = prepare_images(run.image_config, run.workspace)
    validation = ask("predict_pixels", run, prepared.pixels[prepared.dataset.split.validation])
    assert validation["unlike"].mean() <= 0.1
    assert np.mean([each["unlike"].mean() for each in known]) <= 0.1
    assert odd["noise"]["unlike"].all()
    assert odd["disc"]["unlike"].mean() > 0.5
    assert odd["noise"]["distance"].max() == 0.0
    assert np.median(known[0]["distance"]) > 0.2


def test_a_look_that_nobody_has_seen_counts_where_the_network_is_blind_to_it(run: Run) -> None:
    trained = trained_images(str(run.workspace.root), run.id)
    activations, _ = trained.look(new("down"))
    noise = np.random.default_rng(0).integers(0, 256, (20, SIZE, SIZE, 3), dtype=np.uint8)
    assert trained.novelty is not None
    assert trained.novelty.judge((activations, appearance(new("down"))))[0].mean() <= 0.1
    assert trained.novelty.judge((activations, appearance(noise)))[0].all()


def test_one_picture_is_answered_like_many(run: Run) -> None:
    several = new("down", 5)
    together = ask("predict_pixels", run, several)
    alone = ask("predict_pixels", run, several[2:3])
    for name, values in together.items():
        np.testing.assert_allclose(alone[name], values[2:3], atol=1e-5)


def test_pictures_of_another_shape_are_refused_in_words(run: Run) -> None:
    with pytest.raises(UserError, match="received 8 x 8 x 1"):
        ask("predict_pixels", run, np.zeros((1, 8, 8, 1), np.uint8))


def test_sealed_pictures_are_scored_when_opened(run: Run) -> None:
    found = ask("open_test", run)
    frame = run.predictions(sealed=True)
    assert run.test() == found and frame is not None
    assert set(frame["part"]) == {"test"} and found["parts"]["test"]["rows"] == len(frame) == 16
    assert list(frame.columns[:4]) == ["row", "part", "id", "file"]
    assert found["verdict"]["sentence"] and {line["key"] for line in found["baselines"]} == {"majority", "logistic"}
    right = (frame["prediction"] == frame["y_true"]).mean()
    assert found["parts"]["test"]["metrics"]["accuracy"]["value"] == pytest.approx(right)
    assert sum(event["event"] == "test_opened" for event in run.events()) == 1
    learned = set(run.predictions()["id"])
    assert not learned & set(frame["id"])


def test_without_a_sealed_share_there_is_nothing_to_open(workspace: Workspace) -> None:
    config = image_config(workspace, pictures(12))
    split = config.data.split.change(test=0.0).model_dump()
    plain = Run.create(workspace, config.change(data={**config.data.model_dump(), "split": split}))
    with pytest.raises(UserError, match="no sealed test pictures"):
        ask("open_test", plain)


def test_run_without_a_network_says_so(workspace: Workspace) -> None:
    config: ImageConfig = image_config(workspace, pictures(12))
    with pytest.raises(UserError, match="no trained network yet"):
        ask("predict_pixels", Run.create(workspace, config), new("down", 1))
