"""The form: one field a feature, the important ones first."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import streamlit as st

from core.data.schema import FeatureSchema
from core.errors import UserError
from core.evaluation.words import count, shorten
from pages.parts.labels import distinct
from pages.parts.predict_case import Case, Value, case_of, known, outside, start_over, take_unseen_row, words
from pages.parts.results_features import weighed
from pages.parts.results_opened import Opened
from pages.parts.results_rows import features_by_weight
from pages.parts.session import NOT_SHARED, data_is_here, plain, remember_error
from pages.parts.terms import help_with_terms

FIRST = 12
MOST_MORE = 18
MOST_MATCHES = 100


def form(shown: Opened) -> None:
    """Where to start from, then a field for each feature that is shown."""
    case = case_of(shown)
    with st.container(border=True):
        _starts(shown)
        st.caption(_about(shown, case))
        if len(known(shown).features) > FIRST:
            weighed(shown)
        ranked = [name for name in features_by_weight(shown) if name in known(shown).features]
        more = st.container()
        chosen = _more(shown, ranked[FIRST:]) if len(ranked) > FIRST else []
        with more:
            _fields(shown, case, [*ranked[:FIRST], *chosen])
        hidden = len(ranked) - FIRST - len(chosen)
        if hidden > 0:
            st.caption(_about_hidden(shown, case, hidden))


def _starts(shown: Opened) -> None:
    with st.container(horizontal=True):
        st.button(
            "Try a row that the network never saw",
            icon=":material/casino:",
            on_click=_take,
            args=(shown,),
            disabled=not len(shown.rows) or not data_is_here(),
            help="Fills in a random validation row, which the network did not learn from, and shows what was true. "
            "The sealed test rows stay sealed."
            if data_is_here()
            else NOT_SHARED,
        )
        st.button(
            "Typical case",
            icon=":material/restart_alt:",
            on_click=start_over,
            args=(shown,),
            help="Puts every number back to the middle value (median) of the training rows.",
        )


def _take(shown: Opened) -> None:
    try:
        take_unseen_row(shown)
    except UserError as error:
        remember_error(error)


def _about(shown: Opened, case: Case) -> str:
    if case.place is None:
        return (
            "A typical case: numbers start at the middle value (median) of the training rows, categories at the most "
            "frequent (empty where most rows are). Change what you like; empty a field where the value is missing."
        )
    return f"{row_name(shown, case.place)}, which the network did not learn from. Change a value to see what would be."


def row_name(shown: Opened, place: int) -> str:
    """A validation row as people find it in their file, ready for Markdown."""
    row = shown.rows.iloc[place]
    name = f" ({plain(shorten(row['id'], 40))})" if "id" in shown.rows and str(row["id"]) else ""
    return f"Row {int(row['row']):,}{name}"


def _about_hidden(shown: Opened, case: Case, hidden: int) -> str:
    what = "feature stays at its" if hidden == 1 else "features stay at their"
    where = "typical value" if case.place is None else "value in this row"
    weight = "The most important come first. " if shown.run.importance() else ""
    return f"{weight}{hidden:,} more {what} {where}{'' if hidden == 1 or case.place is not None else 's'}."


def _more(shown: Opened, rest: Sequence[str]) -> list[str]:
    """Features that the person adds to the form; of very many only those that match a search are offered."""
    key = f"predict_more:{shown.run.id}"
    chosen: list[str] = [name for name in st.session_state.get(key, []) if name in known(shown).features]
    offered = list(rest)
    if len(rest) > MOST_MATCHES:
        search = st.text_input(
            "Find a feature",
            key=f"predict_search:{shown.run.id}",
            placeholder=f"search {count(len(rest), 'more feature')}",
            help=help_with_terms("feature", "Part of its name; matches are offered in the list below."),
        )
        matches = [name for name in rest if search.strip().casefold() in name.casefold()][:MOST_MATCHES]
        offered = [*chosen, *(name for name in matches if name not in chosen)]
    return st.multiselect(
        "More features",
        offered,
        key=key,
        format_func=dict(zip(offered, distinct(shorten(name, 60) for name in offered), strict=True)).__getitem__,
        max_selections=MOST_MORE,
        placeholder="add fields",
        persist_state="session",
        help=help_with_terms("features", f"Adds a field for each feature that you choose, at most {MOST_MORE}."),
    )


def _fields(shown: Opened, case: Case, names: Sequence[str]) -> None:
    places = {name: place for place, name in enumerate(known(shown).features)}
    # Two by two, so that on a phone, where columns stack, the order stays.
    for start in range(0, len(names), 2):
        for column, name in zip(st.columns(2), names[start : start + 2], strict=False):
            with column:
                _field(known(shown).features[name], case, f"predict:{shown.run.id}:{places[name]}")


def _field(feature: FeatureSchema, case: Case, key: str) -> None:
    value = case.values.get(feature.name)
    if feature.kind == "text" and value not in feature.categories:
        value = None
    st.session_state[key] = value

    def change() -> None:
        case.changes[feature.name] = st.session_state[key]

    label = plain(shorten(feature.name, 40))
    if feature.kind == "text":
        _choice(feature, label, key, change)
    else:
        _number(feature, label, key, change)
    said = outside(feature, case.values.get(feature.name))
    if said:
        st.caption(f":material/warning: {plain(said)}")


def _choice(feature: FeatureSchema, label: str, key: str, change: Callable[[], None]) -> None:
    options: list[Value] = [*feature.categories, None]
    names = distinct([*(shorten(name, 60) or "(empty)" for name in feature.categories), "unknown / missing"])
    st.selectbox(
        label,
        options,
        key=key,
        on_change=change,
        format_func=dict(zip(options, names, strict=True)).__getitem__,
        help=f"{count(len(feature.categories), 'category', 'categories')} in the training rows, the most frequent "
        "first.",
    )


def _number(feature: FeatureSchema, label: str, key: str, change: Callable[[], None]) -> None:
    known_range = feature.minimum is not None and feature.maximum is not None
    told = (
        f"In the training rows: {words(_shown(feature.minimum))} to {words(_shown(feature.maximum))}, in the middle "
        f"{words(_shown(feature.median))}. Empty means missing: the training average is used."
        if known_range
        else "No training row has a value here."
    )
    st.number_input(
        label,
        value=None,
        key=key,
        on_change=change,
        step=_step(feature),
        format="%g",
        placeholder="missing",
        help=told,
    )


def _shown(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")


def _step(feature: FeatureSchema) -> float:
    """1 for whole numbers; else the power of ten below a tenth of the range."""
    width = (feature.maximum or 0.0) - (feature.minimum or 0.0)
    if feature.whole or not 0 < width < math.inf:
        return 1.0
    return float(f"{10.0 ** math.floor(math.log10(width / 10)):.0e}")
