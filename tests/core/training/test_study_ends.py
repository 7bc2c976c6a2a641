"""Every way in which a study can end: runaway members, a stop, a deleted folder, a full disk, hardly any rows."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.errors import UserError
from core.spec import RunConfig
from core.studies import Chunk, Study
from core.study_progress import study_progress
from core.study_runs import refit
from core.training import study_end, study_job
from core.training.fit import Epoch, FitState
from core.training.questions import open_member
from core.training.study_end import conclude_study
from core.training.study_job import train_chunk
from core.training.study_telling import ChunkTelling
from core.workspace import Workspace
from tests.conftest import grades, response
from tests.core.training.study_cases import member_answers, member_weights, study_of, trained, with_network

Draft = Callable[..., RunConfig]
GRID = {"l2": [0.0, 0.1], "dropout": [0.3]}


def small(draft_of: Draft, frame: pd.DataFrame | None = None, **training: Any) -> RunConfig:
    values = {"epochs": 4, "patience": 4, "learning_rate": 0.05, "batch_size": 8, **training}
    return with_network(draft_of(response() if frame is None else frame, **values))


def plain_json(study: Study) -> Any:
    """The result; fails where the file holds what is not JSON."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads((study.folder / "result.json").read_text(), parse_constant=refuse)


def on_epoch(monkeypatch: pytest.MonkeyPatch, number: int, do: Callable[[], None]) -> None:
    """Do something in the middle of the training."""
    epoch = ChunkTelling.epoch

    def tell(self: ChunkTelling, told: Epoch, state: FitState) -> None:
        epoch(self, told, state)
        if told.epoch == number:
            do()

    monkeypatch.setattr(ChunkTelling, "epoch", tell)


@pytest.mark.parametrize("early_stopping", [True, False])
def test_member_that_runs_away_is_marked_and_the_others_go_on(
    workspace: Workspace, draft_of: Draft, early_stopping: bool
) -> None:
    config = small(draft_of, optimizer="sgd", learning_rate=0.2, epochs=30, patience=29, early_stopping=early_stopping)
    both = trained(study_of(workspace, config, {"l2": [0.0, 10.0]}, folds=2, seeds=1))
    alone = trained(study_of(workspace, config, {"l2": [0.0]}, folds=2, seeds=1))
    assert both.board().diverged.tolist() == [False, False, True, True]
    for mine, theirs in zip(member_weights(both)[:2], member_weights(alone), strict=True):
        for first, second in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(first, second, atol=1e-5)
    for mine, theirs in zip(member_answers(both)[:2], member_answers(alone), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-5)
    found = plain_json(both)
    assert study_progress(both).state == "finished" and study_progress(both).diverged == 2
    assert [each["result"] for each in found["settings"]] == ["best", "diverged"]
    assert (found["diverged"], found["best"]) == (2, 0)
    assert found["settings"][0]["scores"] == plain_json(alone)["settings"][0]["scores"]
    assert found["best_epochs"][1] is None
    with pytest.raises(UserError, match="no trained setting number 2"):
        refit(both, 1)
    if not early_stopping:
        assert np.isnan(both.board().scores[:, 2:]).sum() < 24
        with pytest.raises(UserError, match="ran away"):
            open_member(str(workspace.root), both.id, 2)


@pytest.mark.parametrize("early_stopping", [True, False])
def test_all_members_run_away_and_it_ends_with_a_sentence(
    workspace: Workspace, draft_of: Draft, early_stopping: bool
) -> None:
    config = small(draft_of, optimizer="sgd", learning_rate=10.0, epochs=30, early_stopping=early_stopping)
    layers = [{"kind": "Dense", "units": 4, "activation": "linear"}] * 2
    study = trained(study_of(workspace, with_network(config, *layers), {"l2": [0.0, 1.0]}, folds=2, seeds=1))
    found = plain_json(study)
    assert study_progress(study).state == "finished"
    assert found["diverged"] == 4 and found["best_epochs"] == [None, None]
    assert "best" not in [each["result"] for each in found["settings"]] or early_stopping
    assert found["sentence"].endswith(".") and "diverged" in found["sentence"] + " ".join(found["points"])


def test_stop_in_mid_study_keeps_what_is_there(
    workspace: Workspace, draft_of: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts = [((0, 1), [(0, 0), (1, 0)]), ((0, 1), [(0, 1), (1, 1)])]
    study = study_of(workspace, small(draft_of, epochs=9000, patience=1000), GRID, cuts, folds=2, seeds=2)
    on_epoch(monkeypatch, 3, study.request_stop)
    trained(study)
    told, found, board = study_progress(study), plain_json(study), study.board()
    assert told.state == "stopped" and told.facts["seconds"] >= 0
    assert found["best"] in (0, 1)
    begun = np.array([member.seed == 0 for member in study.spec.members])
    assert board.ended[begun].all() and (board.epoch[begun] >= 3).all() and (board.epoch[begun] < 9000).all()
    assert (board.epoch[~begun] == -1).all()
    for each in found["settings"]:
        assert [score is None for score in each["scores"]] == [False, False, True, True]
    assert not (study.folder / "stop").exists() and not list(study.folder.glob("*.checkpoint.npz"))
    with pytest.raises(UserError, match="no usable weights"):
        open_member(str(workspace.root), study.id, 2)
    run = open_member(str(workspace.root), study.id, 1)
    assert run in list(workspace.runs())


def test_stop_before_anything_began_is_no_result_and_no_failure(workspace: Workspace, draft_of: Draft) -> None:
    study = study_of(workspace, small(draft_of), GRID, folds=2, seeds=1)
    study.request_stop()
    trained(study)
    assert study_progress(study).state == "stopped"
    assert study.result() is None
    assert [event["event"] for event in study.events()] == ["queued", "stage", "stopped"]
    with pytest.raises(UserError, match="no trained setting"):
        refit(study, 0)


def test_stop_before_one_epoch_is_done_still_has_an_answer(
    workspace: Workspace, draft_of: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_of(workspace, small(draft_of, epochs=3), GRID, folds=2, seeds=1)
    on_epoch(monkeypatch, 0, study.request_stop)
    monkeypatch.setattr(ChunkTelling, "stop", lambda self: self.study.stop_requested)
    trained(study)
    assert study_progress(study).state == "stopped"
    assert (study.board().epoch == 0).all() and plain_json(study)["settings"]


@pytest.mark.parametrize("number", [None, 0, 2])
def test_deleted_study_is_nobodys_error(
    workspace: Workspace, draft_of: Draft, monkeypatch: pytest.MonkeyPatch, number: int | None
) -> None:
    study = study_of(workspace, small(draft_of), GRID, folds=2, seeds=1)
    if number is None:
        study.delete()
        root = str(workspace.root)
        assert train_chunk(root, study.id, 0) == 0 and conclude_study(root, study.id) == study.id
    else:
        on_epoch(monkeypatch, number, study.delete)
        trained_anyway(study)
    assert list(workspace.studies()) == []
    assert not (workspace.root / "studies" / study.id).exists()


def trained_anyway(study: Study) -> None:
    root = str(study.workspace.root)
    assert train_chunk(root, study.id, 0) == 0
    assert conclude_study(root, study.id) == study.id


@pytest.mark.parametrize("error", [FileNotFoundError("gone"), UserError("Gone.", "Home."), ValueError("gone")])
def test_study_deleted_while_it_is_judged_is_nobodys_error(
    workspace: Workspace, draft_of: Draft, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    study = trained(study_of(workspace, small(draft_of), GRID, folds=2, seeds=1), end=False)

    def deleted(*_: Any) -> None:
        study.delete()
        raise error

    monkeypatch.setattr(study_end, "judged", deleted)
    assert conclude_study(str(workspace.root), study.id) == study.id
    assert list(workspace.studies()) == []


@pytest.mark.parametrize("name", ["save_chunk", "save_board", "save_result"])
def test_full_disk_is_a_failure_with_its_reason(
    workspace: Workspace, draft_of: Draft, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    study = study_of(workspace, small(draft_of), GRID, folds=2, seeds=1)
    before = getattr(Study, name)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def save(self: Study, *values: Any) -> None:
        monkeypatch.setattr("core.studies.write_file", full)
        monkeypatch.setattr("core.record.write_file", full)
        before(self, *values)

    monkeypatch.setattr(Study, name, save)
    trained(study)
    told = study_progress(study)
    assert (told.state, told.problem.startswith("The disk is full")) == ("failed", True)
    assert told.remedy and study.result() is None
    assert not (study.folder / "reserve").exists()


def test_unexpected_error_goes_to_the_log_and_the_other_chunks_stay_quiet(
    workspace: Workspace, draft_of: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts = [((0, 1), [(0, 0)]), ((0, 1), [(1, 0)])]
    study = study_of(workspace, small(draft_of), GRID, cuts, folds=2, seeds=1)
    monkeypatch.setattr(study_job, "_answers", lambda *_: 1 / 0)
    trained(study)
    told = study_progress(study)
    assert told.state == "failed" and "ZeroDivisionError" in told.problem and "Traceback" not in told.problem
    assert "Traceback" in (study.folder / "log.txt").read_text()
    assert study.stop_requested
    assert [event.get("chunk") for event in study.events() if event["event"] == "started"] == [0]


def test_what_other_chunks_learned_is_judged_when_one_fails(
    workspace: Workspace, draft_of: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts = [((0, 1), [(0, 0)]), ((0, 1), [(1, 0)]), ((0, 1), [(2, 0)])]
    study = study_of(workspace, small(draft_of), GRID, cuts, folds=3, seeds=1)
    answer = study_job._answers

    def fail_last(shared: object, chunk: Chunk, *rest: object) -> object:
        if chunk.number == 2:
            raise MemoryError
        return answer(shared, chunk, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(study_job, "_answers", fail_last)
    trained(study)
    told, result = study_progress(study), study.result()
    assert told.state == "stopped" and told.facts["problem"].startswith("There was not enough memory")
    assert result is not None
    assert [[score is None for score in row["scores"]] for row in result["settings"]] == [[False, False, True]] * 2


def few(rows: int) -> pd.DataFrame:
    frame = response(rows)
    frame["response"] = np.arange(rows) * 1.5
    return frame


def one_value() -> pd.DataFrame:
    frame = response(40)
    frame["response"] = 5.0
    frame.loc[0, "response"] = 6.0
    return frame


def rare_class(rare: int) -> pd.DataFrame:
    frame = grades(40)
    frame["result"] = "pass"
    frame.loc[: rare - 1, "result"] = "fail"
    return frame


def two_persons() -> pd.DataFrame:
    frame = response(40)
    frame["person"] = np.arange(40) % 2
    return frame


def lone_class() -> pd.DataFrame:
    """All of one class belong to one person."""
    frame = grades(40)
    frame["person"] = np.arange(40) % 8
    frame["result"] = np.where(frame["person"] == 3, "fail", "pass")
    return frame


def config_of(draft_of: Draft, frame: pd.DataFrame, **split: Any) -> RunConfig:
    config = draft_of(frame, epochs=2, patience=2, batch_size=8)
    target = next(name for name in ("result", "response") if name in frame)
    group = "person" if "person" in frame else None
    task = "binary" if target == "result" else "regression"
    loss = "binary_crossentropy" if target == "result" else "mean_squared_error"
    data = {"target": target, "task": task, "group_column": group, "drop": [], "id_column": None}
    data["split"] = config.data.split.change(**split).model_dump()
    return config.change(
        data=config.data.change(**data).model_dump(),
        training=config.training.change(loss=loss).model_dump(),
        network={"preset": "custom", "layers": [{"kind": "Dense", "units": 3}]},
    )


TABLES: dict[str, tuple[pd.DataFrame, dict, dict]] = {
    "six rows": (few(6), {}, {"folds": 2, "seeds": 1}),
    "hold-outs of one row": (few(13), {"validation": 0.1, "test": 0.0}, {"folds": 1, "seeds": 3}),
    "folds of two rows": (few(10), {"test": 0.0}, {"folds": 5, "seeds": 1}),
    "one value": (one_value(), {}, {"folds": 2, "seeds": 1}),
    "two of a class": (rare_class(2), {}, {"folds": 3, "seeds": 1}),
    "four of a class": (rare_class(4), {}, {"folds": 3, "seeds": 2}),
    "two persons": (two_persons(), {"test": 0.0}, {"folds": 2, "seeds": 1}),
    "class of one person": (lone_class(), {"test": 0.0}, {"folds": 3, "seeds": 1}),
    "class of one person, hold-outs": (lone_class(), {"test": 0.0}, {"folds": 1, "seeds": 2}),
}


@pytest.mark.parametrize("name", TABLES)
def test_hardly_any_rows_are_a_sentence_or_a_sensible_result(workspace: Workspace, draft_of: Draft, name: str) -> None:
    frame, split, how_often = TABLES[name]
    study = trained(study_of(workspace, config_of(draft_of, frame, **split), {"l2": [0.0, 0.1]}, **how_often))
    told = study_progress(study)
    assert not (study.folder / "log.txt").exists(), (study.folder / "log.txt").read_text()
    if told.state == "failed":
        assert told.problem.endswith(".") and told.remedy
        assert study.result() is None
    else:
        assert told.state == "finished"
        found = plain_json(study)
        assert found["sentence"].endswith(".")
        assert len(found["settings"]) == 2
    assert (told.state == "failed") == (name in ("six rows", "two persons", "one value"))
    if "class of one" in name or name == "two of a class":
        # Parts in which everybody is alike are no proof of anything.
        assert study.result()["best"] is None and "could be judged" in study.result()["sentence"]
