"""How members are cut into chunks, and who trains beside whom, changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.spec import RunConfig
from core.studies import Study
from core.training.study_rows import StudyRows
from core.workspace import Workspace
from tests.conftest import response
from tests.core.training.study_cases import member_answers, member_weights, study_of, trained, visits, with_network

Draft = Callable[..., RunConfig]
LAYERS = [{"kind": "BatchNormalization"}, {"kind": "Dense", "units": 4}, {"kind": "Dropout", "rate": 0.2}]
GRID = {"l2": [0.0, 0.05], "dropout": [0.0, 0.3]}
GROUPS = [(fold, seed) for seed in range(2) for fold in range(3)]
# Settings 0 and 2 are those without dropout of their own; groups of the last fold take fewer steps than others.
CUTS = [
    ((0, 2), [GROUPS[place] for place in (4, 0, 1, 3)]),
    ((0, 2), [GROUPS[place] for place in (2, 5)]),
    ((1, 3), [GROUPS[place] for place in (3, 5, 2, 0, 1, 4)]),
]


def same(one: Study, other: Study) -> None:
    """Weights, answers, boards, curves and results."""
    for mine, theirs in zip(member_weights(one), member_weights(other), strict=True):
        for first, second in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(first, second, atol=1e-5)
    for mine, theirs in zip(member_answers(one), member_answers(other), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-5)
    boards = one.board(), other.board()
    for name in ("epoch", "best_epoch", "ended", "diverged"):
        np.testing.assert_array_equal(getattr(boards[0], name), getattr(boards[1], name))
    np.testing.assert_allclose(boards[0].scores, boards[1].scores, atol=1e-4)
    (_, curves), (_, others) = one.curves(), other.curves()
    assert curves.shape == others.shape
    np.testing.assert_allclose(curves, others, atol=1e-4)


def test_cuts_change_nothing(workspace: Workspace, draft_of: Draft) -> None:
    """With dropout, early stopping, categories that some folds don't know, missing values, groups of any size."""
    config = draft_of(visits(), epochs=9, patience=2, learning_rate=0.03, batch_size=7, class_weights=True)
    config = with_network(config, *LAYERS, group_column="person", drop=[])
    whole = trained(study_of(workspace, config, GRID, folds=3, seeds=2))
    pieces = trained(study_of(workspace, config, GRID, CUTS, folds=3, seeds=2))
    same(whole, pieces)
    for name in ("sentence", "best", "tied", "simplest", "best_epochs"):
        assert whole.result()[name] == pieces.result()[name]
    for mine, theirs in zip(whole.result()["settings"], pieces.result()["settings"], strict=True):
        np.testing.assert_allclose(mine["scores"], theirs["scores"], atol=1e-5)
    # The case is as wild as it says.
    shared = StudyRows.load(whole.spec, workspace)
    prepared = [shared.prepared(place) for place in GROUPS]
    steps = [-(-len(each.dataset.split.train) // config.training.batch_size) for each in prepared]
    assert max(steps[2], steps[5]) < max(steps)
    assert any(len(shared.columns_of(each)) < shared.inputs for each in prepared)
    assert np.isnan(shared.dataset.features.numbers).any()
    assert len(set(whole.board().epoch)) > 1 and (whole.board().epoch < 9).any()
    weights = member_weights(whole)
    assert np.abs(weights[0][4] - weights[6][4]).max() > 1e-3


def test_rows_of_other_folds_are_out_of_reach(workspace: Workspace, draft_of: Draft) -> None:
    """Other features and targets in the held-out and in the sealed rows: neither weights nor statistics move."""
    frame = response(48)
    grid = {"l2": [0.0, 0.05], "dropout": [0.2]}

    def study(table: object) -> Study:
        config = draft_of(table, epochs=12, patience=2, learning_rate=0.1, batch_size=8)
        split = config.data.split.change(stratify=False).model_dump()
        return study_of(workspace, with_network(config, split=split), grid, folds=2, seeds=1)

    one = trained(study(frame), end=False)
    rows = StudyRows.load(one.spec, workspace)
    hidden = rows.dataset_of((0, 0)).split
    places = np.concatenate([hidden.validation, hidden.test])
    assert len(hidden.test) > 5 and len(hidden.watch) > 2
    other = frame.copy()
    other.iloc[rows.dataset.rows[places]] = 30 - 7 * other.iloc[rows.dataset.rows[places]]
    two = trained(study(other), end=False)
    others = StudyRows.load(two.spec, workspace)
    mine, theirs = (each.prepared((0, 0)) for each in (rows, others))
    np.testing.assert_array_equal(theirs.dataset.split.validation, hidden.validation)
    assert np.abs(mine.x[places] - theirs.x[places]).max() > 1
    assert mine.preprocessing.to_dict() == theirs.preprocessing.to_dict()
    assert (mine.centre, mine.scale) == (theirs.centre, theirs.scale)
    first, second = member_weights(one), member_weights(two)
    for member, fold in enumerate([0, 1, 0, 1]):
        moved = max(np.abs(a - b).max() for a, b in zip(first[member], second[member], strict=True))
        assert (moved < 1e-6) == (fold == 0)
    boards = one.board(), two.board()
    np.testing.assert_array_equal(boards[0].best_epoch[[0, 2]], boards[1].best_epoch[[0, 2]])
    assert (boards[0].epoch[[0, 2]] < 12).all()
    # Only the scores on what was held out tell the difference.
    np.testing.assert_allclose(
        boards[0].scores[[0, 1, 4, 5]][:, [0, 2]], boards[1].scores[[0, 1, 4, 5]][:, [0, 2]], atol=1e-6
    )
    assert np.abs(boards[0].scores[2, [0, 2]] - boards[1].scores[2, [0, 2]]).min() > 0.1


@pytest.mark.parametrize("early_stopping", [True, False])
def test_a_member_tells_only_its_own_epochs(workspace: Workspace, draft_of: Draft, early_stopping: bool) -> None:
    config = draft_of(
        response(48), epochs=12, patience=2, learning_rate=0.1, batch_size=8, early_stopping=early_stopping
    )
    config = with_network(config)
    study = trained(study_of(workspace, config, {"l2": [0.0, 0.05], "dropout": [0.2]}, folds=2, seeds=1), end=False)
    board, (epochs, curves) = study.board(), study.curves()
    assert board.ended.all() and not board.diverged.any()
    for member in range(4):
        known = np.flatnonzero(np.isfinite(curves[:, 0, member]))
        np.testing.assert_array_equal(known, np.arange(board.epoch[member] + 1))
        if early_stopping:
            assert board.best_epoch[member] == np.nanargmin(curves[:, 4, member])
            assert board.epoch[member] in (12, board.best_epoch[member] + 2)
            np.testing.assert_array_equal(board.scores[:, member], curves[board.best_epoch[member], :, member])
        else:
            assert board.epoch[member] == 12 and np.isnan(curves[:, 4:, member]).all()
            np.testing.assert_array_equal(board.scores[:4, member], curves[12, :4, member])
    assert len(epochs) == board.epoch.max() + 1
