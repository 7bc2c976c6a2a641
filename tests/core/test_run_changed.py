"""A run with corrected pictures is held against the one before, on pictures that neither has learned from."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.images.read import load_images
from core.evaluation.compare import paired_difference
from core.run_changed import run_before, what_changed
from core.runs import Run, all_runs
from core.spec import ImageConfig
from core.workspace import Workspace
from tests.pages.made_images import image_config, image_run


def corrected(config: ImageConfig, **data: object) -> ImageConfig:
    return config.change(data=config.data.change(**data).model_dump())


@pytest.fixture(autouse=True)
def ids_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are told apart by the second in which they began; these begin one after the other."""
    numbers = iter(range(100))
    monkeypatch.setattr("core.runs.new_id", lambda: f"20260101-0000{next(numbers):02d}-abcdef")


def validation(run: Run) -> list[str]:
    frame = run.predictions()
    assert frame is not None
    return frame[frame["part"] == "validation"]["id"].tolist()


def test_the_run_before_differs_in_pictures_alone(workspace: Workspace) -> None:
    config = image_config(workspace)
    first = image_run(workspace, config)
    ids = validation(first)
    image_run(workspace, config.change(training=config.training.change(epochs=11).model_dump()))
    second = image_run(workspace, corrected(config, left_out=(ids[0],)))
    third = image_run(workspace, corrected(config, left_out=(ids[0],), relabelled=((ids[1], "cross"),)))
    again = image_run(workspace, corrected(config, relabelled=((ids[1], "cross"),), left_out=(ids[0],)))
    before = {run.id: run_before(run, all_runs(workspace)) for run in all_runs(workspace)}
    assert before[first.id] is None
    assert before[second.id].id == first.id  # type: ignore[union-attr]
    assert before[third.id].id == second.id  # type: ignore[union-attr]
    assert before[again.id].id == second.id  # type: ignore[union-attr]


def test_scores_are_of_shared_pictures_by_the_classes_as_they_are_now(workspace: Workspace) -> None:
    config = image_config(workspace, each=40)
    first = image_run(workspace, config, wrong=0.4)
    ids = validation(first)
    frame = first.predictions()
    assert frame is not None
    frame = frame.set_index("id").loc[ids]
    wrong = frame[(frame["y_true"] != frame["prediction"]) & (frame["y_true"] == 0)].index[0]
    second = image_run(workspace, corrected(config, left_out=(ids[-1],), relabelled=((wrong, "cross"),)), 0.1, seed=2)
    found = what_changed(first, second)
    assert (found.left_out, found.taken_in, found.relabelled) == (1, 0, 1)
    assert (found.shared, found.metric) == (len(ids) - 1, "accuracy")
    now = second.predictions()
    assert now is not None
    now = now.set_index("id").loc[ids[:-1]]
    truth = frame.loc[ids[:-1], "y_true"].to_numpy().copy()
    truth[ids.index(wrong)] = 1
    old = frame.loc[ids[:-1]]
    assert found.before is not None and found.after is not None and found.difference is not None
    assert found.before["value"] == pytest.approx((old["prediction"] == truth).mean())
    assert found.after["value"] == pytest.approx((now["prediction"] == truth).mean())
    tables = [each[["probability_0", "probability_1"]].to_numpy() for each in (now, old)]
    assert found.difference == pytest.approx(paired_difference("binary", "accuracy", truth, *tables))
    differs = old["prediction"].to_numpy() != now["prediction"].to_numpy()
    assert sorted(found.answers["id"]) == sorted(np.array(ids[:-1])[differs])
    gained = (found.answers["after"] == found.answers["y_true"]).tolist()
    assert gained == sorted(gained, reverse=True) and True in gained


def test_other_classes_have_no_common_score_but_answers_that_changed(workspace: Workspace) -> None:
    config = image_config(workspace, classes=3)
    first = image_run(workspace, config, wrong=0.9)
    ids = validation(first)
    crosses = [each.id for each in load_images(workspace, config.data.source).images if each.class_name == "cross"]
    second = image_run(workspace, corrected(config, left_out=tuple(crosses), task="binary"))
    third = run_before(second, all_runs(workspace))
    assert third is not None and third.id == first.id
    found = what_changed(first, second)
    assert found.before is None and found.difference is None and found.result is None
    assert 0 < found.shared < len(ids)
    assert set(found.answers["before"]) <= {-1, 0, 1} and -1 in set(found.answers["before"])


def test_lost_predictions_share_nothing(workspace: Workspace) -> None:
    config = image_config(workspace)
    first = image_run(workspace, config)
    second = image_run(workspace, corrected(config, left_out=(validation(first)[0],)))
    (second.folder / "predictions.parquet").unlink()
    found = what_changed(first, second)
    assert (found.shared, found.before, len(found.answers)) == (0, None, 0)
