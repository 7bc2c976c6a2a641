"""Student's t and the corrected resampled standard error."""

import numpy as np
import pytest

from core.evaluation.study_student import corrected_error, t_quantile


@pytest.mark.parametrize(
    ("df", "tail", "published"),
    [
        (1, 0.05, 6.314),
        (1, 0.025, 12.706),
        (1, 0.0005, 636.619),
        (2, 0.025, 4.303),
        (2, 0.0005, 31.599),
        (3, 0.025, 3.182),
        (3, 0.005, 5.841),
        (4, 0.025, 2.776),
        (5, 0.0005, 6.869),
        (9, 0.005, 3.250),
        (14, 0.025, 2.145),
        (24, 0.025, 2.064),
        (24, 0.0005, 3.745),
        (30, 0.05, 1.697),
        (120, 0.025, 1.980),
        (1000, 0.025, 1.962),
        (4, 0.5, 0.0),
    ],
)
def test_quantiles_are_those_of_the_published_table(df: int, tail: float, published: float) -> None:
    """Table of the t distribution in Fisher and Yates, also NIST e-Handbook 1.3.6.7.2."""
    assert t_quantile(tail, df) == pytest.approx(published, abs=6e-4)


def test_quantile_of_one_degree_is_a_tangent_far_out() -> None:
    tail = 0.025 / 2000
    assert t_quantile(tail, 1) == pytest.approx(1 / np.tan(np.pi * tail), rel=1e-6)


def test_very_many_degrees_stay_on_the_wide_side_of_the_normal() -> None:
    assert 1.959964 < t_quantile(0.025, 10**6) < 1.963


def test_error_allows_for_training_rows_that_overlap() -> None:
    """Hand-worked: s² = 0.0025, five folds, a quarter as many rows held out as learned: 0.0025 * (1/5 + 1/4)."""
    scores = np.array([0.80, 0.85, 0.90, 0.80, 0.90])
    assert np.var(scores, ddof=1) == pytest.approx(0.0025)
    assert corrected_error(scores, 0.25) == pytest.approx(np.sqrt(0.001125))


def test_one_score_has_no_error() -> None:
    assert np.isnan(corrected_error(np.array([0.8]), 0.25))
