"""Charts say what they show, keep their colours, and show names from data as plain text."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.parts import charts
from pages.parts.charts_style import MOST_POINTS, TEXT, plain, shown

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())
EVIL = '<b>x</b><a href="javascript:alert(1)">&lt; %{x} </a>\n' + "long " * 3000
HISTORY = [{"epoch": e, "loss": 1 / e, "val_loss": abs(e - 3) / 10 + 0.5, "accuracy": None} for e in range(1, 7)]
CURVE = [0.0, 0.2, 1.0]
ITEMS = [
    {"feature": EVIL, "importance": 0.1, "low": 0.05, "high": 0.2},
    {"feature": "Math", "importance": 0.3, "low": 0.2, "high": 0.4},
    {"feature": "Art", "importance": -0.1, "low": -0.2, "high": 0.1},
]
EVERY_CHART = {
    "training": lambda: charts.training_curves(HISTORY, 3, "loss", EVIL),
    "scores": lambda: charts.score_with_baselines([(EVIL, 0.8, 0.7, 0.9), (EVIL, 0.5, None, None)], EVIL),
    "confusion": lambda: charts.confusion([[3, 1], [0, 4]], [[0.75, 0.25], [0, 1]], [EVIL, "pass"]),
    "roc": lambda: charts.roc(CURVE, [0, 0.9, 1], 0.93, (0.2, 0.9), EVIL),
    "precision_recall": lambda: charts.precision_recall(CURVE, [1, 0.9, 0.6], 0.9, 0.6, (0.2, 0.9), EVIL),
    "calibration": lambda: charts.calibration([0.1, 0.9], [0.1, 0.9], [0, 0.8], [0.2, 1], [5, 5]),
    "probabilities": lambda: charts.probability_histogram([0, 1, 1], [0.1, 0.4, 0.9], [EVIL, EVIL]),
    "class_bars": lambda: charts.class_bars([0.2, 0.7, 0.1], [EVIL, EVIL, "c"]),
    "predicted_vs_true": lambda: charts.predicted_vs_true([1, 2, 3], [1, 2, 4], EVIL),
    "residuals": lambda: charts.residuals([1, 2, 3], [1, 2, 4], EVIL),
    "importance": lambda: charts.importance_bars(ITEMS, EVIL),
    "contributions": lambda: charts.contributions(1, [(EVIL, EVIL, 2.0), ("b", "3", -1.0)], 2, EVIL, 1),
    "missing": lambda: charts.missing_overview([(EVIL, 0.5), ("b", 0.0)]),
    "numbers": lambda: charts.column_histogram(np.array([1.5, 2, np.nan]), EVIL),
    "texts": lambda: charts.column_histogram(np.array([EVIL, "b", None], dtype=object), EVIL),
}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list | tuple | np.ndarray):
        for part in value:
            yield from texts(part)


def title(chart: charts.Chart) -> str:
    return str(chart.figure.layout.title.text).replace("<br>", " ")


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", EVERY_CHART)
def test_names_from_data_never_become_markup_or_templates(name: str) -> None:
    figure, sentence = EVERY_CHART[name]()
    for text in texts(figure.to_plotly_json()):
        assert "<b>" not in text and "<a" not in text
        assert len(text) < 500
    for trace in figure.data:
        assert "long" not in f"{trace.hovertemplate}{getattr(trace, 'texttemplate', '')}"
    assert len(sentence) < 600 and "\n" not in sentence


@pytest.mark.parametrize("name", EVERY_CHART)
def test_every_chart_has_a_title_a_text_alternative_and_no_background(name: str) -> None:
    chart = EVERY_CHART[name]()
    assert title(chart)
    assert charts.alt_text(chart).endswith(".")
    assert chart.figure.layout.paper_bgcolor == chart.figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert chart.figure.layout.font.color == TEXT
    assert chart.figure.layout.xaxis.title.text


@given(st.text(max_size=300))
def test_a_shown_name_is_one_short_line_without_markup(name: str) -> None:
    assert not set("<>\n\r\t\x00") & set(shown(name))
    assert 1 <= len(plain(name, 24)) <= 24


def test_charts_need_no_streamlit() -> None:
    code = "import sys, pages.parts.charts; sys.exit('streamlit' in sys.modules or 'tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0


def test_text_colour_is_the_one_that_streamlit_replaces_by_the_theme_s() -> None:
    from streamlit.elements.lib.streamlit_plotly_theme import GRAY_90

    assert TEXT == GRAY_90


def test_theme_lists_the_charts_colours_in_their_order() -> None:
    assert CONFIG["theme"]["chartCategoricalColors"] == [charts.TRAIN, charts.VALIDATION, *charts.CLASS_COLOURS]
    assert len(set(CONFIG["theme"]["chartCategoricalColors"])) == 10


@pytest.mark.parametrize("name", ["light", "dark"])
def test_theme_is_readable(name: str) -> None:
    theme = CONFIG["theme"][name]
    backgrounds = (theme["backgroundColor"], theme["secondaryBackgroundColor"])
    for background in backgrounds:
        assert contrast(theme["textColor"], background) >= 7
        assert contrast(theme["linkColor"], background) >= 4.5
        assert contrast(theme["primaryColor"], background) >= 3
    assert contrast("#FFFFFF", theme["primaryColor"]) >= 4.5
    for colour in [*CONFIG["theme"]["chartCategoricalColors"], charts.ACCENT, charts.BASELINE]:
        assert contrast(colour, theme["backgroundColor"]) >= 3, colour
    assert len(theme["chartSequentialColors"]) == len(CONFIG["theme"]["chartDivergingColors"]) == 10


def test_server_shows_no_tracebacks_and_keeps_its_protections() -> None:
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["runner"]["magicEnabled"] is False
    assert CONFIG["server"]["enableCORS"] and CONFIG["server"]["enableXsrfProtection"]
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert "address" not in CONFIG["server"]


def test_training_says_where_validation_stopped_improving_in_the_fixed_colours() -> None:
    chart = charts.training_curves(HISTORY, 3)
    assert title(chart) == "Validation stops improving at epoch 3"
    train, validation, kept = chart.figure.data
    assert (train.name, train.line.color) == ("train", charts.TRAIN)
    assert (validation.name, validation.line.color) == ("validation", charts.VALIDATION)
    assert (kept.x, kept.y) == ((3,), (0.5,))
    assert "train goes from 1.00 to 0.17 and on validation goes from 0.70 to 0.80" in chart.sentence


@pytest.mark.parametrize(
    ("history", "best", "expected"),
    [
        ([], None, "No epoch is finished yet"),
        ([{"epoch": 1, "loss": 0.5}], None, "Cost over 1 epoch"),
        (HISTORY, 6, "Validation still improves at the last epoch (6)"),
        ([{"epoch": 1, "loss": float("nan"), "val_loss": None}], 1, "Cost over 1 epoch"),
    ],
)
def test_training_says_what_is_known(history: list[dict[str, float]], best: int | None, expected: str) -> None:
    assert title(charts.training_curves(history, best)) == expected


def test_scores_keep_their_rows_and_leave_out_what_is_unknown() -> None:
    rows = [("network", 0.8, 0.7, 0.9), ("mean", None, None, None), ("ridge", 0.5, None, None)]
    chart = charts.score_with_baselines(rows, "R2")
    assert [trace.x[0] for trace in chart.figure.data] == [0.8, 0.5]
    assert chart.figure.data[0].error_x.array[0] == pytest.approx(0.1)
    assert [trace.marker.color for trace in chart.figure.data] == [charts.ACCENT, charts.BASELINE]
    assert chart.sentence == "R2: network 0.80 (0.70 to 0.90); ridge 0.50 (0.50 to 0.50)."


def test_score_of_next_to_nothing_is_a_plain_zero_beside_a_real_one() -> None:
    rows = [("network", 0.94, None, None), ("mean", -1.9e-05, None, None)]
    assert title(charts.score_with_baselines(rows, "R2")) == "Network 0.94, mean 0.00"
    small = [("network", 0.002, None, None), ("mean", -1.9e-05, None, None)]
    assert title(charts.score_with_baselines(small, "R2")) == "Network 0.0020, mean -1.9e-05"


def test_features_that_move_nothing_have_no_sign() -> None:
    chart = charts.contributions(0.5, [("a", "1", -0.0), ("b", "2", 0.0)], 0.5, "probability")
    assert chart.figure.data[0].text == ("0.50", "0", "0", "0.50")
    assert chart.sentence.endswith("a = 1 0; b = 2 0.")


def test_confusion_cells_can_be_clicked_and_name_the_commonest_mistake() -> None:
    chart = charts.confusion([[41, 9], [6, 84]], [[0.82, 0.18], [0.067, 0.933]], ["fail", "pass"])
    assert title(chart) == "125 of 140 are right; most often wrong: fail taken for pass (9)"
    points = chart.figure.data[1]
    cells = list(zip(points.y, points.x, map(tuple, points.customdata), strict=True))
    assert cells == [(i, j, (i, j)) for i in (0, 1) for j in (0, 1)]
    written = {(note.y, note.x): note.text for note in chart.figure.layout.annotations}
    assert written == {(0, 0): "41<br>82 %", (0, 1): "9<br>18 %", (1, 0): "6<br>7 %", (1, 1): "84<br>93 %"}
    assert chart.figure.layout.yaxis.range == (1.5, -0.5)


def test_confusion_without_mistakes_or_with_many_classes() -> None:
    assert title(charts.confusion(np.eye(2, dtype=int), np.eye(2), ["a", "b"])) == "All 2 are predicted right"
    many = charts.confusion(np.eye(30, dtype=int), np.eye(30), [f"class {i}" for i in range(30)])
    assert not many.figure.layout.annotations
    assert len(many.figure.data[1].x) == 900


def test_confusion_of_a_dozen_classes_writes_what_fits_into_a_cell() -> None:
    figure = charts.confusion(np.eye(12, dtype=int) * 1234, np.eye(12), [f"class {i}" for i in range(12)]).figure
    assert {note.text for note in figure.layout.annotations} == {"0", "1,234"}
    assert (figure.layout.xaxis.range, figure.layout.yaxis.range) == ((-0.5, 11.5), (11.5, -0.5))
    assert figure.data[1].marker.size == 25


@pytest.mark.parametrize(
    ("area", "words"),
    [
        (0.95, "very well"),
        (0.8, "classes well"),
        (0.72, "fairly well"),
        (0.61, "weakly"),
        (0.5, "Hardly"),
        (None, "Hardly"),
    ],
)
def test_roc_says_how_well_classes_are_separated(area: float | None, words: str) -> None:
    assert words in title(charts.roc(CURVE, CURVE, area))


def test_precision_recall_says_what_the_threshold_does() -> None:
    chart = charts.precision_recall(CURVE, [1, 0.9, 0.6], 0.91, 0.66, (0.8, 0.85), "pass")
    assert title(chart) == "Finds 80 % of “pass”, and is right 85 % of the time"
    assert list(chart.figure.data[0].y) == [0.66, 0.66]


def test_calibration_weighs_gaps_by_rows() -> None:
    honest = charts.calibration([0.1, 0.9], [0.1, 0.4], [0, 0], [1, 1], [990, 10])
    assert title(honest) == "Probabilities can be taken at their word: on average 0 percentage points off"
    boasting = charts.calibration([0.1, 0.9], [0.1, 0.5], [0, 0], [1, 1], [50, 50])
    assert title(boasting) == "Probabilities are on average 20 percentage points off"


def test_probability_histogram_counts_every_row_and_the_wrong_side() -> None:
    y, p = [0, 0, 1, 1, 1], [0.1, 0.7, 0.2, 0.5, 1.0]
    chart = charts.probability_histogram(y, p, ["fail", "pass"], 0.5)
    upward, downward = chart.figure.data
    assert (upward.name, sum(upward.y)) == ("truly pass", 3)
    assert (downward.name, sum(downward.y)) == ("truly fail", -2)
    assert (upward.marker.color, downward.marker.color) == (charts.CLASS_COLOURS[1], charts.CLASS_COLOURS[0])
    assert title(chart).startswith("2 of 5 lie on the wrong side")


def test_class_bars_are_sorted_but_keep_their_class_colours() -> None:
    chart = charts.class_bars([0.1, 0.2, 0.7], ["a", "b", "c"])
    assert list(chart.figure.data[0].x) == [0.7, 0.2, 0.1]
    assert list(chart.figure.layout.yaxis.ticktext) == ["c", "b", "a"]
    assert chart.figure.data[0].marker.color == tuple(charts.CLASS_COLOURS[index] for index in (2, 1, 0))
    assert title(chart) == "Most likely c (70 %)"


def test_predictions_say_their_mean_error_and_stay_drawable() -> None:
    true = np.arange(20_000.0)
    chart = charts.predicted_vs_true(true, true + 2, "y")
    assert title(chart) == "Predictions are off by 2.00 on average"
    dots = chart.figure.data[1]
    assert len(dots.x) <= MOST_POINTS and dots.customdata[-1] == 19_999
    assert charts.predicted_vs_true([], [], "y").figure.data[1].x.size == 0


def test_residuals_tell_bias_from_scatter() -> None:
    assert title(charts.residuals([2, 3, 4], [1, 2, 3], "y")) == "Predictions are too low by 1.00 on average"
    assert title(charts.residuals([1, 2, 3], [2, 3, 4], "y")) == "Predictions are too high by 1.00 on average"
    assert "half are smaller than 1.00" in title(charts.residuals([0, 2], [1, 1], "y"))


def test_importance_is_ranked_and_only_clear_features_are_named() -> None:
    items = [
        {"feature": name, "importance": v, "low": v - 0.1, "high": v + 0.1} for name, v in [("a", 0.2), ("b", 0.5)]
    ]
    chart = charts.importance_bars([*items, {"feature": "noise", "importance": 0.01, "low": -0.1, "high": 0.1}])
    assert list(chart.figure.layout.yaxis.ticktext) == ["b", "a", "noise"]
    assert title(chart) == "b matters most, then a"
    assert title(charts.importance_bars(items[:1])) == "Only a clearly matters"
    assert title(charts.importance_bars([])) == "No single feature stands out"


def test_contributions_add_up_with_the_rest_as_one_bar() -> None:
    pushes = [("a", "1", 0.5), ("b", "", -2.0), ("c", "x", 0.25), ("d", "y", 0.25)]
    chart = charts.contributions(1.0, pushes, 0.0, "log-odds", most=2)
    bars = chart.figure.data[0]
    assert list(bars.x) == [1.0, -2.0, 0.5, 0.5, 0.0]
    assert sum(bars.x[:-1]) == bars.x[-1]
    assert list(bars.measure) == ["absolute", "relative", "relative", "relative", "total"]
    assert list(chart.figure.layout.yaxis.ticktext) == ["average row", "b", "a = 1", "2 others", "this row"]
    assert title(chart) == "b pushes most (down)"


def test_pushes_have_the_digits_that_tell_beside_the_largest() -> None:
    pushes = [("a", "", -0.5123), ("b", "", 0.0123), ("c", "", 8.5e-05), ("d", "", 0.0)]
    bars = charts.contributions(0.5, pushes, 0.0, "probability").figure.data[0]
    assert list(bars.text)[1:-1] == ["-0.51", "+0.01", "≈ 0", "0"]


def test_missing_overview_names_the_worst_column() -> None:
    chart = charts.missing_overview([("a", 0.0), ("b", 0.02), ("c", 0.5)])
    assert title(chart) == "2 of 3 columns have missing values, most in c (50 %)"
    assert list(chart.figure.data[0].x) == [0.5, 0.02]
    assert title(charts.missing_overview([("a", 0.0)])) == "No value is missing"


@pytest.mark.parametrize(
    "values",
    [[1.0] * 5, [0.5, 1e308, -1e308], [np.nan] * 3, list(range(1000)), [1e15, 1e15 + 1], [5e-324, 1e-323], [3.0]],
)
def test_column_histogram_counts_every_known_number(values: list[float]) -> None:
    array = np.array(values, dtype=float)
    chart = charts.column_histogram(array, "x")
    drawn = sum(int(sum(trace.y)) for trace in chart.figure.data)
    assert drawn == np.isfinite(array).sum()


def test_column_histogram_of_small_whole_numbers_has_a_bar_each() -> None:
    chart = charts.column_histogram(np.array([0, 0, 1, 3, np.nan]), "absences")
    assert list(chart.figure.data[0].x) == [0, 1, 2, 3]
    assert list(chart.figure.data[0].y) == [2, 1, 0, 1]
    assert chart.sentence.endswith("1 is missing.")


def test_column_histogram_of_texts_keeps_look_alike_names_apart() -> None:
    long = ["x" * 50 + end for end in ("a", "a", "b")]
    chart = charts.column_histogram(np.array([*long, None], dtype=object), "track")
    assert list(chart.figure.data[0].x) == [2, 1]
    assert list(chart.figure.data[0].y) == [0, 1]
    assert "(67 %)" in title(chart)
