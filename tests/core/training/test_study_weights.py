"""What the weights became: shares that are zero, histograms, and the features that survive."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.spec import RunConfig
from core.studies import Study
from core.training.study_end import near_zero_below, weights_of
from core.training.study_rows import StudyRows
from core.workspace import Workspace
from tests.core.training.study_cases import study_of, trained, visits, with_network

Draft = Callable[..., RunConfig]
LAYERS = [{"kind": "BatchNormalization"}, {"kind": "Dense", "units": 2}]


def config_of(draft_of: Draft, **training: object) -> RunConfig:
    values = {"epochs": 2, "batch_size": 8, "learning_rate": 0.01, "early_stopping": False, **training}
    return with_network(draft_of(visits(), **values), *LAYERS, group_column="person", drop=[])


def by_hand(study: Study, shared: StudyRows) -> None:
    """Two folds, two settings; inputs are u, v and the kinds. Written in two chunks, one a fold."""
    generator = np.random.default_rng(0)
    kernel = np.zeros((2, 2, shared.inputs, 2))
    # Setting 0: v is strong everywhere, the kinds together in one fold only, u nowhere.
    kernel[:, 0, 1] = [3.0, 4.0]
    kernel[0, 0, 2:4] = [[0.2, 0.0], [0.0, 0.2]]
    kernel[:, 0, 0] = 0.009
    # Setting 1: u alone.
    kernel[:, 1, 0] = [0.0, -0.5]
    for chunk in study.chunks:
        shapes = [(1, 2, shared.inputs)] * 4
        normal = [generator.normal(size=shape).astype(np.float32) for shape in shapes]
        out = np.full((1, 2, 2, 1), -1.0)
        arrays = [*normal, kernel[chunk.number :][:1], np.ones((1, 2, 2)), out, np.ones((1, 2, 1))]
        study.save_chunk(chunk, {f"{place:03d}": array for place, array in enumerate(arrays)}, {})


@pytest.fixture
def study(workspace: Workspace, draft_of: Draft) -> Study:
    cuts = [((0, 1), [(0, 0)]), ((0, 1), [(1, 0)])]
    return study_of(workspace, config_of(draft_of), {"l1": [0.0, 0.1]}, cuts, folds=2, seeds=1)


def test_zeros_and_survivors_are_those_of_a_case_made_by_hand(study: Study) -> None:
    shared = StudyRows.load(study.spec, study.workspace)
    assert shared.dataset.features.names == ("u", "v", "kind") and shared.inputs >= 4
    by_hand(study, shared)
    found = weights_of(study, shared)
    first, second = found["settings"]
    kinds = shared.inputs - 2
    # Weights of both folds: 2 x (2 of u, 2 of v, 2 for each kind) and 2 x 2 of the output; biases don't count.
    every = 2 * (2 + 2 + 2 * kinds) + 4
    assert found["near_zero_below"] == 0.01
    assert first["near_zero"] == pytest.approx((4 + 4 * kinds - 2) / every)
    assert second["near_zero"] == pytest.approx((2 + 4 + 4 * kinds) / every)
    assert found["feature_names"] == ["u", "v", "kind"] and found["features"] == 3
    # The length of v's weights is 5; the kinds' is 0.2 times the root of 2, over 5 % of that in one fold of two.
    assert first["kept_features"] == pytest.approx(1.5)
    relative = 0.2 * np.sqrt(2) / 5
    assert relative > 0.05
    assert first["features"][0] == [1, 1.0, pytest.approx(1.0)]
    assert first["features"][1] == [2, 0.5, pytest.approx(relative / 2)]
    assert first["features"][2] == [0, 0.0, pytest.approx(0.009 * np.sqrt(2) / 5)]
    assert second["kept_features"] == 1.0 and second["features"][0][:2] == [0, 1.0]


def test_histogram_counts_every_weight_once_and_never_cuts_one_off(study: Study) -> None:
    shared = StudyRows.load(study.spec, study.workspace)
    by_hand(study, shared)
    found = weights_of(study, shared)
    edges = np.array(found["edges"])
    assert (np.diff(edges) > 0).all() and edges[0] == -edges[-1]
    for each in found["settings"]:
        assert len(each["counts"]) == len(edges) - 1
        assert sum(each["counts"]) == pytest.approx(1.0)
    # The first setting: its two weights of 4 are larger than nearly all, and count at the edge.
    assert edges[-1] < 4
    assert found["settings"][0]["counts"][-1] == pytest.approx(2 / (2 * (4 + 2 * (shared.inputs - 2)) + 4))
    # The second setting: two weights of -0.5 and four of -1; all others are 0.
    counts = np.array(found["settings"][1]["counts"])
    kinds = shared.inputs - 2
    every = 2 * (4 + 2 * kinds) + 4
    assert counts[np.searchsorted(edges, -0.5, "right") - 1] == pytest.approx(2 / every)
    assert counts[np.searchsorted(edges, -1.0, "right") - 1] == pytest.approx(4 / every)
    assert counts[len(counts) // 2] == pytest.approx((every - 6) / every)


def test_members_without_weights_are_left_out(study: Study) -> None:
    shared = StudyRows.load(study.spec, study.workspace)
    empty = weights_of(study, shared)
    for each in empty["settings"]:
        assert each == {"near_zero": None, "counts": [0.0] * 41, "kept_features": None, "features": []}
    by_hand(study, shared)
    (study.folder / "01.weights.npz").unlink()
    assert weights_of(study, shared)["settings"][0]["kept_features"] == 2.0
    broken = study.weights(study.chunks[0])
    broken["004"][0, 0, 0] = np.nan
    study.save_chunk(study.chunks[0], broken, {})
    first, second = weights_of(study, shared)["settings"]
    assert first["kept_features"] is None and first["near_zero"] is not None
    assert sum(first["counts"]) == pytest.approx(1.0) and second["kept_features"] == 1.0


def test_l1_leaves_less_than_nothing_does(workspace: Workspace, draft_of: Draft) -> None:
    config = config_of(draft_of, epochs=60, optimizer="sgd", learning_rate=0.1)
    study = trained(study_of(workspace, config, {"l1": [0.0, 0.3]}, folds=2, seeds=1))
    none, much = study.result()["weights"]["settings"]
    assert study.result()["weights"]["near_zero_below"] == pytest.approx(0.03)
    assert much["near_zero"] > none["near_zero"]
    middle = len(much["counts"]) // 2
    assert much["counts"][middle] > 2 * none["counts"][middle]


@pytest.mark.parametrize(
    ("optimizer", "rate", "below"),
    [("sgd", 1e-3, 1e-3), ("sgd", 0.5, 0.05), ("adam", 1e-5, 1e-3), ("adam", 0.02, 0.02), ("rmsprop", 0.02, 0.02)],
)
def test_near_zero_is_a_step_of_the_optimizer_around_zero(
    workspace: Workspace, draft_of: Draft, optimizer: str, rate: float, below: float
) -> None:
    config = config_of(draft_of, optimizer=optimizer, learning_rate=rate)
    spec = study_of(workspace, config, {"l1": [0.0, 0.1]}, folds=2, seeds=1).spec
    assert near_zero_below(spec) == pytest.approx(below)
