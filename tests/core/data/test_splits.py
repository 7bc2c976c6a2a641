"""Splits: disjoint, stratified, seeded, and never through a group."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.splits import Split, connected, quantile_bins, split
from core.errors import UserError
from core.spec import SplitSpec


def parts(result: Split) -> list[np.ndarray]:
    return [result.train, result.validation, result.test]


def sizes(result: Split) -> list[int]:
    return [len(part) for part in parts(result)]


def test_every_row_is_in_exactly_one_part_in_order() -> None:
    result = split(np.arange(103) % 3, "multiclass", SplitSpec())
    assert sorted(np.concatenate(parts(result)).tolist()) == list(range(103))
    for part in parts(result):
        assert part.dtype == np.int64
        assert (np.diff(part) > 0).all()


def test_class_shares_are_alike_in_every_part() -> None:
    y = np.repeat([0, 1, 2, 3], [18, 18, 18, 146])
    result = split(y, "multiclass", SplitSpec())
    assert sizes(result) == [120, 40, 40]
    for part, share in zip(parts(result), (0.6, 0.2, 0.2), strict=True):
        counts = np.bincount(y[part], minlength=4)
        assert np.abs(counts - share * np.array([18, 18, 18, 146])).max() < 1.5


def test_without_stratify_rows_are_drawn_regardless_of_class() -> None:
    y = np.repeat([0, 1], [500, 500])
    shares = {
        split(y, "binary", SplitSpec(stratify=False, seed=seed)).validation.tolist().__len__() for seed in range(5)
    }
    assert shares == {200}
    counts = {int(y[split(y, "binary", SplitSpec(stratify=False, seed=seed)).validation].sum()) for seed in range(8)}
    assert len(counts) > 1


def test_small_and_large_targets_are_in_every_part() -> None:
    y = np.random.default_rng(0).lognormal(size=200)
    result = split(y, "regression", SplitSpec())
    bins = quantile_bins(y)
    assert np.bincount(bins).tolist() == [20] * 10
    assert np.bincount(bins[result.test]).tolist() == [4] * 10
    assert np.bincount(bins[result.validation]).tolist() == [4] * 10


def test_bins_of_few_or_equal_targets_are_few() -> None:
    assert quantile_bins(np.arange(11.0)).max() == 1
    assert quantile_bins(np.ones(50)).tolist() == [0] * 50


def test_same_seed_same_split_other_seed_other_split() -> None:
    y = np.arange(60) % 2
    first, again, other = (split(y, "binary", SplitSpec(seed=seed)) for seed in (7, 7, 8))
    for left, right in zip(parts(first), parts(again), strict=True):
        np.testing.assert_array_equal(left, right)
    assert first.train.tolist() != other.train.tolist()


def test_group_never_straddles_a_split_and_classes_stay_balanced() -> None:
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 60, 600)
    y = (rng.random(60)[groups] + rng.random(600) > 1.4).astype(int)
    result = split(y, "binary", SplitSpec(), groups)
    owners = [set(groups[part].tolist()) for part in parts(result)]
    assert not owners[0] & owners[1] and not owners[0] & owners[2] and not owners[1] & owners[2]
    assert np.abs(np.array(sizes(result)) - [360, 120, 120]).max() <= 12
    rates = [y[part].mean() for part in parts(result)]
    assert max(rates) - min(rates) < 0.05


def test_one_huge_group_goes_to_training() -> None:
    groups = np.r_[np.zeros(50, int), np.arange(1, 51)]
    result = split(np.arange(100) % 2, "binary", SplitSpec(), groups)
    assert set(range(50)) <= set(result.train.tolist())
    assert sizes(result) == [60, 20, 20]


def test_three_groups_fill_three_parts() -> None:
    groups = np.repeat(["a", "b", "c"], 10)
    assert sizes(split(np.arange(30) % 2, "binary", SplitSpec(), groups)) == [10, 10, 10]


def test_every_class_is_in_training() -> None:
    y = np.zeros(100, int)
    y[[3, 50]] = 1
    y[[4, 51]] = 2
    for seed in range(20):
        result = split(y, "multiclass", SplitSpec(seed=seed, validation=0.4, test=0.4))
        assert set(y[result.train].tolist()) == {0, 1, 2}


def test_every_class_is_in_training_with_groups() -> None:
    groups = np.repeat(np.arange(10), 10)
    y = (groups >= 8).astype(int)
    for seed in range(20):
        assert set(y[split(y, "binary", SplitSpec(seed=seed), groups).train].tolist()) == {0, 1}


def test_no_test_part_when_its_share_is_zero() -> None:
    assert sizes(split(np.arange(50) % 2, "binary", SplitSpec(test=0.0))) == [40, 10, 0]


def test_smallest_table_fills_every_part() -> None:
    assert sizes(split(np.arange(10) % 2, "binary", SplitSpec(validation=0.05, test=0.05))) == [8, 1, 1]


@pytest.mark.parametrize(
    ("rows", "groups", "spec", "words"),
    [
        (2, None, SplitSpec(), "Only 2 rows can be used"),
        (0, None, SplitSpec(), "Only 0 rows can be used"),
        (20, np.zeros(20, int), SplitSpec(), "form only 1 group"),
        (20, np.arange(20) % 2, SplitSpec(), "3 parts are needed"),
        (20, None, SplitSpec(validation=0.5, test=0.5), "100%"),
    ],
)
def test_what_cannot_be_split_says_why(rows: int, groups: np.ndarray | None, spec: SplitSpec, words: str) -> None:
    with pytest.raises(UserError, match=words) as error:
        split(np.arange(rows) % 2, "binary", spec, groups)
    assert error.value.remedy


def test_chains_of_copies_and_groups_become_one() -> None:
    first = np.array([0, 0, 1, 1, 2, 3, 4])
    second = np.array([9, 8, 8, 7, 7, 5, 6])
    assert connected(first, second).tolist() == [0, 0, 0, 0, 0, 1, 2]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=40))
def test_connected_equals_walking_the_links(pairs: list[tuple[int, int]]) -> None:
    labels = connected(np.array([a for a, _ in pairs]), np.array([b for _, b in pairs]))
    for start in range(len(pairs)):
        reached, edge = {start}, [start]
        while edge:
            a, b = pairs[edge.pop()]
            fresh = [i for i, (x, y) in enumerate(pairs) if (x == a or y == b) and i not in reached]
            reached.update(fresh)
            edge.extend(fresh)
        assert reached == set(np.flatnonzero(labels == labels[start]).tolist())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_table_is_split_whole_and_nowhere_empty(data: st.DataObject) -> None:
    rows = data.draw(st.integers(10, 80))
    y = np.array(data.draw(st.lists(st.integers(0, 4), min_size=rows, max_size=rows)))
    groups = np.array(data.draw(st.lists(st.integers(0, 30), min_size=rows, max_size=rows)))
    validation, test = data.draw(st.sampled_from([(0.2, 0.2), (0.05, 0.05), (0.5, 0.4), (0.3, 0.0)]))
    parts_wanted = 3 if test else 2
    if len(set(groups.tolist())) < parts_wanted:
        return
    spec = SplitSpec(validation=validation, test=test, seed=data.draw(st.integers(0, 5)))
    result = split(y, "multiclass", spec, groups)
    assert sorted(np.concatenate(parts(result)).tolist()) == list(range(rows))
    assert [size > 0 for size in sizes(result)] == [True, True, test > 0]
    owners = [set(groups[part].tolist()) for part in parts(result)]
    assert sum(map(len, owners)) == len(set(groups.tolist()))


def test_a_handful_of_rows_is_split_without_a_sealed_test_and_every_class_is_learned() -> None:
    y = np.array([0, 1, 0])
    parts = split(y, "binary", SplitSpec())
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (2, 1, 0)
    assert set(y[parts.train]) == {0, 1}
