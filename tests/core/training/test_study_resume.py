"""A worker that dies in mid-study: its chunk goes on from the checkpoint, as if nothing had happened."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from core.spec import RunConfig
from core.studies import Study
from core.study_progress import study_progress
from core.training.fit import Epoch, FitState
from core.training.study_job import train_chunk
from core.training.study_telling import ChunkTelling
from core.workspace import Workspace
from tests.conftest import response
from tests.core.training.study_cases import member_answers, member_weights, study_of, trained, with_network

Draft = Callable[..., RunConfig]
Make = Callable[[], Study]


class Death(BaseException):
    """What no code can catch."""


@pytest.fixture
def make(workspace: Workspace, draft_of: Draft) -> Make:
    config = with_network(draft_of(response(), epochs=9, patience=4, learning_rate=0.05, batch_size=8))
    return lambda: study_of(workspace, config, {"l2": [0.0, 0.1], "dropout": [0.3]}, folds=2, seeds=1)


@contextlib.contextmanager
def told() -> Iterator[list[int]]:
    """The epochs that are trained meanwhile."""
    seen: list[int] = []
    epoch = ChunkTelling.epoch

    def tell(self: ChunkTelling, each: Epoch, state: FitState) -> None:
        seen.append(each.epoch)
        epoch(self, each, state)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ChunkTelling, "epoch", tell)
        yield seen


def killed(study: Study, saved: int, died: int) -> None:
    """Train, save last after epoch ``saved``, and let the process die after epoch ``died`` was told."""
    checkpoint = ChunkTelling.checkpoint

    def save(self: ChunkTelling, state: FitState) -> None:
        if state.epoch <= saved:
            self.pause = 0.0
            checkpoint(self, state)
        if state.epoch == died:
            self.show(state)
            raise Death

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ChunkTelling, "checkpoint", save)
        with pytest.raises(Death):
            train_chunk(str(study.workspace.root), study.id, 0)


def same(one: Study, other: Study) -> None:
    for mine, theirs in zip(member_weights(one), member_weights(other), strict=True):
        for first, second in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(first, second, atol=1e-6)
    for mine, theirs in zip(member_answers(one), member_answers(other), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)
    np.testing.assert_allclose(one.curves()[1], other.curves()[1], atol=1e-6)
    for name in ("epoch", "best_epoch", "ended", "scores"):
        np.testing.assert_allclose(getattr(one.board(), name), getattr(other.board(), name), atol=1e-6)


@pytest.mark.parametrize(("saved", "died"), [(3, 5), (-1, 4), (4, 4)])
def test_resumed_chunk_equals_an_uninterrupted_one(make: Make, saved: int, died: int) -> None:
    whole, study = trained(make()), make()
    killed(study, saved, died)
    assert (study.load_checkpoint(study.chunks[0]) is not None) == (saved >= 0)
    assert study.board().epoch.max() == died and study.answers(study.chunks[0]) is None
    assert len(study.curves()[0]) == died + 1
    with open(study.folder / "00.curves", "ab") as file:
        file.write(b"torn")
    assert study_progress(study).state == "running"
    with told() as seen:
        trained(study)
    assert seen[0] == saved + 1
    same(whole, study)
    assert study_progress(study).state == "finished"
    assert len(study.curves()[0]) == whole.board().epoch.max() + 1 > died + 1
    assert not list(study.folder.glob("*.checkpoint.npz"))


def test_curves_of_long_trainings_have_no_gap_either(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only every second epoch is kept; the death comes between two of them."""
    monkeypatch.setattr("core.studies.MOST_EPOCHS", 5)
    whole, study = trained(make()), make()
    assert study.curve_step == 2
    killed(study, saved=3, died=4)
    trained(study)
    same(whole, study)
    np.testing.assert_array_equal(study.curves()[0], np.arange(0, whole.board().epoch.max() + 1, 2))


def test_two_deaths_are_forgiven_and_the_third_is_told(make: Make) -> None:
    study = make()
    for _ in range(2):
        killed(study, saved=-1, died=0)
    spared = make()
    spared.append_all([(study.folder / "events.jsonl").read_bytes()])
    assert study_progress(trained(spared)).state == "finished"
    killed(study, saved=-1, died=0)
    told_ = study_progress(trained(study))
    assert told_.state == "failed" and study.result() is None
    assert "3 times" in told_.problem and "memory" in told_.problem and told_.remedy
    assert "Traceback" not in told_.problem


def test_deaths_of_another_chunk_do_not_count(workspace: Workspace, make: Make) -> None:
    study = make()
    for _ in range(3):
        study.append("started", chunk=1)
    assert study_progress(trained(study)).state == "finished"


def test_chunk_that_ended_is_not_trained_again(make: Make) -> None:
    study = trained(make(), end=False)
    before = member_weights(study)
    with told() as seen:
        trained(study)
    assert seen == []
    assert study_progress(study).state == "finished"
    events = study.events()
    trained(study)
    assert study.events() == events
    np.testing.assert_array_equal(before[0][0], member_weights(study)[0][0])


def test_stopped_chunk_whose_worker_died_keeps_what_it_learned(make: Make) -> None:
    study = make()
    killed(study, saved=3, died=5)
    study.request_stop()
    with told() as seen:
        trained(study)
    assert study_progress(study).state == "stopped"
    assert study.result()["best"] is not None
    assert seen == [] or max(seen) < 9
