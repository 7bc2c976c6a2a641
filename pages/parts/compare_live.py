"""A study while it waits and trains: how far it is, a picture that fills, and Stop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.errors import UserError
from core.evaluation.words import count, format_number, format_percent
from core.progress import progress
from core.runs import all_runs
from core.spec import StudySpec
from core.studies import CURVES, Board, Study
from core.study_axes import AXIS_TITLES, value_words
from core.study_draft import AXIS_NAMES, question_of, save_study_draft
from core.study_progress import StudyProgress
from pages.parts.charts_style import TRAIN, VALIDATION
from pages.parts.compare_question import about
from pages.parts.compare_studies import NEW, newest_studies, progress_of, question_words
from pages.parts.header import network_words
from pages.parts.session import engine, errors_shown, keep, plain, read_only, show_error, workspace
from pages.parts.terms import help_with_terms

SAME = 5e-4
SERIES = {"metric": ("learned rows (train)", TRAIN), "held_metric": ("held-out rows (validation)", VALIDATION)}


def watch(study: Study) -> None:
    """What is drawn each second; the page is drawn anew once nothing more will come."""
    if not study.folder.is_dir():
        st.rerun()
    told = progress_of(study)
    if told.done:
        st.rerun()
    with errors_shown():
        engine().recover_silent_study(study)
    spec = study.spec
    busy = told.state == "queued" and _busy(study)
    st.title(_headline(told, spec, busy))
    st.caption(f"{plain(study.name)} · {varied_words(spec)} · learns {plain(spec.run.data.target[:80])}")
    _how_far(told, busy)
    _stop(study)
    board = study.board()
    if np.isfinite(board.scores[CURVES.index("held_metric")]).any() and (board.epoch >= 1).any():
        live_picture(spec, board)
    else:
        st.caption("The picture appears after the first epochs.")


def ended_without_answer(study: Study) -> None:
    """It failed, or was stopped before anything could be judged."""
    told = progress_of(study)
    st.title("The comparison failed" if told.state == "failed" else "The comparison was stopped")
    st.caption(f"{plain(study.name)} · {question_words(study.spec)}")
    if told.state == "failed":
        show_error(UserError(told.problem or "It ended without saying why.", told.remedy))
    elif told.state == "finished":
        st.warning("No network has a score: their costs ran away, or the answer is lost.", icon=":material/warning:")
    else:
        st.info("It was stopped before there was anything to compare.", icon=":material/stop_circle:")
    st.write("Your data and the question are kept.")
    again(study, primary=True)
    board = study.board()
    if np.isfinite(board.scores[CURVES.index("held_metric")]).any():
        st.write("What the networks had reached by then:")
        live_picture(study.spec, board)


def varied_words(spec: StudySpec) -> str:
    """The network that all settings share and what is varied, such as ``small, dropout 0.3, varying L2``."""
    fixed = [
        f"{AXIS_NAMES[axis]} {value_words(axis, getattr(spec.grid, axis)[0])}"
        for axis in ("l1", "l2", "dropout")
        if axis not in spec.grid.varied and getattr(spec.grid, axis)[0]
    ]
    return ", ".join([network_words(spec.run).split(",")[0], *fixed, f"varying {question_words(spec)}"])


def again(study: Study, primary: bool = False, label: str = "Change the question and compare again") -> None:
    """A button that goes back to the question of this study; nothing in what was shared."""
    if not read_only() and st.button(
        label,
        key=f"again-{study.id}",
        icon=":material/tune:",
        type="primary" if primary else "secondary",
        help="Puts this comparison's data, network and question into the draft and opens the form.",
    ):
        ask_again(study)


def ask_again(study: Study) -> None:
    """Put a study's run and question into the drafts and open the form."""
    keep(study.spec.run)
    save_study_draft(workspace(), question_of(study.spec))
    st.switch_page("compare.py", query_params={"study": NEW})


def _busy(study: Study) -> bool:
    """Whether something else is being trained just now."""
    runs = any(progress(run).state == "running" for run in all_runs(workspace()))
    return runs or any(progress_of(other).state == "running" for other in newest_studies() if other.id != study.id)


def _headline(told: StudyProgress, spec: StudySpec, busy: bool) -> str:
    networks = f"{len(spec.members):,} networks"
    if told.state == "queued":
        return f"{networks} wait for a free worker" if busy else f"Getting ready to compare {networks}"
    return f"Comparing {networks}" if told.epoch >= 1 else f"{told.stage or 'Starting'}…"


def _how_far(told: StudyProgress, busy: bool) -> None:
    share = max(told.ended / max(1, told.members), told.epoch / max(1, told.epochs))
    words = told.stage or "The training engine is getting ready."
    if busy:
        words = "Something else is training. This comparison starts when that ends."
    if told.epoch >= 1 and told.ended < told.members:
        words = (
            f"{told.ended:,} of {told.members:,} networks have ended · epoch {told.epoch:.0f} of at most {told.epochs}"
        )
        if told.seconds_left is not None:
            words += f" · at most {about(told.seconds_left)} left"
    st.progress(min(1.0, share), text=words)
    st.caption("This page may be closed meanwhile: the answer will be here and on Home.")
    if told.diverged:
        are = "has" if told.diverged == 1 else "have"
        st.caption(
            f":material/warning: {count(told.diverged, 'network')} {are} diverged; the others go on.",
            help=help_with_terms("diverged"),
        )


def _stop(study: Study) -> None:
    if study.stop_requested:
        st.info("Stopping. What was learned so far is kept and judged.", icon=":material/stop_circle:")
    elif st.button(
        "Stop", icon=":material/stop_circle:", help="Ends all networks and judges the best ones found so far."
    ):
        with errors_shown():
            engine().stop_study(study)
        st.rerun()


def live_picture(spec: StudySpec, board: Board) -> None:
    """Mean score so far on learned and held-out rows, by the axis with most values; it moves in place."""
    axis = _axis(spec)
    table = live_table(spec, board, axis)
    percent = spec.run.data.task != "regression"
    title = "Explained share of the differences (R²)" if not percent else "Share of correct answers (accuracy)"
    order = [value_words(axis, value) for value in sorted(set(getattr(spec.grid, axis)))] if axis else ["all"]
    st.markdown(f"**{title} so far, higher is better**")
    st.vega_lite_chart(
        table,
        _vega(order, AXIS_TITLES.get(axis, "Setting"), percent),
        key="live_path",
        alt=live_words(table, percent, axis),
    )
    st.caption(f"Means over parts and repeats. {plain(live_words(table, percent, axis))}")


def live_table(spec: StudySpec, board: Board, axis: str) -> pd.DataFrame:
    """Rows (value, score, series) for the picture: means over all members with that value."""
    groups = spec.folds * spec.seeds
    values = [getattr(setting, axis) if axis else 0 for setting in spec.settings]
    of_member = np.repeat(np.array(values, float), groups)
    rows = []
    for key, (name, _) in SERIES.items():
        scores = board.scores[CURVES.index(key)]
        for value in sorted(set(values)):
            own = scores[(of_member == value) & np.isfinite(scores)]
            if len(own):
                label = value_words(axis, value) if axis else "all"
                rows.append({"value": label, "score": float(own.mean()), "rows": name})
    return pd.DataFrame(rows, columns=["value", "score", "rows"])


def _axis(spec: StudySpec) -> str:
    return max(spec.grid.varied, key=lambda axis: len(set(getattr(spec.grid, axis))), default="")


def _vega(order: list[str], title: str, percent: bool) -> dict[str, Any]:
    names, colours = zip(*SERIES.values(), strict=True)
    x: dict[str, Any] = {"field": "value", "type": "ordinal", "sort": order, "title": title, "scale": {"domain": order}}
    y: dict[str, Any] = {"field": "score", "type": "quantitative", "title": None, "scale": {"zero": False}}
    y["axis"] = {"format": ".0%" if percent else ".2~f"}
    legend = {"orient": "bottom", "columns": 1}
    colour: dict[str, Any] = {"field": "rows", "type": "nominal", "title": None, "legend": legend}
    colour["scale"] = {"domain": list(names), "range": list(colours)}
    return {
        "mark": {"type": "line", "point": {"size": 60}},
        "encoding": {"x": x | {"axis": {"labelAngle": 0}}, "y": y, "color": colour},
        "height": 300,
    }


def live_words(table: pd.DataFrame, percent: bool, axis: str) -> str:
    """Which value is ahead on held-out rows, if any."""
    held = table[table["rows"] == SERIES["held_metric"][0]]
    if not len(held):
        return "No score is known yet."
    best = held.iloc[int(held["score"].argmax())]
    score = format_percent(best["score"]) if percent else format_number(best["score"])
    if not axis:
        return f"On held-out rows the score is {score}."
    if len(held) > 1 and held["score"].max() - held["score"].min() < SAME:
        return f"On held-out rows all have the same score so far, {score}."
    named = f"no {AXIS_NAMES[axis]}" if best["value"] == "none" else f"{AXIS_NAMES[axis]} {best['value']}"
    return f"On held-out rows, {named} is ahead with {score}."
