"""What turns the weighted sum of a neuron into its answer: six activation functions and their slopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from core.lessons.neuron import MARKS, STEP, weighted_sums

# Slope below 0 of leaky ReLU, as keras.activations.leaky_relu has it unless told otherwise.
LEAK = 0.2
# Marks give sums in the hundreds; activation functions are interesting near 0.
SCALE = 10.0
# No probability is nearer to 0 or 1 than this (keras.config.epsilon), so that its logarithm stays finite.
EPSILON = 1e-7
Function = Callable[[np.ndarray], np.ndarray]


def sums_near_zero(weights: np.ndarray, bias: float) -> np.ndarray:
    """``(bias + sum(x_i w_i) - 200) / 10`` of the three students of the first page, (3,); weights are (3,)."""
    return (weighted_sums(MARKS, weights, bias) - STEP) / SCALE


def step(sums: np.ndarray) -> np.ndarray:
    """1 where a sum is at least 0, else 0; the shape stays. This is ``numpy.heaviside(sums, 1)``."""
    return (np.asarray(sums) >= 0).astype(float)


def step_slope(sums: np.ndarray) -> np.ndarray:
    """0 everywhere: flat on both sides (at the jump itself there is no slope; 0 is taken, as for a network)."""
    return np.zeros(np.shape(sums))


def sigmoid(sums: np.ndarray) -> np.ndarray:
    """``1 / (1 + exp(-x))``, from 0 to 1 (keras.activations.sigmoid), written so that no exponent overflows."""
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(sums, float)))


def sigmoid_slope(sums: np.ndarray) -> np.ndarray:
    """``s (1 - s)`` with ``s`` the sigmoid; at most 0.25."""
    answers = sigmoid(sums)
    return answers * (1.0 - answers)


def tanh(sums: np.ndarray) -> np.ndarray:
    """``(exp(x) - exp(-x)) / (exp(x) + exp(-x))``, from -1 to 1 (keras.activations.tanh)."""
    return np.tanh(np.asarray(sums, float))


def tanh_slope(sums: np.ndarray) -> np.ndarray:
    """``1 - tanh(x)^2``; at most 1."""
    return 1.0 - tanh(sums) ** 2


def relu(sums: np.ndarray) -> np.ndarray:
    """``max(0, x)`` (keras.activations.relu)."""
    return np.maximum(np.asarray(sums, float), 0.0)


def relu_slope(sums: np.ndarray) -> np.ndarray:
    """1 above 0, else 0 (at 0 itself 0, as TensorFlow takes it)."""
    return (np.asarray(sums) > 0).astype(float)


def leaky_relu(sums: np.ndarray) -> np.ndarray:
    """The sum itself above 0, a fifth of it below (keras.activations.leaky_relu)."""
    sums = np.asarray(sums, float)
    return np.where(sums > 0, sums, LEAK * sums)


def leaky_relu_slope(sums: np.ndarray) -> np.ndarray:
    """1 above 0, else 0.2."""
    return np.where(np.asarray(sums) > 0, 1.0, LEAK)


def softmax(sums: np.ndarray) -> np.ndarray:
    """``exp(x_i) / sum(exp(x_j))`` over the last axis: shares that add up to 1 (keras.activations.softmax)."""
    sums = np.asarray(sums, float)
    exponents = np.exp(sums - sums.max(axis=-1, keepdims=True))
    return exponents / exponents.sum(axis=-1, keepdims=True)


def softmax_slopes(sums: np.ndarray, of: int) -> np.ndarray:
    """How each share changes as one of the sums grows: ``p_i ((i == of) - p_of)``.

    Args:
        sums: (..., classes).
        of: The place of that sum.

    Returns:
        (..., classes); they add up to 0, because what one class wins the others lose.
    """
    shares = softmax(sums)
    return shares * (np.eye(shares.shape[-1])[of] - shares[..., of : of + 1])


def logit(probabilities: np.ndarray) -> np.ndarray:
    """The sum from which sigmoid makes this probability: ``log(p / (1 - p))``, kept within about 16 of 0."""
    kept = np.clip(np.asarray(probabilities, float), EPSILON, 1.0 - EPSILON)
    return np.log(kept / (1.0 - kept))


class Activation(NamedTuple):
    """An activation function in words, and as a function of one sum.

    Attributes:
        title: Its name.
        formula: What it does with a sum x.
        answers: Between which numbers its answers lie.
        use: Where networks have it.
        value: The answer, shape by shape.
        slope: Its derivative.
    """

    title: str
    formula: str
    answers: str
    use: str
    value: Function
    slope: Function


ACTIVATIONS = {
    "step": Activation(
        "Step", "1 if x is at least 0, else 0", "0 or 1", "only the first neurons, around 1958", step, step_slope
    ),
    "sigmoid": Activation(
        "Sigmoid", "1 / (1 + exp(-x))", "0 to 1", "the last layer, where there are two classes", sigmoid, sigmoid_slope
    ),
    "tanh": Activation(
        "Tanh", "(exp(x) - exp(-x)) / (exp(x) + exp(-x))", "-1 to 1", "layers inside small networks", tanh, tanh_slope
    ),
    "relu": Activation("ReLU", "max(0, x)", "0 and more", "layers inside most networks", relu, relu_slope),
    "leaky_relu": Activation(
        "Leaky ReLU", f"x above 0, else {LEAK:g} x", "all numbers", "instead of ReLU, so that no neuron stays at 0",
        leaky_relu, leaky_relu_slope,
    ),
}  # fmt: skip
CLASSES = ("fails", "passes", "with distinction")


class Curve(NamedTuple):
    """An answer that changes with the neuron's sum.

    Attributes:
        value: Sums (n,) to answers (n,).
        slope: Sums (n,) to slopes (n,).
    """

    value: Function
    slope: Function


def curves(name: str, third: float = 0.0) -> dict[str, Curve]:
    """What the neuron answers to its sum: one curve, or for softmax one for each of three classes.

    Args:
        name: A key of `ACTIVATIONS`, or ``"softmax"``.
        third: Softmax only: the sum of the neuron "with distinction"; that of "fails" is 0.
    """
    if name != "softmax":
        chosen = ACTIVATIONS[name]
        return {"answer": Curve(chosen.value, chosen.slope)}

    def of_three(sums: np.ndarray) -> np.ndarray:
        sums = np.asarray(sums, float)
        return np.stack([np.zeros_like(sums), sums, np.full_like(sums, third)], axis=-1)

    def curve(place: int) -> Curve:
        return Curve(
            lambda sums: softmax(of_three(sums))[..., place],
            lambda sums: softmax_slopes(of_three(sums), CLASSES.index("passes"))[..., place],
        )

    return {word: curve(place) for place, word in enumerate(CLASSES)}
