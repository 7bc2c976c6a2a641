"""A stacked network is the same as a plain Keras one, trained alone."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.network.model import build_network
from core.spec import NetworkSpec, TrainingSpec, output_units
from core.training.dropout import dropout_mask
from core.training.fit import Watch, batches_of, fit
from core.training.initial import initial_weights
from core.training.shape import Group, Rates, Rows, StackShape
from core.training.stack import Stack, make_optimizer

ROWS, INPUTS, CLASSES, EPOCHS = 37, 5, 3, 3
DENSE = [{"kind": "Dense", "units": 6, "activation": "relu"}, {"kind": "Dense", "units": 4, "activation": "tanh"}]
NORMALIZED = [{"kind": "Dense", "units": 6}, {"kind": "BatchNormalization"}, {"kind": "Dense", "units": 3}]
PENALTIES = [
    {"kernel_regularizer": "none"},
    {"kernel_regularizer": "l1", "l1": 0.01},
    {"kernel_regularizer": "l1_l2", "l1": 0.003, "l2": 0.1},
]
# With logits in the last layer, Keras needs the loss that takes logits.
KERAS_LOSSES = {
    "binary_crossentropy": keras.losses.BinaryCrossentropy(from_logits=True),
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy(from_logits=True),
    "hinge": keras.losses.Hinge(),
    "mean_squared_error": keras.losses.MeanSquaredError(),
    "mean_absolute_error": keras.losses.MeanAbsoluteError(),
}


GROUPS = [
    Group(np.arange(30), np.arange(30, ROWS), np.arange(30, ROWS), seed=5, fold=0),
    Group(np.arange(5, ROWS), np.arange(5), np.arange(5), seed=6, fold=1),
]


def rows(loss: str) -> Rows:
    """Two groups that see the same rows, each scaled in its own way."""
    generator = np.random.default_rng(3)
    x = generator.normal(size=(ROWS, INPUTS)).astype(np.float32)
    weight = generator.uniform(0.5, 2.0, ROWS).astype(np.float32)
    if loss == "categorical_crossentropy":
        y = np.eye(CLASSES, dtype=np.float32)[generator.integers(CLASSES, size=ROWS)]
    elif loss in ("binary_crossentropy", "hinge"):
        y = generator.integers(2, size=ROWS).astype(np.float32)
    else:
        y = (x[:, 0] * 2 + generator.normal(size=ROWS)).astype(np.float32)
    return Rows(np.stack([x, x * 0.8 + 0.1]), np.stack([y] * 2), np.stack([weight, weight * 0.5]))


def stacked(networks: list[NetworkSpec], training: TrainingSpec) -> tuple[Stack, list[np.ndarray]]:
    outputs = output_units(training.loss, CLASSES)
    biases = np.arange(2 * outputs, dtype=float).reshape(2, outputs) / 10
    start = initial_weights(networks[0], INPUTS, biases, [group.seed for group in GROUPS], len(networks))
    stack = Stack(StackShape.of(networks, training, INPUTS, outputs, len(GROUPS)))
    stack.prepare(Rates.of(networks), training.learning_rate, start)
    return stack, start


def logits_model(network: NetworkSpec, training: TrainingSpec) -> keras.Sequential:
    model = build_network(network, training.loss, INPUTS, CLASSES)
    model.layers[-1].activation = keras.activations.linear
    return model


def keras_training(network: NetworkSpec, training: TrainingSpec, start: list[np.ndarray], group: int) -> np.ndarray:
    """Logits after plain `train_on_batch` on the same batches."""
    every = rows(training.loss)
    x, y, weight = every.x[group], every.y[group], every.weight[group]
    model = logits_model(network, training)
    model.set_weights(start)
    optimizer = make_optimizer(training.optimizer, training.learning_rate)
    model.compile(optimizer=optimizer, loss=KERAS_LOSSES[training.loss], run_eagerly=True)
    for epoch in range(1, training.epochs + 1):
        for batch in batches_of(GROUPS, training.batch_size, epoch)[group]:
            index = batch[batch >= 0]
            target = y[index] if y.ndim == 2 else y[index, None]
            model.train_on_batch(x[index], target, sample_weight=weight[index])
    return model.predict(x, verbose=0)


CASES = [
    *[("adam", loss, DENSE) for loss in KERAS_LOSSES],
    ("sgd", "binary_crossentropy", DENSE),
    ("rmsprop", "mean_squared_error", DENSE),
    ("adam", "categorical_crossentropy", NORMALIZED),
    ("sgd", "hinge", []),
]


@pytest.mark.parametrize(("optimizer", "loss", "layers"), CASES)
def test_each_member_equals_a_separate_keras_training(optimizer: str, loss: str, layers: list[dict]) -> None:
    networks = [NetworkSpec.parse({"layers": layers, "regularization": penalty}) for penalty in PENALTIES]
    training = TrainingSpec(
        loss=loss, optimizer=optimizer, learning_rate=0.01, batch_size=8, epochs=EPOCHS, early_stopping=False
    )
    stack, start = stacked(networks, training)
    every = rows(loss)
    before = stack.predict(every.x)
    fit(stack, every, GROUPS, training, Watch())
    logits = stack.predict(every.x)
    assert np.abs(logits - before).max() > 0.01
    for group in range(len(GROUPS)):
        for setting, network in enumerate(networks):
            expected = keras_training(network, training, [array[group, setting] for array in start], group)
            np.testing.assert_allclose(logits[group, setting], expected, atol=1e-4)


@pytest.mark.parametrize("layers", [DENSE, NORMALIZED, [{"kind": "BatchNormalization"}, *DENSE]])
def test_large_layers_trained_where_they_lie_equal_keras_too(
    monkeypatch: pytest.MonkeyPatch, layers: list[dict]
) -> None:
    monkeypatch.setattr("core.training.stack.PACKED", 6)
    test_each_member_equals_a_separate_keras_training("adam", "binary_crossentropy", layers)


def test_large_layers_go_back_to_their_best_and_come_out_as_they_went_in(monkeypatch: pytest.MonkeyPatch) -> None:
    networks = [NetworkSpec.parse({"layers": DENSE, "regularization": penalty}) for penalty in PENALTIES]
    training = TrainingSpec(loss="hinge", learning_rate=0.3, batch_size=8, epochs=12, patience=4)
    ends = []
    for packed in (32_768, 6):
        monkeypatch.setattr("core.training.stack.PACKED", packed)
        stack, start = stacked(networks, training)
        for expected, mine in zip(start, stack.get_weights(), strict=True):
            np.testing.assert_array_equal(mine, expected)
        state = fit(stack, rows(training.loss), GROUPS, training, Watch())
        ends.append((state, stack.get_weights()))
    (state, expected), (_, found) = ends
    assert (state.best_epoch < state.epoch).any()
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-4)


ACTIVATIONS = ["relu", "tanh", "sigmoid", "elu", "selu", "gelu", "silu", "linear"]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_equals_keras(activation: str) -> None:
    network = NetworkSpec.parse({"layers": [{"kind": "Dense", "units": 4, "activation": activation}]})
    training = TrainingSpec(loss="mean_squared_error")
    stack, start = stacked([network], training)
    model = logits_model(network, training)
    x = rows(training.loss).x
    for group in range(len(GROUPS)):
        model.set_weights([array[group, 0] for array in start])
        np.testing.assert_allclose(stack.predict(x)[group, 0], model.predict(x[group], verbose=0), atol=1e-5)


def test_dropout_equals_keras_given_the_same_masks() -> None:
    """Rates 0.2 and 0.5 in two groups, one step, against the step written out with Keras' own pieces."""
    networks = [NetworkSpec.parse({"layers": DENSE[:1], "regularization": {"dropout": r}}) for r in (0.2, 0.5)]
    training = TrainingSpec(loss="mean_squared_error", batch_size=ROWS, learning_rate=0.05, optimizer="sgd")
    stack, start = stacked(networks, training)
    every = rows(training.loss)
    batches = np.stack([np.arange(ROWS, dtype=np.int32)[None]] * 2)
    seeds = np.array([[7, 0], [8, 0]], np.int32)
    stack.train_steps(Rows(*map(tf.constant, (every.x, every.y, every.weight))), batches, 0, 1, seeds)
    draw = tf.function(lambda s: dropout_mask(tf.constant([ROWS, 6]), tf.constant([0.2, 0.5]), s, 1), jit_compile=True)
    masks = draw(tf.constant(seeds))
    for group in range(2):
        for setting in range(2):
            kernel, bias, out_kernel, out_bias = variables = [keras.Variable(array[group, setting]) for array in start]
            with tf.GradientTape() as tape:
                hidden = keras.activations.relu(every.x[group] @ kernel.value + bias.value) * masks[group, setting]
                answer = (hidden @ out_kernel.value + out_bias.value)[:, 0]
                cost = tf.reduce_mean(tf.square(answer - every.y[group]) * every.weight[group])
            keras.optimizers.SGD(0.05).apply(tape.gradient(cost, [v.value for v in variables]), variables)
            for mine, theirs in zip(stack.get_weights(), variables, strict=True):
                np.testing.assert_allclose(mine[group, setting], theirs.numpy(), atol=1e-5)


def test_dropout_mask_has_the_rate_of_each_setting_and_keeps_the_mean() -> None:
    seeds = tf.constant([[1, 2], [3, 4]])
    mask = dropout_mask(tf.constant([200, 50]), tf.constant([0.25, 0.5]), seeds, 0).numpy()
    assert mask.shape == (2, 2, 200, 50)
    np.testing.assert_allclose((mask == 0).mean((2, 3)), [[0.25, 0.5]] * 2, atol=0.02)
    np.testing.assert_allclose(mask.mean((2, 3)), np.ones((2, 2)), atol=0.03)
    assert ((mask[:, 0] == 0) <= (mask[:, 1] == 0)).all()
    assert (mask[0] != mask[1]).any()
    again = dropout_mask(tf.constant([200, 50]), tf.constant([0.25, 0.5]), seeds + [0, 1], 0).numpy()
    assert (again != mask).any()


def test_a_member_does_not_depend_on_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same setting in the same group, alone or beside others, with dropout, early stopping and best weights."""
    penalties = [{"dropout": 0.3}, {"dropout": 0.5, "kernel_regularizer": "l2", "l2": 10.0}]
    networks = [NetworkSpec.parse({"layers": DENSE, "regularization": penalty}) for penalty in penalties]
    values = {"optimizer": "sgd", "batch_size": 8, "epochs": 40, "patience": 35, "learning_rate": 0.2}
    training = TrainingSpec.parse({"loss": "mean_squared_error", **values})
    stack, start = stacked(networks, training)
    every = rows(training.loss)
    state = fit(stack, every, GROUPS, training, Watch())
    assert state.diverged[:, 1].all() and not state.diverged[:, 0].any()
    alone = Stack(StackShape.of(networks[:1], training, INPUTS, 1))
    alone.prepare(Rates.of(networks[:1]), training.learning_rate, [array[1:2, :1] for array in start])
    own = fit(alone, Rows(every.x[1:2], every.y[1:2], every.weight[1:2]), GROUPS[1:2], training, Watch())
    assert own.best_epoch[0, 0] == state.best_epoch[1, 0]
    np.testing.assert_allclose(alone.predict(every.x[1:2])[0, 0], stack.predict(every.x)[1, 0], atol=1e-5)


def test_many_rows_are_predicted_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    training = TrainingSpec(loss="categorical_crossentropy")
    stack, _ = stacked([NetworkSpec.parse({"layers": DENSE})] * 2, training)
    x = rows(training.loss).x
    whole = stack.predict(x)
    seen: list[int] = []
    forward = stack._forward
    monkeypatch.setattr("core.training.stack.ROWS_AT_ONCE", 10)
    monkeypatch.setattr(stack, "_forward", lambda value, *rest: (seen.append(value.shape[1]), forward(value, *rest))[1])
    np.testing.assert_allclose(stack.predict(x), whole, rtol=1e-5)
    assert seen == [10, 10, 10, 7]
