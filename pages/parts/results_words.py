"""Sentences about rows, said of pictures where a run learned from pictures."""

from __future__ import annotations

from core.evaluation.nouns import in_words
from core.evaluation.nouns import metrics_in_words as metrics_in_words
from core.evaluation.nouns import noun_of as noun_of
from pages.parts.charts import Chart


def chart_in_words(noun: str, chart: Chart) -> Chart:
    """A chart whose hints speak of pictures."""
    if noun != "row":
        for trace in chart.figure.data:
            if trace.hovertemplate:
                trace.hovertemplate = in_words(noun, str(trace.hovertemplate))
    return Chart(chart.figure, in_words(noun, chart.sentence))
