"""Where a study stands, from its folder alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.spec import RunConfig, StudySpec
from core.studies import Chunk, Study
from core.study_progress import study_progress
from core.workspace import Workspace
from tests.conftest import response

CHUNKS = [Chunk(0, (0, 1), ((0, 0), (1, 0))), Chunk(1, (0, 1), ((0, 1), (1, 1)))]


@pytest.fixture
def study(workspace: Workspace, draft_of: Callable[..., RunConfig]) -> Study:
    run = draft_of(response(), epochs=10).model_dump()
    spec = {"run": run, "grid": {"l2": [0, 0.1]}, "folds": 2, "seeds": 2}
    return Study.create(workspace, StudySpec.parse(spec), CHUNKS)


def tell_board(study: Study, number: int, epoch: Any, ended: Any = False, diverged: Any = False) -> None:
    shape = (2, 2)
    values = {"epoch": epoch, "best_epoch": 0, "ended": ended, "diverged": diverged}
    board = {name: np.broadcast_to(np.asarray(value), shape) for name, value in values.items()}
    study.save_board(study.chunks[number], board | {"scores": np.zeros((6, *shape))})


def test_new_study_is_queued(study: Study) -> None:
    told = study_progress(study)
    assert (told.state, told.members, told.epochs, told.ended, told.epoch) == ("queued", 8, 10, 0, 0.0)
    assert (
        not told.done
        and told.seconds_left is None
        and told.stage == ""
        and told.last == pytest.approx(time.time(), abs=60)
    )


def test_running_study_counts_its_members_and_the_time_left(study: Study) -> None:
    study.append("started", chunk=0)
    study.append("stage", words="Training all networks")
    tell_board(study, 0, [[4, 8], [4, 8]], [[True, False], [False, False]], [[True, False], [False, False]])
    told = study_progress(study)
    assert (told.state, told.stage) == ("running", "Training all networks")
    assert (told.ended, told.diverged, told.members) == (1, 1, 8)
    assert told.epoch == pytest.approx(24 / 8)
    (study.folder / "events.jsonl").write_text('{"event": "started", "chunk": 0, "time": %f}\n' % (time.time() - 30))
    share = (1.0 + 0.8 + 0.4 + 0.8) / 8
    assert study_progress(study).seconds_left == pytest.approx(30 * (1 - share) / share, rel=0.05)


def test_time_left_is_unknown_at_the_very_beginning(study: Study) -> None:
    study.append("started", chunk=0)
    tell_board(study, 0, 0)
    assert study_progress(study).seconds_left is None


def test_last_sign_of_life_is_the_newest_of_events_and_board(study: Study) -> None:
    study.append("started", chunk=0)
    before = study.events()[-1]["time"]
    time.sleep(0.02)
    tell_board(study, 1, 1)
    assert study_progress(study).last == pytest.approx(study.board_time)
    assert study.board_time > before


@pytest.mark.parametrize("event", ["finished", "stopped"])
def test_good_ends_bring_their_facts(study: Study, event: str) -> None:
    study.append("started", chunk=0)
    study.append("stage", words="Comparing the settings")
    study.append(event, seconds=2.5)
    told = study_progress(study)
    assert (told.state, told.stage, told.facts, told.done) == (event, "", {"seconds": 2.5}, True)


def test_nothing_follows_an_end(study: Study) -> None:
    """Chunks run side by side: one may begin in the very moment in which another fails."""
    study.append("started", chunk=0)
    study.fail("No memory.", "Less.")
    study.append("started", chunk=1)
    study.append("stage", words="Training all networks")
    study.fail("Another.", "")
    study.append("stopped", seconds=1.0)
    told = study_progress(study)
    assert (told.state, told.problem, told.remedy, told.facts) == ("failed", "No memory.", "Less.", {})
