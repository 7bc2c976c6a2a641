"""A run on pictures from its folder to its metrics, what is left of it, and what its sealed pictures do not change."""

from __future__ import annotations

import os

import keras
import numpy as np
import pandas as pd
import pytest

from core.data.images.pixels import pixels
from core.data.images.read import load_images
from core.errors import UserError
from core.progress import progress
from core.runs import Run
from core.spec import ImageConfig
from core.training import image_features, image_trained
from core.training.image_features import kept_features
from core.training.image_job import new_model
from core.training.image_prepare import PickedRows, prepare_images
from core.training.image_trained import MOST_ACTIVATIONS, folded, trained_images
from core.workspace import Workspace
from tests.core.training.image_cases import KINDS, image_config, pictures, trained, transfer

PROBABILITIES = ["probability_0", "probability_1"]


@pytest.fixture
def config(workspace: Workspace) -> ImageConfig:
    return image_config(workspace, pictures())


def finished(run: Run) -> Run:
    told = progress(run)
    assert told.state == "finished", told.problem
    return run


def kept(run: Run) -> pd.DataFrame:
    predictions = run.predictions()
    assert predictions is not None
    return predictions


def answers_of_file(run: Run, rows: np.ndarray) -> np.ndarray:
    """What the model file says about pictures of the set (rows from 1), opened as anybody would open it."""
    config = run.image_config
    every = pixels(run.workspace, load_images(run.workspace, config.data.source), config.data.size, config.data.color)
    return keras.models.load_model(run.model).predict(np.asarray(every)[rows - 1], verbose=0)


def test_run_ends_with_a_model_that_plain_keras_opens_and_that_gives_the_kept_predictions(
    workspace: Workspace, config: ImageConfig
) -> None:
    run = finished(trained(workspace, config))
    predictions, metrics, facts = kept(run), run.metrics(), run.dataset()
    assert metrics is not None and facts is not None
    assert [row["epoch"] for row in progress(run).history] == [0, 1, 2]
    assert (facts["kind"], facts["class_names"], facts["shape"]) == ("images", ["across", "down"], [16, 16, 3])
    rows = facts["rows"]
    assert predictions["part"].value_counts().to_dict() == {"train": rows["train"], "validation": rows["validation"]}
    assert rows["train"] + rows["validation"] + rows["test"] == 48
    answers = answers_of_file(run, predictions["row"].to_numpy())[:, 0]
    np.testing.assert_allclose(answers, predictions["probability_1"], atol=1e-4)
    images = load_images(workspace, config.data.source).images
    for row, file, id, y in predictions[["row", "file", "id", "y_true"]].itertuples(index=False):
        assert (images[row - 1].path, images[row - 1].id) == (file, id)
        assert file.startswith(facts["class_names"][y])
    assert {line["key"] for line in metrics["baselines"]} == {"majority", "logistic"}
    assert metrics["verdict"]["sentence"] and metrics["note"] == ""
    weights = [np.asarray(each) for each in keras.models.load_model(run.model).get_weights()]
    for one, other in zip(run.load_weights(), weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_several_grey_classes_with_some_left_out(workspace: Workspace) -> None:
    config = image_config(workspace, pictures(12, KINDS))
    ids = [image.id for image in load_images(workspace, config.data.source).images[:6]]
    data = config.data.change(color="grey", left_out=tuple(ids))
    run = finished(trained(workspace, config.change(data=data.model_dump())))
    predictions = kept(run)
    assert not set(ids) & set(predictions["id"])
    answers = answers_of_file(run, predictions["row"].to_numpy())
    np.testing.assert_allclose(answers, predictions[[*PROBABILITIES, "probability_2"]], atol=1e-4)


def test_only_training_pictures_are_varied(workspace: Workspace, config: ImageConfig) -> None:
    """A network that hardly moves gives every picture the same answer, however much the learned ones vary."""
    still = config.change(training=config.training.change(learning_rate=1e-30, epochs=1).model_dump())
    strong = still.change(augmentation={"noise": 1.0, "brightness": 1.0, "erase": 1.0})
    calm, varied = trained(workspace, still), trained(workspace, strong)
    pd.testing.assert_frame_equal(kept(calm), kept(varied))
    one, other = (progress(run).history[1] for run in (calm, varied))
    assert one["val_loss"] == pytest.approx(other["val_loss"], rel=1e-6)
    assert abs(one["loss"] - other["loss"]) > 1e-3


def test_classes_of_sealed_pictures_change_nothing_that_is_shown(workspace: Workspace, config: ImageConfig) -> None:
    dataset = prepare_images(config, workspace).dataset
    sealed = dataset.split.test
    swapped = tuple((dataset.ids[row], dataset.class_names[1 - dataset.y[row]]) for row in sealed)
    other = config.change(data=config.data.change(relabelled=swapped).model_dump())
    runs = [trained(workspace, each) for each in (config, other)]
    pd.testing.assert_frame_equal(*map(kept, runs))
    assert runs[0].metrics() == runs[1].metrics()
    for name in ("weights.npz", "novelty.npz"):
        one, two = (run._read_npz(name) for run in runs)
        for key in one:
            np.testing.assert_array_equal(one[key], two[key])


def test_training_starts_at_the_frequent_class_and_rare_classes_can_count_more(workspace: Workspace) -> None:
    files = pictures(24)
    rare = {path: content for path, content in files.items() if path.startswith("across") or "/1" in path}
    config = image_config(workspace, rare)
    prepared = prepare_images(config, workspace)
    train = prepared.dataset.split.train
    share = prepared.dataset.y[train].mean()
    bias = float(new_model(config, prepared).get_layer("output").bias[0])
    assert bias == pytest.approx(np.log(share / (1 - share)), abs=1e-5)
    assert bias < -0.3
    weighted = config.change(training=config.training.change(class_weights=True).model_dump())
    prepared = prepare_images(weighted, workspace)
    sums = [prepared.weight[train][prepared.dataset.y[train] == code].sum() for code in (0, 1)]
    assert sums[0] == pytest.approx(sums[1], rel=1e-5)
    assert float(new_model(weighted, prepared).get_layer("output").bias[0]) == pytest.approx(0.0, abs=1e-5)


def test_features_of_a_frozen_network_are_computed_once_and_give_what_the_whole_model_gives(
    workspace: Workspace, config: ImageConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = [{"kind": "Dense", "units": 4}, {"kind": "BatchNormalization"}, {"kind": "Dropout"}]
    frozen = transfer(config, preset="custom", layers=head).change(augmentation={"mirror": 0.5})
    first = finished(trained(workspace, frozen))
    assert any("EfficientNet-Lite0" in event.get("words", "") for event in first.events())
    assert "Augmentation had no part" in first.metrics()["note"]
    predictions = kept(first)
    answers = answers_of_file(first, predictions["row"].to_numpy())[:, 0]
    np.testing.assert_allclose(answers, predictions["probability_1"], atol=1e-4)
    _answers_as_its_file(first, predictions["probability_1"].to_numpy(), predictions["row"].to_numpy(), monkeypatch)
    monkeypatch.setattr(image_features, "features", lambda *_, **__: 1 / 0)
    left_out = frozen.data.change(left_out=(predictions["id"][0],)).model_dump()
    again = kept_features(
        frozen.change(data=left_out), workspace, load_images(workspace, config.data.source), lambda share: None
    )
    assert again.shape == (48, 1280)


def _answers_as_its_file(run: Run, answers: np.ndarray, rows: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """Predictions need no model file where the backbone is here, and are the same where it is not."""
    asked = pixels(run.workspace, load_images(run.workspace, run.image_config.data.source), run.image_config.data.size)
    quick = trained_images(str(run.workspace.root), run.id)
    np.testing.assert_allclose(quick.probabilities(asked[rows - 1])[:, 1], answers, atol=1e-4)
    assert "model" not in vars(quick)

    def gone(*_: object) -> None:
        raise UserError("The pretrained network is not installed.")

    monkeypatch.setattr(image_trained, "frozen_backbone", gone)
    os.utime(run.model)
    whole = trained_images(str(run.workspace.root), run.id)
    assert whole is not quick
    np.testing.assert_allclose(whole.probabilities(asked[rows - 1])[:, 1], answers, atol=1e-4)


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_features_that_are_damaged_are_computed_again(
    workspace: Workspace, config: ImageConfig, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    made = np.arange(48 * 1280, dtype=np.float32).reshape(48, 1280)
    monkeypatch.setattr(image_features, "features", lambda *_, **__: made)
    image_set = load_images(workspace, config.data.source)
    frozen = transfer(config)
    kept_features(frozen, workspace, image_set, lambda share: None)
    (path,) = image_set.folder.glob("features-*")
    if damage is None:
        np.save(path, made[:-1])
    else:
        path.write_bytes(damage)
    np.testing.assert_array_equal(kept_features(frozen, workspace, image_set, lambda share: None), made)
    np.testing.assert_array_equal(np.load(path), made)


def test_a_fold_is_held_out_and_other_pictures_stop_the_training(workspace: Workspace, config: ImageConfig) -> None:
    split = {**config.data.split.model_dump(), "folds": 3, "fold": 1}
    folded_config = config.change(data={**config.data.model_dump(), "split": split})
    prepared = prepare_images(folded_config, workspace)
    group = prepared.group(0)
    assert len(group.watch) and group.held is not None
    run = finished(trained(workspace, folded_config))
    predictions = kept(run)
    held = predictions.loc[predictions["part"] == "validation", "row"].to_numpy() - 1
    assert set(held) == set(prepared.dataset.indices[group.held])


def test_picked_rows_read_like_an_array() -> None:
    every = np.arange(60).reshape(10, 6)
    places = np.array([1, 4, 5, 9])
    picked = PickedRows(every, places)
    assert (picked.shape, picked.dtype, len(picked)) == ((4, 6), every.dtype, 4)
    np.testing.assert_array_equal(np.asarray(picked), every[places])
    np.testing.assert_array_equal(picked[np.array([3, 0])], every[[9, 1]])
    np.testing.assert_array_equal(picked[1:3], every[[4, 5]])
    np.testing.assert_array_equal(picked[2], every[5])


def test_many_activations_are_averaged_and_few_are_left_alone() -> None:
    few = np.random.default_rng(0).normal(size=(3, MOST_ACTIVATIONS))
    np.testing.assert_array_equal(folded(few), few)
    many = np.concatenate([few, 3 * few, few[:, :10]], axis=1)
    np.testing.assert_allclose(folded(many)[:, 10:], 4 * few[:, 10:] / 3)
    np.testing.assert_allclose(folded(many)[:, :10], 5 * few[:, :10] / 3)
