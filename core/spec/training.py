"""What was chosen about the training, and which losses suit which task."""

from __future__ import annotations

from typing import Literal, NamedTuple

from core.spec.base import Spec, choice
from core.spec.data import Task

Loss = Literal["binary_crossentropy", "hinge", "categorical_crossentropy", "mean_squared_error", "mean_absolute_error"]
LOSS_WORDS = {
    "binary_crossentropy": "binary cross-entropy",
    "hinge": "hinge",
    "categorical_crossentropy": "categorical cross-entropy",
    "mean_squared_error": "mean squared error",
    "mean_absolute_error": "mean absolute error",
}


class Output(NamedTuple):
    """The last layer that goes with a loss."""

    activation: str
    per_class: bool


OUTPUTS: dict[str, Output] = {
    "binary_crossentropy": Output("sigmoid", False),
    "hinge": Output("linear", False),
    "categorical_crossentropy": Output("softmax", True),
    "mean_squared_error": Output("linear", False),
    "mean_absolute_error": Output("linear", False),
}
LOSSES: dict[Task, tuple[Loss, ...]] = {
    "binary": ("binary_crossentropy", "hinge", "categorical_crossentropy"),
    "multiclass": ("categorical_crossentropy",),
    "regression": ("mean_squared_error", "mean_absolute_error"),
}


def output_units(loss: str, classes: int) -> int:
    """Neurons of the output layer: one a class, or a single one."""
    return classes if OUTPUTS[loss].per_class else 1


class TrainingSpec(Spec):
    """Loss, optimizer and when to stop."""

    loss: Loss = choice(
        "binary_crossentropy",
        "Cost function (loss)",
        "How wrong an answer is, as one number; training makes it small. The output layer follows from it.",
        options=LOSS_WORDS,
    )
    optimizer: Literal["adam", "sgd", "rmsprop"] = choice(
        "adam",
        "Optimizer",
        "The rule that turns slopes into steps; Adam rarely needs tuning.",
        options={"adam": "Adam", "sgd": "SGD (plain steps)", "rmsprop": "RMSprop"},
        depth="all",
    )
    learning_rate: float = choice(
        1e-3,
        "Learning rate",
        "The size of each step downhill: too small is slow, too large jumps over the valley.",
        gt=0.0,
        le=10.0,
        ladder=(1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0),
    )
    batch_size: int = choice(
        32, "Batch size", "How many rows are looked at before each step.", ge=1, le=4096, unit="rows", depth="all"
    )
    epochs: int = choice(
        200, "Epochs (at most)", "How many times the network goes through all training rows.", ge=1, le=10_000
    )
    early_stopping: bool = choice(
        True,
        "Stop when validation no longer improves (early stopping)",
        "Ends training in time and keeps the weights of the best epoch.",
    )
    patience: int = choice(
        20,
        "Patience",
        "How many epochs without improvement to wait before stopping.",
        ge=1,
        le=1000,
        unit="epochs",
        depth="all",
    )
    class_weights: bool = choice(
        False,
        "Count rare classes more (class weights)",
        "Gives every class the same say in the cost, however few rows it has.",
    )
    seed: int = choice(
        0,
        "Seed",
        "The same seed gives the same starting weights and the same order of rows.",
        ge=0,
        le=2**31 - 1,
        depth="all",
    )
