"""How a run on pictures goes on after its worker died, and every other way in which it can end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest

from core.network import backbone
from core.progress import progress
from core.runs import Run
from core.spec import ImageConfig
from core.training import image_features, image_job
from core.training.fit import FitState
from core.training.job import train_run
from core.training.telling import Checkpoints, Telling
from core.workspace import Workspace
from tests.core.training.image_cases import LAYERS, image_config, pictures, trained, transfer


@pytest.fixture
def config(workspace: Workspace) -> ImageConfig:
    return image_config(workspace, pictures())


class Killed(BaseException):
    """The worker's process ended."""


def dying_at(epochs: Iterator[int]) -> type[Checkpoints]:
    """Saves after every epoch, and dies after the next of some."""

    class Dying(Checkpoints):
        when = next(epochs)

        def __call__(self, state: FitState) -> None:
            self.last = -np.inf
            super().__call__(state)
            if self.told.before + state.epoch == Dying.when:
                Dying.when = next(epochs, -1)
                raise Killed

    return Dying


def resumed(workspace: Workspace, config: ImageConfig, monkeypatch: pytest.MonkeyPatch, *deaths: int) -> Run:
    """A run whose worker died after some epochs."""
    run = Run.create(workspace, config)
    with monkeypatch.context() as patch:
        patch.setattr(image_job, "Checkpoints", dying_at(iter(deaths)))
        for _ in deaths:
            with pytest.raises(Killed):
                train_run(str(workspace.root), run.id)
        train_run(str(workspace.root), run.id)
    assert [event["from_epoch"] for event in run.events() if event["event"] == "started"] == [None, *deaths]
    return run


def assert_equal(one: Run, other: Run) -> None:
    assert {progress(run).state for run in (one, other)} == {"finished"}
    pd.testing.assert_frame_equal(one.predictions(), other.predictions())
    curves = [[{**row, "time": 0} for row in progress(run).history] for run in (one, other)]
    assert curves[0] == curves[1]
    for a, b in zip(one.load_weights(), other.load_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_resumed_run_equals_an_uninterrupted_one(
    workspace: Workspace, config: ImageConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = [*LAYERS[:2], {"kind": "BatchNormalization"}, {"kind": "Dropout", "rate": 0.3}, LAYERS[2]]
    varied = config.change(augmentation={"noise": 0.3, "rotate": 0.1}, network={"preset": "custom", "layers": layers})
    assert_equal(trained(workspace, varied), resumed(workspace, varied, monkeypatch, 1))


def test_fine_tuning_goes_on_after_a_death_in_either_phase_and_is_taken_back_where_it_spoils(
    workspace: Workspace, config: ImageConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned = transfer(config, fine_tune_blocks=1, fine_tune_learning_rate=0.1)
    tuned = tuned.change(training=tuned.training.change(epochs=4, patience=4).model_dump())
    whole = trained(workspace, tuned)
    told = progress(whole)
    assert told.state == "finished", told.problem
    assert [row["epoch"] for row in told.history] == [*range(7)] and told.epochs == 6
    best = told.facts["best_epoch"]
    assert told.history[6]["val_loss"] > told.history[best]["val_loss"] and best <= 4
    rows = whole.predictions().query("part == 'validation'")
    right = np.where(rows["y_true"] == 1, rows["probability_1"], rows["probability_0"])
    assert -np.log(right).mean() == pytest.approx(told.history[best]["val_loss"], rel=1e-3)
    assert any("Fine-tuning the last block" in event.get("words", "") for event in whole.events())
    assert_equal(whole, resumed(workspace, tuned, monkeypatch, 2, 5))


def stopping_after(epochs: int) -> type[Telling]:
    """Somebody asks to stop after so many epochs."""

    class Stopping(Telling):
        told = -1

        def epoch(self, *values: object) -> None:
            super().epoch(*values)  # type: ignore[arg-type]
            Stopping.told += 1

        def stop(self) -> bool:
            if Stopping.told >= epochs:
                self.run.request_stop()
            return Stopping.told >= epochs

    return Stopping


def test_stopped_run_keeps_what_it_learned(
    workspace: Workspace, config: ImageConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_job, "Telling", stopping_after(1))
    run = trained(workspace, config.change(training=config.training.change(epochs=50).model_dump()))
    told = progress(run)
    assert (told.state, told.epoch, told.facts["epochs"]) == ("stopped", 1, 1)
    assert run.metrics() is not None and run.model.is_file()


@pytest.mark.parametrize("frozen", [False, True])
def test_stop_before_the_first_epoch_ends_the_run_at_once(
    workspace: Workspace, config: ImageConfig, frozen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(pixels: np.ndarray, batch: int, progress: Callable[[float], None], name: str) -> np.ndarray:
        run.request_stop()
        progress(0.5)
        raise AssertionError("the stop was not heard")

    monkeypatch.setattr(image_features, "features", slow)
    monkeypatch.setattr("core.training.telling.TELL_SECONDS", -1.0)
    run = Run.create(workspace, transfer(config) if frozen else config)
    if not frozen:
        run.request_stop()
    train_run(str(workspace.root), run.id)
    told = progress(run)
    assert (told.state, told.facts["epochs"], run.model.is_file()) == ("stopped", 0, False), told.problem


def test_upload_that_is_gone_is_a_failure_with_its_reason(workspace: Workspace, config: ImageConfig) -> None:
    workspace.upload(config.data.source.fingerprint).unlink()
    shutil.rmtree(workspace.root / "image_sets")
    told = progress(trained(workspace, config))
    assert (told.state, told.problem) == ("failed", "The uploaded zip is no longer there.")


def test_a_single_class_is_a_failure_with_its_reason(workspace: Workspace, config: ImageConfig) -> None:
    one = config.change(data=config.data.change(leave_out_classes=("down",)).model_dump())
    told = progress(trained(workspace, one))
    assert told.state == "failed" and "All pictures are of one class, 'across'" in told.problem and told.remedy


def test_training_that_runs_away_is_named(workspace: Workspace, config: ImageConfig) -> None:
    wild = config.training.change(optimizer="sgd", learning_rate=10.0, epochs=20, early_stopping=False, loss="hinge")
    layers = [{"kind": "Conv2D", "filters": 4, "activation": "linear"}] * 3 + [{"kind": "Flatten"}]
    layers += [{"kind": "Dense", "units": 8, "activation": "linear"}]
    network = {"preset": "custom", "layers": layers}
    told = progress(trained(workspace, config.change(training=wild.model_dump(), network=network)))
    assert told.state == "failed"
    assert "ran away" in told.problem and "learning rate" in told.remedy


def test_backbone_that_is_not_installed_is_named(
    workspace: Workspace, config: ImageConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backbone, "_state", lambda: backbone.weights_path())
    monkeypatch.setattr(backbone.importlib.util, "find_spec", lambda name: None)
    told = progress(trained(workspace, transfer(config)))
    assert told.state == "failed"
    assert "EfficientNet-Lite0 is not installed" in told.problem and "pip install" in told.remedy


def test_run_that_killed_its_worker_three_times_ends_as_failed(workspace: Workspace, config: ImageConfig) -> None:
    run = Run.create(workspace, config)
    for _ in range(3):
        run.append("started", from_epoch=None)
    train_run(str(workspace.root), run.id)
    told = progress(run)
    assert told.state == "failed" and "smaller pictures" in told.remedy


def test_impossible_layers_are_named(workspace: Workspace, config: ImageConfig) -> None:
    network = {"preset": "custom", "layers": [{"kind": "Dense", "units": 4}]}
    told = progress(trained(workspace, config.change(network=network)))
    assert told.state == "failed" and "Layer 1, Dense, takes single values" in told.problem
