"""Every row is held out once a repetition, groups stay whole, and nobody is scored by rows that stopped it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.folds import divide, fold_of
from core.data.splits import Split, split
from core.errors import UserError
from core.spec import SplitSpec

SPEC = SplitSpec(validation=0.2, test=0.2, seed=3)


def folds_of(y: np.ndarray, count: int, groups: np.ndarray | None = None, repeat: int = 0) -> list[Split]:
    return [divide(y, "binary", SPEC.change(folds=count, fold=fold, repeat=repeat), groups) for fold in range(count)]


def test_without_folds_it_is_the_plain_split() -> None:
    y = np.arange(50) % 2
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(divide(y, "binary", SPEC), part), getattr(split(y, "binary", SPEC), part))


def test_every_row_that_is_not_sealed_is_held_out_exactly_once() -> None:
    y = np.arange(103) % 3
    parts = folds_of(y, 5)
    sealed = split(y, "binary", SPEC).test
    held = np.concatenate([part.validation for part in parts])
    np.testing.assert_array_equal(np.sort(held), np.setdiff1d(np.arange(103), sealed))
    for part in parts:
        np.testing.assert_array_equal(part.test, sealed)
        every = np.concatenate([part.train, part.watch, part.validation, part.test])
        np.testing.assert_array_equal(np.sort(every), np.arange(103))
        assert len(part.watch) > 0.15 * (len(part.train) + len(part.watch))


def test_classes_are_spread_evenly_over_folds() -> None:
    y = (np.arange(200) % 5 == 0).astype(int)
    assert {int(y[part.validation].sum()) for part in folds_of(y, 4)} == {8}


def test_repetitions_divide_differently_and_the_sealed_rows_stay() -> None:
    y = np.arange(60) % 2
    one, two = folds_of(y, 3)[0], folds_of(y, 3, repeat=1)[0]
    assert (one.validation != two.validation).any()
    np.testing.assert_array_equal(one.test, two.test)


def test_one_fold_draws_validation_rows_anew_for_each_repetition() -> None:
    y = np.arange(100) % 2
    draws = [divide(y, "binary", SPEC.change(folds=1, repeat=repeat)) for repeat in range(3)]
    assert [len(part.validation) for part in draws] == [16, 16, 16]
    assert len({tuple(part.validation) for part in draws}) == 3


def test_learning_from_all_rows_leaves_only_the_sealed_ones() -> None:
    y = np.arange(40) % 2
    part = divide(y, "binary", SPEC.change(learn_from_all=True))
    assert (len(part.train), len(part.validation), len(part.test)) == (32, 0, 8)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(40, 120), units=st.integers(24, 60), count=st.integers(2, 6), classes=st.integers(2, 4),
    seed=st.integers(0, 5),
)  # fmt: skip
def test_groups_never_straddle_and_every_class_can_be_learned(
    rows: int, units: int, count: int, classes: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    y, groups = random.integers(classes, size=rows), random.integers(units, size=rows)
    try:
        parts = folds_of(y, count, groups)
    except UserError:
        assert len(np.unique(groups)) < 3 * count
        return
    pool = np.concatenate([parts[0].train, parts[0].validation, parts[0].watch])
    enough = {c for c in range(classes) if len(np.unique(groups[pool][y[pool] == c])) >= 3}
    for part in parts:
        sides = [set(groups[rows].tolist()) for rows in (part.train, part.watch, part.validation, part.test)]
        assert sum(map(len, sides)) == len(set.union(*sides))
        assert enough <= set(y[part.train].tolist())


def test_a_class_of_one_row_is_never_held_out() -> None:
    y = np.array([1] + [0] * 29)
    assert fold_of(y, "binary", SPEC.change(folds=3))[0] == -1
    assert set(fold_of(y, "binary", SPEC.change(folds=3))[1:].tolist()) == {0, 1, 2}


@pytest.mark.parametrize(
    ("rows", "groups", "folds", "words"),
    [(6, None, 2, "at least 10 rows"), (30, np.arange(30) % 4, 5, "at least 6"), (20, None, 15, "at least 30 rows")],
)
def test_too_few_rows_or_groups_are_said(rows: int, groups: np.ndarray | None, folds: int, words: str) -> None:
    spec = SplitSpec(validation=0.2, test=0.0, folds=folds)
    with pytest.raises(UserError, match=words):
        divide(np.arange(rows) % 2, "binary", spec, groups)


def test_no_fold_holds_out_nothing() -> None:
    """One person fills a fold, and is the only one of a class, so that the fold would be learned from."""
    refused = 0
    for seed in range(300):
        generator = np.random.default_rng(seed)
        groups = generator.integers(generator.integers(4, 8), size=generator.integers(12, 40))
        for fold in range(3):
            spec = SplitSpec(test=0.0, folds=3, fold=fold, stratify=False, seed=seed)
            try:
                parts = divide((groups == 0).astype(int), "binary", spec, groups)
            except UserError as error:
                refused += "would hold out no row" in error.problem
            else:
                assert len(parts.validation) > 0
    assert refused > 3
