"""Chunks: every network once, none larger than the memory, work for every worker."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.spec import DataSpec, NetworkSpec, RunConfig, StudySpec, TableSource, TrainingSpec
from core.studies import Chunk
from core.study_plan import (
    MOST_TOGETHER,
    architectures,
    create_study,
    expected_seconds,
    memory_budget,
    needs,
    parameters,
    plan,
)
from core.study_progress import study_progress
from core.workspace import Workspace

DATA = DataSpec(source=TableSource(fingerprint="0" * 64, name="t.csv"), target="y", task="binary")
RUN = RunConfig(data=DATA, network=NetworkSpec(), training=TrainingSpec()).model_dump()
ROWS, INPUTS, CLASSES = 100, 8, 2
PLENTY = 10**9


def study(folds: int = 5, seeds: int = 3, **grid: object) -> StudySpec:
    return StudySpec.parse({"run": RUN, "grid": {"l2": [0, 0.1], **grid}, "folds": folds, "seeds": seeds})


def members_of(spec: StudySpec, chunks: list[Chunk]) -> Counter:
    return Counter((setting, *group) for chunk in chunks for setting in chunk.settings for group in chunk.groups)


def size_of(spec: StudySpec, chunk: Chunk) -> int:
    network = spec.network(spec.settings[chunk.settings[0]])
    member, group = needs(spec, network, ROWS, INPUTS, CLASSES)
    return len(chunk.groups) * (group + len(chunk.settings) * member)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 9), st.integers(1, 3), st.integers(0, 2), st.integers(1, 7), st.integers(2, 6), st.integers(1, 8),
    st.floats(1.0, 200.0),
)  # fmt: skip
def test_every_network_is_in_one_chunk_that_fits(
    rates: int, widths: int, depths: int, folds: int, seeds: int, workers: int, room: float
) -> None:
    spec = study(
        folds, seeds, l2=[r / 100 for r in range(rates)], units=range(2, 2 + widths), depth=range(1, 1 + depths)
    )
    largest = max(sum(needs(spec, spec.network(each), ROWS, INPUTS, CLASSES)) for each in spec.settings)
    budget = int(largest * room)
    chunks = plan(spec, ROWS, INPUTS, CLASSES, budget, workers)
    wanted = Counter((member.setting, member.fold, member.seed) for member in spec.members)
    assert members_of(spec, chunks) == wanted
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    for chunk in chunks:
        assert size_of(spec, chunk) <= budget
        assert len(chunk.settings) * len(chunk.groups) <= MOST_TOGETHER
        assert len({spec.settings[each][3:] for each in chunk.settings}) == 1
    alike = architectures(spec)
    assert max(len(chunk.groups) for chunk in chunks) <= -(-folds * seeds * len(alike) // workers)
    for own in alike:
        pieces = [chunk for chunk in chunks if chunk.settings[0] in own]
        assert len({len(chunk.settings) for chunk in pieces} | {0}) <= 3
        for settings_ in {chunk.settings for chunk in pieces}:
            sizes = [len(chunk.groups) for chunk in pieces if chunk.settings == settings_]
            assert max(sizes) - min(sizes) <= 1


def test_few_small_networks_are_one_chunk_a_worker() -> None:
    assert len(plan(study(), ROWS, INPUTS, CLASSES, PLENTY, 1)) == 1
    halves = plan(study(), ROWS, INPUTS, CLASSES, PLENTY, 2)
    assert [len(chunk.groups) for chunk in halves] == [8, 7]
    assert len(plan(study(units=[2, 3]), ROWS, INPUTS, CLASSES, PLENTY, 2)) == 2


def test_pieces_are_as_equal_as_can_be() -> None:
    spec = study(l2=[r / 100 for r in range(41)], folds=5, seeds=2)
    member, group = needs(spec, spec.network(spec.settings[0]), ROWS, INPUTS, CLASSES)
    chunks = plan(spec, ROWS, INPUTS, CLASSES, group + 20 * member, 1)
    assert Counter(len(chunk.settings) for chunk in chunks) == {14: 20, 13: 10}
    assert {len(chunk.groups) for chunk in chunks} == {1}


def test_a_program_holds_only_so_many_networks() -> None:
    spec = study(l2=[r / 100 for r in range(40)], dropout=[r / 10 for r in range(8)], folds=3, seeds=2)
    chunks = plan(spec, ROWS, INPUTS, CLASSES, 10**12, 1)
    assert {len(chunk.settings) for chunk in chunks} == {160}
    assert {len(chunk.groups) for chunk in chunks} == {1}


def test_one_network_that_does_not_fit_is_a_sentence() -> None:
    with pytest.raises(UserError, match=r"One network with its rows needs .* GB") as caught:
        plan(study(folds=2, seeds=1), 1000, 2_000_000, CLASSES, 10**9, 2)
    assert "fewer features" in caught.value.remedy


def test_more_weights_than_the_disk_should_hold_are_a_sentence() -> None:
    spec = study(l2=[r / 100 for r in range(40)], folds=10, seeds=5, units=[64])
    weights = parameters(spec, spec.settings[0], 5000, CLASSES)
    assert weights == 5000 * 64 + 64 + 64 + 1
    assert weights * 2000 * 4 < 4e9
    plan(spec, ROWS, 5000, CLASSES, PLENTY, 2)
    with pytest.raises(UserError, match=r"would take 5\.1 GB on the disk; at most 4 GB"):
        plan(spec, ROWS, 10_000, CLASSES, PLENTY, 2)


def test_new_study_waits_with_its_plan(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUFFIN_STUDY_MB", "300")
    monkeypatch.setenv("MUFFIN_WORKERS", "2")
    assert memory_budget() == 300_000_000
    made = create_study(workspace, study(), ROWS, INPUTS, CLASSES)
    assert study_progress(made).state == "queued"
    assert list(made.chunks) == plan(study(), ROWS, INPUTS, CLASSES)
    assert len(made.chunks) == 2


@pytest.mark.parametrize(("rows", "folds"), [(9, 2), (31, 16)])
def test_too_few_rows_for_so_many_parts_make_no_study(workspace: Workspace, rows: int, folds: int) -> None:
    with pytest.raises(UserError, match=f"beside the sealed ones; there are {rows}"):
        create_study(workspace, study(folds=folds), rows, INPUTS, CLASSES)
    assert list(workspace.studies()) == []
    create_study(workspace, study(folds=folds), rows + 1, INPUTS, CLASSES)


@pytest.mark.parametrize("wish", ["", "0", "lots", "-5"])
def test_a_wish_that_makes_no_sense_is_not_followed(wish: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUFFIN_STUDY_MB", wish)
    assert 200e6 <= memory_budget() <= 4e9


def test_longer_studies_are_expected_to_take_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUFFIN_WORKERS", "2")
    base = expected_seconds(study(), ROWS, INPUTS, CLASSES)
    assert 2 < base < expected_seconds(study(folds=10), ROWS, INPUTS, CLASSES)
    assert base < expected_seconds(study(units=[2, 512]), ROWS, INPUTS, CLASSES)
    assert base < expected_seconds(study(), ROWS * 50, INPUTS, CLASSES)
