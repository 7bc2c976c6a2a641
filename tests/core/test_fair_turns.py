"""Whoever comes second waits for one piece of the first visitor's work, not for all of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from distributed import Client, LocalCluster
from hypothesis import given
from hypothesis import strategies as st

import core.training
from core import turns
from core.cluster import ONE_TRAINING
from core.engine import SCHEDULER, Engine
from core.limits import LIMITS, PROJECT_FILE
from core.runs import Run
from core.spec import DataSpec, NetworkSpec, RunConfig, StudySpec, TableSource, TrainingSpec
from core.studies import Chunk, Study
from core.turns import QUESTIONS, WORK, owner_of, priority_of, take_turns
from core.workspace import Workspace

PATIENCE = 30
DATA = DataSpec(source=TableSource(fingerprint="0" * 64, name="t.csv"), target="y", task="binary")
CONFIG = RunConfig(data=DATA, network=NetworkSpec(), training=TrainingSpec())


class Room:
    """A scheduler that only remembers: pieces are given a round as they come, and done in order of their rounds."""

    def __init__(self) -> None:
        self.tasks: dict[str, SimpleNamespace] = {}

    def ask(self, owner: str, pieces: int, kinds: tuple[str, ...] = WORK) -> list[int]:
        start = len(self.tasks)
        keys = [f"{kinds[0]}-{owner}-{start + number}" for number in range(pieces)]
        rounds = take_turns(kinds, owner, keys, self)
        for key, round in zip(keys, rounds, strict=True):
            self.tasks[key] = SimpleNamespace(state="waiting", priority=(-priority_of(kinds, round), len(self.tasks)))
        return rounds

    def done(self) -> str:
        """Do the next piece; whose it was."""
        waiting = {key: task for key, task in self.tasks.items() if task.state == "waiting"}
        key = min(waiting, key=lambda key: waiting[key].priority)
        self.tasks[key].state = "memory"
        return key.split("-")[1]


@pytest.fixture(autouse=True)
def nothing_promised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Nobody waits yet, and as much as one likes may wait."""
    (tmp_path / "limits.toml").write_text(PROJECT_FILE.read_text().replace("queued = 5 ", "queued = 100 "))
    monkeypatch.setenv(LIMITS, str(tmp_path / "limits.toml"))
    turns._promised.clear()
    yield
    turns._promised.clear()


def test_second_visitor_comes_after_one_piece_of_the_first() -> None:
    room = Room()
    room.ask("a", 20)
    room.done()
    room.ask("b", 1)
    assert [room.done(), room.done()] == ["a", "b"]


def test_steady_stream_of_new_pieces_does_not_starve_a_long_queue() -> None:
    room = Room()
    room.ask("a", 50)
    order = []
    for _ in range(20):
        room.ask("b", 1)
        order.append(room.done())
    assert order.count("a") >= 9


def test_late_comer_shares_evenly_with_who_has_waited() -> None:
    room = Room()
    room.ask("a", 10)
    for _ in range(5):
        room.done()
    room.ask("b", 5)
    assert sorted([room.done(), room.done()]) == ["a", "b"]


def test_piece_that_is_handed_over_twice_keeps_its_round() -> None:
    room = Room()
    room.ask("a", 3)
    keys = list(room.tasks)
    assert take_turns(WORK, "a", keys, room) == [0, 1, 2]


def test_pieces_that_are_still_on_their_way_have_their_round() -> None:
    room = Room()
    assert take_turns(WORK, "a", ["train-a-1"], room, 0.0) == [0]
    assert take_turns(WORK, "a", ["train-a-2"], room, 1.0) == [1]
    assert take_turns(WORK, "a", ["train-a-3"], room, 60.0) == [0]


def test_questions_have_rounds_of_their_own_and_come_first() -> None:
    room = Room()
    room.ask("a", 3)
    assert room.ask("a", 2, QUESTIONS) == [0, 1]
    assert room.done() == "a" and [key for key, task in room.tasks.items() if task.state == "memory"] == ["ask-a-3"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4), st.integers(0, 3)), max_size=30))
def test_nobody_waits_for_more_than_one_round_of_the_others(steps: list[tuple[str, int, int]]) -> None:
    """While somebody waits, nobody else is served twice more often than he is."""
    turns._promised.clear()
    room, served = Room(), {name: 0 for name in "abc"}
    since: dict[str, dict[str, int]] = {}

    def waits(name: str) -> bool:
        return any(key.split("-")[1] == name and task.state == "waiting" for key, task in room.tasks.items())

    for owner, pieces, done in steps:
        if pieces and not waits(owner):
            since[owner] = dict(served)
        room.ask(owner, pieces)
        for _ in range(done):
            if any(task.state == "waiting" for task in room.tasks.values()):
                served[room.done()] += 1
                for name in filter(waits, since):
                    own = served[name] - since[name][name]
                    assert all(served[each] - since[name][each] <= own + 2 for each in "abc" if each != name)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """One worker that trains one at a time, in this process; its address is what every engine connects to."""
    monkeypatch.delenv(SCHEDULER, raising=False)
    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, protocol="tcp://", dashboard_address=":0",
        resources=ONE_TRAINING,
    ) as made:  # fmt: skip
        address = made.scheduler_address
        monkeypatch.setattr(Engine, "_connect", lambda _: Client(address, set_as_default=False))
        yield address


class Done:
    """Whose work was done, in order: the names of a visitor's folder and of a run. Nothing is before `begin`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self) -> None:
        self.path.with_name("begin").touch()

    @property
    def order(self) -> list[tuple[str, str]]:
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        return [(folder, name) for folder, name in map(str.split, lines)]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Done:
    """Nothing is trained."""
    path, begin = str(tmp_path / "done"), tmp_path / "begin"

    def work(root: str, name: str, *_: object) -> str:
        while not begin.exists():
            time.sleep(0.01)
        with open(path, "a") as file:
            file.write(f"{root.rpartition('/')[2]} {name}\n")
        return name

    monkeypatch.setattr(core.training, "start_training", work)
    monkeypatch.setattr(core.training, "start_chunk", work)
    monkeypatch.setattr(core.training, "end_study", lambda root, study, *chunks: study)
    return Done(Path(path))


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def arrived(engine: Engine, pieces: int) -> None:
    """Wait until so many pieces, done or not, have reached the worker."""

    def known(dask_scheduler: Any) -> int:
        return sum(str(key).startswith(("train-", "study-", "ask-")) for key in dask_scheduler.tasks)

    wait(lambda: engine.client().run_on_scheduler(known) == pieces)
    time.sleep(0.3)


def study_in(workspace: Workspace, chunks: int) -> Study:
    spec = StudySpec.parse({"run": CONFIG.model_dump(), "grid": {"l2": [0.0, 0.1]}, "folds": chunks, "seeds": 1})
    return Study.create(workspace, spec, [Chunk(number, (0, 1), ((number, 0),)) for number in range(chunks)])


def test_one_run_of_another_visitor_is_among_the_first_of_twenty_also_from_another_server(
    workspace: Workspace, cluster: str, done: Done
) -> None:
    first, second = workspace.visitor("a"), workspace.visitor("b")
    engines = Engine(workspace), Engine(workspace)
    study = study_in(first, 10)
    engines[0].submit_study(study)
    runs = [Run.create(first, CONFIG) for _ in range(10)]
    for run in runs:
        engines[0].submit(run)
    late = Run.create(second, CONFIG)
    engines[1].submit(late)
    arrived(engines[1], 21)
    done.begin()
    wait(lambda: len(done.order) == 21)
    assert done.order.index((second.root.name, late.id)) == 1
    assert [name for folder, name in done.order if folder == first.root.name] == [study.id] * 10 + [
        run.id for run in runs
    ]
    for engine in engines:
        engine.client().close()


def test_turns_stay_fair_when_all_that_waits_is_taken_up_again(workspace: Workspace, cluster: str, done: Done) -> None:
    first, second = workspace.visitor("a"), workspace.visitor("b")
    for _ in range(8):
        Run.create(first, CONFIG)
    late = Run.create(second, CONFIG)
    engine = Engine(workspace)
    for each in sorted(workspace.everyone(), key=lambda each: each.root.name == second.root.name):
        engine.recover(each)
    arrived(engine, 9)
    done.begin()
    wait(lambda: len(done.order) == 9)
    assert done.order.index((second.root.name, late.id)) == 1
    engine.client().close()


def test_two_servers_that_take_up_the_same_run_submit_it_once(workspace: Workspace, cluster: str, done: Done) -> None:
    runs = [Run.create(workspace, CONFIG) for _ in range(3)]
    study = study_in(workspace, 2)
    engines = Engine(workspace), Engine(workspace)
    threads = [threading.Thread(target=engine.recover, args=(workspace,)) for engine in engines for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    arrived(engines[0], 5)
    done.begin()
    wait(lambda: len(done.order) >= 5)
    time.sleep(0.3)
    assert sorted(name for _, name in done.order) == sorted([*(run.id for run in runs), study.id, study.id])
    for engine in engines:
        engine.client().close()


@pytest.mark.parametrize("shared", [False, True])
def test_questions_of_one_visitor_do_not_starve_those_of_another(
    workspace: Workspace, cluster: str, done: Done, shared: bool
) -> None:
    """Neither about what each has, nor about what somebody shared with both."""
    askers = [str(workspace.visitor(name).root) for name in "ab"]
    first, second = [str(workspace.visitor("c").root)] * 2 if shared else askers
    engine = Engine(workspace)
    engine.client()
    ask = partial(engine.ask, core.training.start_training)
    whose = [{"asker": asker} if shared else {} for asker in askers]
    threads = [threading.Thread(target=ask, args=("first", first), kwargs=whose[0]) for _ in range(20)]
    for thread in threads:
        thread.start()
    arrived(engine, 20)
    late = threading.Thread(target=ask, args=("second", second), kwargs=whose[1])
    late.start()
    threads.append(late)
    arrived(engine, 21)
    done.begin()
    wait(lambda: len(done.order) == 21)
    # Two are being answered, and Dask sends two more ahead.
    assert [name for name, _ in done.order].index("second") <= 4
    for thread in threads:
        thread.join(PATIENCE)
    engine.client().close()


def test_keys_tell_owners_apart() -> None:
    assert owner_of("/a/visitors/b") != owner_of("/a/visitors/c")
    assert "-" not in owner_of("/a")
