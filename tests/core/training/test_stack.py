"""A stacked network is the same as a plain Keras one, trained alone."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.network.model import build_network
from core.spec import NetworkSpec, TrainingSpec, output_units
from core.training.fit import Watch, batch_rows, fit
from core.training.initial import initial_weights
from core.training.shape import Part, Rates, StackShape
from core.training.stack import Stack, dropout_mask, make_optimizer

ROWS, INPUTS, CLASSES, EPOCHS = 37, 5, 3, 4
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


def rows(loss: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(3)
    x = generator.normal(size=(ROWS, INPUTS)).astype(np.float32)
    weight = generator.uniform(0.5, 2.0, ROWS).astype(np.float32)
    if loss == "categorical_crossentropy":
        return x, np.eye(CLASSES, dtype=np.float32)[generator.integers(CLASSES, size=ROWS)], weight
    if loss in ("binary_crossentropy", "hinge"):
        return x, generator.integers(2, size=ROWS).astype(np.float32), weight
    return x, (x[:, 0] * 2 + generator.normal(size=ROWS)).astype(np.float32), weight


def stacked(networks: list[NetworkSpec], training: TrainingSpec) -> tuple[Stack, list[np.ndarray]]:
    outputs = output_units(training.loss, CLASSES)
    start = initial_weights(networks[0], INPUTS, np.zeros(outputs), seeds=range(len(networks)))
    stack = Stack(StackShape.of(networks, training, INPUTS, outputs))
    stack.prepare(Rates.of(networks), training.learning_rate, start)
    return stack, start


def logits_model(network: NetworkSpec, training: TrainingSpec) -> keras.Sequential:
    model = build_network(network, training.loss, INPUTS, CLASSES)
    model.layers[-1].activation = keras.activations.linear
    return model


def keras_training(network: NetworkSpec, training: TrainingSpec, start: list[np.ndarray]) -> np.ndarray:
    """Logits after plain `train_on_batch` on the same batches."""
    x, y, weight = rows(training.loss)
    model = logits_model(network, training)
    model.set_weights(start)
    model.compile(
        optimizer=make_optimizer(training.optimizer, training.learning_rate), loss=KERAS_LOSSES[training.loss]
    )
    for epoch in range(1, training.epochs + 1):
        for batch in batch_rows(ROWS, training.batch_size, training.seed, epoch):
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
    x, y, weight = rows(loss)
    part = Part(x, y, weight)
    before = stack.predict(x)
    fit(stack, part, part, training, Watch())
    logits = stack.predict(x)
    assert np.abs(logits - before).max() > 0.01
    for member, network in enumerate(networks):
        expected = keras_training(network, training, [array[member] for array in start])
        np.testing.assert_allclose(logits[member], expected, atol=1e-4)


def test_large_layers_trained_where_they_lie_equal_keras_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.stack.PACKED", 6)
    test_each_member_equals_a_separate_keras_training("adam", "binary_crossentropy", DENSE)


ACTIVATIONS = ["relu", "tanh", "sigmoid", "elu", "selu", "gelu", "silu", "linear"]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_equals_keras(activation: str) -> None:
    network = NetworkSpec.parse({"layers": [{"kind": "Dense", "units": 4, "activation": activation}]})
    training = TrainingSpec(loss="mean_squared_error")
    stack, start = stacked([network], training)
    model = logits_model(network, training)
    model.set_weights([array[0] for array in start])
    x = rows(training.loss)[0]
    np.testing.assert_allclose(stack.predict(x)[0], model.predict(x, verbose=0), atol=1e-5)


def test_dropout_equals_keras_given_the_same_masks() -> None:
    """Two members with rates 0.2 and 0.5, one step, against the step written out with Keras' own pieces."""
    networks = [NetworkSpec.parse({"layers": DENSE[:1], "regularization": {"dropout": r}}) for r in (0.2, 0.5)]
    training = TrainingSpec(loss="mean_squared_error", batch_size=ROWS, learning_rate=0.05, optimizer="sgd")
    stack, start = stacked(networks, training)
    x, y, weight = rows(training.loss)
    batches = np.arange(ROWS, dtype=np.int32)[None]
    stack.train_steps(Part(*map(tf.constant, (x, y, weight))), batches, 0, 1, (7, 0))
    draw = tf.function(lambda seed: dropout_mask((2, ROWS, 6), tf.constant([0.2, 0.5]), seed, 1), jit_compile=True)
    masks = draw(tf.constant([7, 0]))
    for member in range(2):
        kernel, bias, out_kernel, out_bias = (keras.Variable(array[member]) for array in start)
        variables = [kernel, bias, out_kernel, out_bias]
        with tf.GradientTape() as tape:
            hidden = keras.activations.relu(x @ kernel.value + bias.value) * masks[member]
            answer = (hidden @ out_kernel.value + out_bias.value)[:, 0]
            cost = tf.reduce_mean(tf.square(answer - y) * weight)
        keras.optimizers.SGD(0.05).apply(tape.gradient(cost, [v.value for v in variables]), variables)
        for mine, theirs in zip(stack.weights, variables, strict=True):
            np.testing.assert_allclose(mine.numpy()[member], theirs.numpy(), atol=1e-5)


def test_dropout_mask_has_the_rate_of_each_member_and_keeps_the_mean() -> None:
    mask = dropout_mask(tf.constant([2, 200, 50]), tf.constant([0.25, 0.5]), tf.constant([1, 2]), 0).numpy()
    np.testing.assert_allclose((mask == 0).mean((1, 2)), [0.25, 0.5], atol=0.02)
    np.testing.assert_allclose(mask.mean((1, 2)), [1.0, 1.0], atol=0.03)
    again = dropout_mask(tf.constant([2, 200, 50]), tf.constant([0.25, 0.5]), tf.constant([1, 3]), 0).numpy()
    assert (again != mask).any()


def test_many_rows_are_predicted_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    training = TrainingSpec(loss="categorical_crossentropy")
    stack, _ = stacked([NetworkSpec.parse({"layers": DENSE})] * 2, training)
    x, _, _ = rows(training.loss)
    whole = stack.predict(x)
    seen: list[int] = []
    forward = stack._forward
    monkeypatch.setattr("core.training.stack.ROWS_AT_ONCE", 10)
    monkeypatch.setattr(stack, "_forward", lambda value, *rest: (seen.append(value.shape[1]), forward(value, *rest))[1])
    np.testing.assert_allclose(stack.predict(x), whole, rtol=1e-5)
    assert seen == [10, 10, 10, 7]
