"""All settings in one table; a selected one shows its networks, and a selected network opens as a run."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.errors import UserError
from core.evaluation.words import count
from core.study_opened import POINTS, Answer, members_table, settings_table
from pages.parts.session import ask, plain, read_only, show_error
from pages.parts.terms import help_with_terms

MOST_HEIGHT = 420


def all_settings(answer: Answer) -> None:
    """The table of settings, and below it the networks of the selected one."""
    table = settings_table(answer)
    key = f"settings:{answer.study.id}"
    order = sorted(range(len(table)), key=lambda place: _rank(answer, place))
    state: Any = st.dataframe(
        _shown(answer, table.iloc[order]),
        hide_index=True,
        height=MOST_HEIGHT if len(table) > 11 else "auto",
        on_select="rerun",
        selection_mode="single-row",
        key=key,
        column_config=_formats(answer),
        alt="Every setting with its score, its interval and how it stands against the best one",
    )
    st.caption(
        f"Best first. Minus the best: the difference{_points(answer)} over the same {answer.groups} parts and repeats, "
        "with its 95 % interval; where that holds 0, the two are tied. Select a row to see its networks.",
        help=help_with_terms("interval, tied"),
    )
    rows = state["selection"]["rows"]
    if rows and rows[0] < len(order):
        _members(answer, order[rows[0]])


def _members(answer: Answer, setting: int) -> None:
    st.subheader(f"The {count(answer.groups, 'network')} of {plain(answer.spec.words[setting])}", anchor=False)
    table = members_table(answer, setting)
    if answer.spec.folds == 1:
        table = table.drop(columns="Part held out")
    state: Any = st.dataframe(
        _shown(answer, table),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"members:{answer.study.id}:{setting}",
        column_config=_formats(answer),
        alt="The networks of this setting",
    )
    rows = state["selection"]["rows"]
    if read_only():
        return
    if not rows or rows[0] >= len(table):
        st.caption("Select a network to open it as a run, with all its results.")
        return
    place = setting * answer.groups + rows[0]
    lost = table["State"][rows[0]] == "diverged"
    if st.button(
        "Open this network as a run",
        type="primary",
        icon=":material/open_in_new:",
        disabled=lost,
        help="A network that diverged cannot be opened." if lost else "Shows its results; predictions work too.",
    ):
        _open(answer, place)


def _open(answer: Answer, member: int) -> None:
    try:
        with st.spinner("Writing this network as a run…"):
            run = ask("open_member", answer.study, member)
    except UserError as error:
        show_error(error)
        return
    st.switch_page("results.py", query_params={"run": run})


def _rank(answer: Answer, place: int) -> tuple[bool, bool, float, int]:
    value = answer.result["settings"][place]["score"]["value"]
    if value is None:
        return True, True, 0.0, place
    other = place != answer.result["best"]  # Among equals the simplest is the best one, and it stands first.
    return other, False, -value if answer.result["higher_is_better"] else value, place


def _shown(answer: Answer, table: pd.DataFrame) -> pd.DataFrame:
    if answer.result["metric"] != "r2":
        return table
    return table.assign(**{name: table[name].round(3) + 0.0 for name in ("Score", "On learned rows")})  # never -0


def _points(answer: Answer) -> str:
    return f" in{POINTS}" if answer.percent else ""


def _formats(answer: Answer) -> dict[str, Any]:
    text = "%.1f %%" if answer.percent else "%.3f" if answer.result["metric"] == "r2" else "%.4g"
    number = st.column_config.NumberColumn
    return {
        "Score": number(format=text, help="Mean on held-out rows."),
        "Minus the best": st.column_config.TextColumn(
            help=f"Difference over the same parts and repeats{_points(answer)}."
        ),
        "On learned rows": number(format=text, help="Mean on the rows that the networks learned from."),
    }
