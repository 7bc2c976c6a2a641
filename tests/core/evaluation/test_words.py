"""Numbers as people read them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.evaluation.words import count, format_difference, format_interval, format_number, format_percent, shorten


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.8312, "0.83"), (12345.6, "12,346"), (123.45, "123.5"), (0.00123, "0.0012"), (0.0999, "0.10"),
        (-0.001, "-0.0010"), (1.2e-7, "1.2e-07"), (0.0, "0.00"),
        (-0.0, "0.00"), (None, "not defined"), (float("nan"), "not defined"),
        (float("inf"), "not defined"), (7, "7.00"),
    ],
)  # fmt: skip
def test_numbers_have_a_sensible_number_of_digits(value: float | None, text: str) -> None:
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.834, "83 %"), (0.999, "more than 99 %"), (0.001, "less than 1 %"), (1.0, "100 %"), (0.0, "0 %"),
        (None, "not defined"),
    ],
)  # fmt: skip
def test_only_a_whole_share_is_called_100_percent(share: float | None, text: str) -> None:
    assert format_percent(share) == text


def test_intervals_read_as_a_sentence_would() -> None:
    assert format_interval(0.83, 0.79, 0.87) == "0.83 (0.79 to 0.87)"
    assert format_interval(0.83, 0.79, 0.874, percent=True) == "83 % (79 % to 87 %)"
    assert format_interval(12.5, 9, 1234) == "12 (9 to 1,234)"
    assert format_interval(0.83) == "0.83"
    assert format_interval(None, 0, 1) == "not defined"
    assert format_difference(0.034, -0.011, 0.07, percent=True) == "+3 (-1 to +7) percentage points"
    assert format_difference(0.034, -0.001, 0.07) == "+0.03 (0.00 to +0.07)"


def test_names_from_the_data_are_shortened_to_one_line() -> None:
    assert shorten("a\nb  c") == "a b c"
    assert shorten("x" * 10_000) == "x" * 59 + "…"
    assert (count(1, "row"), count(1200, "row"), count(2, "class", "classes")) == ("1 row", "1,200 rows", "2 classes")


@pytest.mark.parametrize("module", ["words", "verdict", "report", "curves", "residuals", "importance"])
def test_pages_can_judge_and_write_numbers_without_heavy_imports(module: str) -> None:
    code = (
        f"import sys, core.evaluation.{module}\n"
        "print([m for m in ('sklearn', 'scipy', 'pandas', 'tensorflow', 'keras', 'streamlit') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
