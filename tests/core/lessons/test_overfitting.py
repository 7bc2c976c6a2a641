"""The lesson on validation and overfitting: the lecture's students, networks by hand, differences beyond chance."""

import csv

import keras
import numpy as np
import pytest
from scipy import stats

from core.lessons.neuron import LABELS, MARKS
from core.lessons.overfitting import (
    DRAWS,
    LEARNED,
    NEW,
    UNSEEN,
    UNSEEN_MARKS,
    Learned,
    difference,
    draw_points,
    neurons_say,
    probabilities,
    right_neurons,
    says,
)
from core.samples import FOLDER


def test_students_are_those_of_the_lecture() -> None:
    with (FOLDER / "lecture_grades_new.csv").open() as file:
        rows = list(csv.reader(file))[1:]
    assert [row[0] for row in rows] == list(UNSEEN) == ["S4", "S5", "S6"]
    assert UNSEEN_MARKS.tolist() == [[88, 87, 65], [64, 57, 78], [65, 32, 46]]
    assert UNSEEN_MARKS.tolist() == [[float(mark) for mark in row[1:4]] for row in rows]


def test_neurons_that_are_right_about_three_students_disagree_about_others() -> None:
    neurons = right_neurons(500)
    assert neurons.weights.shape == (500, 3) and neurons.biases.shape == (500,)
    sums = MARKS @ neurons.weights.T + neurons.biases
    assert (((sums >= 200).T == LABELS) | np.isclose(sums.T, 200)).all()
    passed = neurons_say(neurons, UNSEEN_MARKS).mean(axis=0)
    assert 0.05 < passed[1] < 0.95
    assert passed[0] > passed[2]
    np.testing.assert_array_equal(right_neurons(500).weights, neurons.weights)


def test_no_network_has_seen_its_new_points_nor_those_of_another_draw() -> None:
    drawn = draw_points("circles", 0.5)
    assert drawn.x.shape == (DRAWS, max(LEARNED) + NEW, 2) and drawn.y.shape == drawn.x.shape[:2]
    assert len(np.unique(drawn.x.reshape(-1, 2), axis=0)) == DRAWS * (max(LEARNED) + NEW)
    for part in (slice(0, min(LEARNED)), slice(-NEW, None)):
        assert (np.abs(drawn.y[:, part].mean(axis=1) - 0.5) < 0.4).all()


def test_probabilities_are_those_of_keras() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(50, 2)).astype(np.float32)
    models = []
    for _ in range(3):
        dense = [keras.layers.Dense(7, "tanh"), keras.layers.Dense(5, "tanh"), keras.layers.Dense(1, "sigmoid")]
        model = keras.Sequential([keras.Input((2,)), *dense])
        model.set_weights([generator.normal(size=each.shape) for each in model.get_weights()])
        models.append(model)
    weights = [np.stack(each) for each in zip(*(model.get_weights() for model in models), strict=True)]
    expected = np.stack([model.predict(x, verbose=0)[:, 0] for model in models])
    np.testing.assert_allclose(probabilities(weights, x), expected, atol=1e-6)


def test_huge_weights_give_sure_answers_and_no_warning() -> None:
    weights = [np.full(shape, 1e30) for shape in ((1, 2, 3), (1, 3), (1, 3, 1), (1, 1))]
    with np.errstate(all="raise", under="ignore"):
        assert probabilities(weights, np.array([[5.0, 5.0], [-5.0, -5.0]])).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("comparisons", [1, 8])
def test_difference_is_the_paired_t_of_scipy(comparisons: int) -> None:
    first, second = np.random.default_rng(1).normal([[0.3], [0.0]], 1.0, (2, DRAWS))
    found = difference(first, second, comparisons)
    expected = stats.ttest_rel(first, second).confidence_interval(1 - 0.05 / comparisons)
    np.testing.assert_allclose([found.low, found.high], [expected.low, expected.high], rtol=1e-6)
    assert found.value == pytest.approx((first - second).mean())


def test_chance_is_told_from_a_difference() -> None:
    noise = np.random.default_rng(2).normal(size=DRAWS)
    assert not difference(noise, np.zeros(DRAWS)).told
    assert difference(noise + 5, np.zeros(DRAWS)).told
    assert difference(noise - 5, np.zeros(DRAWS)).told
    assert not difference(np.zeros(DRAWS), np.zeros(DRAWS)).told


@pytest.mark.parametrize(
    ("costs", "rights", "words"),
    [
        (
            (0.01, 1.4),
            (1.0, 0.86),
            "Known by heart: on average they are right about 100 % of their own points, and about only 86 %",
        ),
        (
            (0.30, 0.33),
            (0.88, 0.87),
            "On average they are right about 88 % of their own points, and about 87 % of new ones.",
        ),
        (
            (0.68, 0.70),
            (0.55, 0.50),
            "Held back too much: they have learned almost nothing, and every answer is a guess.",
        ),
    ],
)
def test_what_became_of_it_is_said(costs: tuple[float, float], rights: tuple[float, float], words: str) -> None:
    cost, right = (np.broadcast_to(np.array(each)[:, None, None], (2, DRAWS, 4)) for each in (costs, rights))
    assert says(Learned(np.arange(4), cost, right, ())).startswith(words)
