"""A study's folder: members of all chunks in one order, curves without gaps, and what stays at each end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.errors import UserError
from core.spec import RunConfig, StudySpec
from core.studies import CURVES, Chunk, Study, all_studies
from core.workspace import Workspace
from tests.conftest import response

Draft = Callable[..., RunConfig]
# Three settings, two folds, two seeds; cut unevenly, and in no special order.
CHUNKS = [
    Chunk(0, (0, 2), ((1, 0), (0, 1), (1, 1))),
    Chunk(1, (0, 2), ((0, 0),)),
    Chunk(2, (1,), ((0, 0), (1, 0), (0, 1), (1, 1))),
]


@pytest.fixture
def study(workspace: Workspace, draft_of: Draft) -> Study:
    spec = {"run": draft_of(response()).model_dump(), "grid": {"l2": [0, 0.1, 0.2]}, "folds": 2, "seeds": 2}
    return Study.create(workspace, StudySpec.parse(spec), CHUNKS)


def board(chunk: Chunk, study: Study, **changes: object) -> dict[str, np.ndarray]:
    """A board on which each member's best epoch is its own place among all members."""
    place = study.members_of(chunk)
    values = {"epoch": place + 5, "best_epoch": place, "ended": place > 3, "diverged": place == 2}
    scores = np.broadcast_to(place / 10, (len(CURVES), *place.shape)) + np.arange(6)[:, None, None]
    return {**values, "scores": scores, **changes}


def test_members_of_chunks_are_those_of_the_spec(study: Study) -> None:
    members = study.spec.members
    seen = []
    for chunk in study.chunks:
        places = study.members_of(chunk)
        assert places.shape == (len(chunk.groups), len(chunk.settings))
        for group, row in zip(chunk.groups, places, strict=True):
            assert [members[place] for place in row] == [(setting, *group) for setting in chunk.settings]
        seen += places.ravel().tolist()
    assert sorted(seen) == list(range(12))
    assert list(study.chunks) == CHUNKS


def test_board_has_every_member_in_its_place(study: Study) -> None:
    fresh = study.board()
    assert (fresh.epoch == -1).all() and not fresh.ended.any() and np.isnan(fresh.scores).all()
    assert study.board_time == 0
    for chunk in study.chunks[:2]:
        study.save_board(chunk, board(chunk, study))
    found = study.board()
    own = np.sort(np.concatenate([study.members_of(chunk).ravel() for chunk in study.chunks[:2]]))
    rest = np.setdiff1d(np.arange(12), own)
    np.testing.assert_array_equal(found.best_epoch[own], own)
    np.testing.assert_array_equal(found.epoch[own], own + 5)
    np.testing.assert_array_equal(found.ended[own], own > 3)
    np.testing.assert_array_equal(np.flatnonzero(found.diverged), [2])
    np.testing.assert_allclose(found.scores[:, own], own / 10 + np.arange(6)[:, None], rtol=1e-6)
    assert (found.epoch[rest] == -1).all() and np.isnan(found.scores[:, rest]).all()
    assert study.board_time > 0


def curve(chunk: Chunk, study: Study, epoch: int) -> np.ndarray:
    return np.broadcast_to(study.members_of(chunk) + 100 * epoch, (6, len(chunk.groups), len(chunk.settings)))


def test_curves_of_all_chunks_stand_side_by_side(study: Study) -> None:
    assert study.curves()[1].shape == (0, 6, 12)
    for chunk, epochs in zip(study.chunks, (3, 1, 0), strict=True):
        study.append_curves(chunk, [curve(chunk, study, epoch) for epoch in range(epochs)])
    epochs, curves = study.curves()
    np.testing.assert_array_equal(epochs, [0, 1, 2])
    for chunk, known in zip(study.chunks, (3, 1, 0), strict=True):
        own = study.members_of(chunk).ravel()
        for epoch in range(3):
            expected = own + 100 * epoch if epoch < known else np.full(len(own), np.nan)
            np.testing.assert_array_equal(curves[epoch][:, own], np.broadcast_to(expected, (6, len(own))))


def test_torn_last_epoch_is_ignored_and_cut_off(study: Study) -> None:
    chunk = study.chunks[0]
    study.append_curves(chunk, [curve(chunk, study, 0), curve(chunk, study, 1)])
    with open(study.folder / "00.curves", "ab") as file:
        file.write(b"\0" * 13)
    assert len(study.curves()[0]) == 2
    study.cut_curves(chunk, 2)
    study.append_curves(chunk, [curve(chunk, study, 2)])
    curves = study.curves()[1]
    assert curves[2, 0, study.members_of(chunk)[0, 0]] == 200 + study.members_of(chunk)[0, 0]
    study.cut_curves(chunk, 1)
    assert len(study.curves()[0]) == 1
    study.cut_curves(chunk, 7)
    assert len(study.curves()[0]) == 1


def test_long_trainings_keep_every_which_epoch(workspace: Workspace, draft_of: Draft) -> None:
    steps = []
    for epochs in (500, 501, 10_000):
        run = draft_of(response(), epochs=epochs)
        steps.append(Study.create(workspace, StudySpec.parse({"run": run.model_dump()}), CHUNKS).curve_step)
    assert steps == [1, 2, 20]


def test_chunk_that_ended_needs_no_checkpoint(study: Study) -> None:
    first, second = study.chunks[:2]
    for chunk in (first, second):
        study.save_checkpoint(chunk, {"epoch": np.array(chunk.number)})
    study.save_chunk(first, {"000": np.ones(2)}, {"0-held": np.arange(3)})
    assert study.load_checkpoint(first) is None and study.load_checkpoint(second)["epoch"] == 1
    np.testing.assert_array_equal(study.weights(first)["000"], np.ones(2))
    np.testing.assert_array_equal(study.answers(first)["0-held"], np.arange(3))
    assert study.weights(second) is None and study.answers(second) is None


@pytest.mark.parametrize("event", ["finished", "stopped", "failed"])
def test_every_end_removes_what_only_training_needs(study: Study, event: str) -> None:
    study.save_checkpoint(study.chunks[1], {"epoch": np.array(1)})
    study.request_stop()
    study.save_result({"best": 1})
    study.fail("so", "do") if event == "failed" else study.finish(event, seconds=1.0)
    names = {path.name for path in study.folder.iterdir()}
    assert names - {"stop"} == {"study.json", "plan.json", "events.jsonl", "result.json"}
    assert study.result() == {"best": 1}


def test_result_is_plain_json(study: Study) -> None:
    with pytest.raises(ValueError, match="JSON"):
        study.save_result({"score": float("nan")})
    assert study.result() is None


def test_all_studies_are_listed_but_those_that_cannot_be_read(study: Study, workspace: Workspace) -> None:
    other = Study.create(workspace, study.spec, CHUNKS)
    broken = Study.create(workspace, study.spec, CHUNKS)
    (broken.folder / "study.json").write_text('{"version": 99}')
    half = Study.create(workspace, study.spec, CHUNKS)
    (half.folder / "plan.json").unlink()
    assert {found.id for found in all_studies(workspace)} == {study.id, other.id}


def test_deleted_study_is_a_sentence(study: Study, workspace: Workspace) -> None:
    study.delete()
    with pytest.raises(UserError, match="not here"):
        _ = study.spec
    with pytest.raises(UserError, match="not here"):
        Study(workspace, study.id)
    assert all_studies(workspace) == []
    with pytest.raises(UserError):
        Study(workspace, "../runs")


def test_study_is_called_as_the_person_says(study: Study) -> None:
    assert study.name == "table.csv, compared"
    study.rename("  my \n question ")
    assert study.name == "my question"
