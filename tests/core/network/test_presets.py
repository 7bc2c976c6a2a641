"""Presets suit the table's shape and never do much worse than the average answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.network.outputs import encode_for_loss, starting_bias, target_unit, to_predictions
from core.network.presets import PresetName, preset, propose, suitable
from core.spec import LOSSES, Dense, NetworkSpec, Task, TrainingSpec
from core.training.fit import Watch, fit
from core.training.initial import initial_weights
from core.training.shape import Group, Rates, Rows, StackShape
from core.training.stack import Stack

TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
PRESETS: tuple[PresetName, ...] = ("small", "medium", "wide")


@pytest.mark.parametrize(
    ("rows", "inputs", "name"),
    [(460, 8, "small"), (3, 3, "small"), (5_000, 30, "medium"), (120, 1_000, "wide"), (600, 20_000, "wide")],
)
def test_proposal_follows_the_shape_of_the_table(rows: int, inputs: int, name: str) -> None:
    assert suitable(rows, inputs) == name
    assert propose("binary", rows, inputs).network.preset == name


@given(
    name=st.sampled_from(PRESETS),
    task=st.sampled_from(TASKS),
    rows=st.integers(0, 10_000_000),
    inputs=st.integers(0, 100_000),
)
@settings(max_examples=200, deadline=None)
def test_every_preset_is_valid_for_every_task_and_size(name: PresetName, task: Task, rows: int, inputs: int) -> None:
    network, training = preset(name, task, rows, inputs)
    assert training.loss == LOSSES[task][0]
    assert training.early_stopping
    assert NetworkSpec.parse(network.model_dump()) == network
    assert TrainingSpec.parse(training.model_dump()) == training
    assert any(isinstance(layer, Dense) for layer in network.layers) or (name == "wide" and task != "regression")


@pytest.mark.parametrize("task", TASKS)
def test_wide_preset_holds_back_more_where_more_inputs_meet_fewer_rows(task: Task) -> None:
    near, far = preset("wide", task, 400, 500), preset("wide", task, 100, 5_000)
    assert far.training.learning_rate < near.training.learning_rate
    if task == "regression":
        assert far.network.regularization.l2 > near.network.regularization.l2


@pytest.mark.parametrize("name", PRESETS)
def test_training_starts_from_the_average_answer(name: PresetName) -> None:
    assert preset(name, "regression", 100, 50).network.output_initializer == "zeros"


def test_large_tables_take_larger_batches_so_that_an_epoch_stays_short() -> None:
    sizes = [propose("regression", rows, 10).training.batch_size for rows in (20, 400, 5_000, 100_000, 10_000_000)]
    assert sizes == [4, 32, 32, 256, 1024]


def weak_genes(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """200 rows to learn from and 400 to judge by; modules of genes, a fifth of the variance from 30 genes."""
    random = np.random.default_rng(seed)
    modules = random.normal(size=(600, 25))
    x = np.sqrt(0.6) * np.repeat(modules, 40, axis=1) + np.sqrt(0.4) * random.normal(size=(600, 1_000))
    signal = x[:, random.choice(1_000, 30, replace=False)] @ random.normal(size=30)
    y = np.sqrt(0.2) * signal / signal.std() + np.sqrt(0.8) * random.normal(size=600)
    return ((x - x[:150].mean(0)) / x[:150].std(0)).astype(np.float32), 40 + 7 * y


def trained_r2(network: NetworkSpec, training: TrainingSpec, x: np.ndarray, y: np.ndarray) -> float:
    """R2 on rows from 200 on; trained on the first 150, watched on the next 50."""
    centre, scale = target_unit("regression", y[:150])
    target = encode_for_loss(training.loss, y, 0, centre, scale)
    rows, train = Rows.one(x[:200], target[:200]), np.arange(150)
    stack = Stack(StackShape.of([network], training, x.shape[1], 1))
    bias = starting_bias(training.loss, target[train], np.ones(150, np.float32))
    stack.prepare(
        Rates.of([network]), training.learning_rate, initial_weights(network, x.shape[1], bias[None], [training.seed])
    )
    fit(stack, rows, [Group(train, np.arange(150, 200), seed=training.seed)], training, Watch())
    predicted = to_predictions(training.loss, stack.predict(x[None, 200:])[0, 0], centre, scale)
    return 1.0 - float(np.mean((predicted - y[200:]) ** 2) / np.mean((y[:150].mean() - y[200:]) ** 2))


def test_wide_preset_is_never_much_worse_than_the_mean_where_an_untuned_network_is() -> None:
    x, y = weak_genes(seed=1)
    chosen = trained_r2(*propose("regression", 150, 1_000), x, y)
    untuned = trained_r2(NetworkSpec(), TrainingSpec(loss="mean_squared_error", early_stopping=False, epochs=30), x, y)
    assert chosen > -0.05
    assert untuned < -0.3
