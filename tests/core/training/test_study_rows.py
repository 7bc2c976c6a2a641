"""A member of a study is the network that plain Keras trains alone, in its fold's own layout."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import keras
import numpy as np
import pytest

from core.data.dataset import build_dataset
from core.data.load import load_joined
from core.data.preprocess import Preprocessing
from core.errors import UserError
from core.network.model import build_network
from core.spec import NetworkSpec, RunConfig, TrainingSpec
from core.training.fit import batches_of
from core.training.initial import initial_weights
from core.training.shape import Group
from core.training.stack import make_optimizer
from core.training.study_members import cut_inputs
from core.training.study_rows import StudyRows
from core.workspace import Workspace
from tests.core.training.study_cases import member_weights, study_of, trained, visits, with_network

Draft = Callable[..., RunConfig]
GROUPS = [(fold, seed) for seed in range(2) for fold in range(2)]


def wild(draft_of: Draft, *layers: dict, **training: object) -> RunConfig:
    """Categories that some folds don't know, missing cells, people with several rows."""
    config = draft_of(visits(), epochs=3, learning_rate=0.02, batch_size=8, **training)
    return with_network(config, *layers, group_column="person", drop=[])


def logits_model(network: NetworkSpec, inputs: int) -> keras.Sequential:
    model = build_network(network, "binary_crossentropy", inputs, 2)
    model.layers[-1].activation = keras.activations.linear
    return model


def keras_training(
    config: RunConfig, x: np.ndarray, y: np.ndarray, group: Group, start: list[np.ndarray]
) -> np.ndarray:
    """Logits of all rows after plain `train_on_batch` on the learned rows."""
    training: TrainingSpec = config.training
    model = logits_model(config.network, x.shape[1])
    model.set_weights(start)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(make_optimizer(training.optimizer, training.learning_rate), loss, run_eagerly=True)
    for epoch in range(1, training.epochs + 1):
        for batch in batches_of([group], training.batch_size, epoch)[0]:
            index = batch[batch >= 0]
            model.train_on_batch(x[index], y[index, None])
    return model(x).numpy()


@pytest.mark.parametrize("normalized", [False, True])
def test_member_equals_plain_keras_in_its_own_layout(workspace: Workspace, draft_of: Draft, normalized: bool) -> None:
    layers = [{"kind": "Dense", "units": 4, "activation": "tanh"}]
    layers = [{"kind": "BatchNormalization", "momentum": 0.5}, *layers] if normalized else layers
    config = wild(draft_of, *layers, early_stopping=False)
    study = trained(study_of(workspace, config, {"l1": [0.0, 0.01], "l2": [0.02]}, folds=2, seeds=2), end=False)
    shared = StudyRows.load(study.spec, workspace)
    layouts = set()
    for member, weights in zip(study.spec.members, member_weights(study), strict=True):
        own = study.spec.member_config(member)
        dataset = build_dataset(load_joined(workspace, own.data), own.data)
        split = dataset.split
        learn = np.sort(np.concatenate([split.train, split.watch]))
        assert not np.intersect1d(learn, np.concatenate([split.validation, split.test])).size
        preprocessing = Preprocessing.fit(dataset.features.take(learn), own.data.scaling)
        x, y = preprocessing.transform(dataset.features), dataset.y.astype(np.float32)
        mean = y[learn].mean()
        bias = np.log(mean / (1 - mean)).reshape(1, 1)
        start = [array[0, 0] for array in initial_weights(own.network, shared.inputs, bias, [own.training.seed])]
        prepared = shared.prepared((member.fold, member.seed))
        places = shared.columns_of(prepared)
        layouts.add(tuple(places))
        every = np.zeros((len(x), shared.inputs), np.float32)
        every[:, places] = x
        # A normalization before the first Dense layer learns from an input that is always 0, too.
        seen = every if normalized else x
        start = start if normalized else cut_inputs(own.network, start, places, shared.inputs)
        group = Group(learn, np.zeros(0, np.int64), seed=own.training.seed, largest=shared.largest)
        expected = keras_training(own, seen, y, group, start)
        model = logits_model(own.network, x.shape[1])
        model.set_weights(cut_inputs(own.network, weights, places, shared.inputs))
        np.testing.assert_allclose(model(x).numpy(), expected, atol=1e-4)
        untrained = logits_model(own.network, seen.shape[1])
        untrained.set_weights(start)
        assert np.abs(untrained(seen).numpy() - expected).max() > 0.01
    assert len({len(places) for places in layouts}) > 1
    assert any(sorted(places) == list(range(shared.inputs)) != list(places) for places in layouts)


def test_common_layout_holds_every_groups_inputs_in_their_place(workspace: Workspace, draft_of: Draft) -> None:
    study = study_of(workspace, wild(draft_of), {}, folds=2, seeds=2)
    shared = StudyRows.load(study.spec, workspace)
    known = [{*shared.prepared(place).preprocessing.categories[0]} for place in GROUPS]
    assert {*shared.categories[0]} == set.union(*known) and len(set.intersection(*known)) < len(shared.categories[0])
    names = [*shared.dataset.features.number_names, *(f"kind = {each}" for each in shared.categories[0])]
    prepared = [shared.prepared(place) for place in GROUPS]
    rows = shared.together(prepared)
    assert rows.x.shape == (4, len(shared.dataset), shared.inputs)
    for each, x, y in zip(prepared, rows.x, rows.y, strict=True):
        own = shared.columns_of(each)
        assert [names[place] for place in own] == list(each.preprocessing.input_names)
        np.testing.assert_array_equal(x[:, own], each.x)
        assert not np.delete(x, own, axis=1).any()
        np.testing.assert_array_equal(y, each.target)
    largest = max(len(each.dataset.split.train) for each in prepared)
    assert shared.largest == largest
    assert [shared.group(place, each).largest for place, each in zip(GROUPS, prepared, strict=True)] == [largest] * 4
    group = shared.group((1, 1), prepared[3])
    assert (group.seed, group.fold) == (study.spec.run.training.seed + 1, 1)
    np.testing.assert_array_equal(group.held, prepared[3].dataset.split.validation)


def test_without_early_stopping_all_rows_but_the_held_ones_are_learned(workspace: Workspace, draft_of: Draft) -> None:
    study = study_of(workspace, wild(draft_of, early_stopping=False), {}, folds=2, seeds=2)
    shared = StudyRows.load(study.spec, workspace)
    for place in GROUPS:
        split = shared.prepared(place).dataset.split
        assert not len(split.watch)
        every = np.concatenate([split.train, split.validation, split.test])
        np.testing.assert_array_equal(np.sort(every), np.arange(len(shared.dataset)))
    assert shared.largest == max(len(shared.prepared(place).dataset.split.train) for place in GROUPS)


def test_inputs_that_are_always_0_leave_nothing_behind() -> None:
    """Cut by hand from a network whose first layers are normalizations, against the network with zeros."""
    generator = np.random.default_rng(0)
    layers = [{"kind": "BatchNormalization"}, {"kind": "Dropout"}, {"kind": "BatchNormalization", "epsilon": 0.1}]
    for deep, own in product(([], [{"kind": "Dense", "units": 3}]), ([4, 0, 1], [4, 0, 1, 3, 2])):
        network = NetworkSpec.parse({"layers": [*layers, *deep]})
        wide, narrow = logits_model(network, 5), logits_model(network, len(own))
        weights = [generator.uniform(0.5, 1.5, array.shape).astype(np.float32) for array in wide.get_weights()]
        wide.set_weights(weights)
        narrow.set_weights(cut_inputs(network, weights, np.array(own), 5))
        x = generator.normal(size=(6, len(own))).astype(np.float32)
        every = np.zeros((6, 5), np.float32)
        every[:, own] = x
        np.testing.assert_allclose(narrow(x).numpy(), wide(every).numpy(), atol=1e-5)


def test_fold_that_cannot_be_learned_from_is_a_sentence(workspace: Workspace, draft_of: Draft) -> None:
    many = study_of(workspace, wild(draft_of), {}, folds=20, seeds=1)
    with pytest.raises(UserError, match="20 folds"):
        _ = StudyRows.load(many.spec, workspace).largest
