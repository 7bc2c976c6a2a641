"""How is it going?"""

from __future__ import annotations

import re

import streamlit as st

from core.errors import UserError
from core.evaluation.nouns import in_words
from core.evaluation.words import format_number
from core.progress import Progress, progress
from core.runs import Run, all_runs
from core.spec import ImageConfig, ImageData
from pages.parts.charts_style import TRAIN, VALIDATION
from pages.parts.header import STATE_WORDS, network_words
from pages.parts.results_words import noun_of
from pages.parts.session import chosen_run, engine, errors_shown, plain, show_error, workspace
from pages.parts.states import again, ended_empty, not_here, nothing_yet
from pages.parts.terms import help_with_terms

POLL_SECONDS = 1.0
MOST_POINTS = 300
# Stages that come after the first epochs, as `core.training` tells them.
MEASURING = "Measuring how good it is"
FINE_TUNING = "Fine-tuning"
AS_LEARNED = (
    "Train is measured while it learns, on varied pictures and with dropout at work, so it looks a little worse than "
    "it is."
)
METRIC_WORDS = {"accuracy": "Share of correct answers (accuracy)", "r2": "Explained share of the variation (R2)"}


def page() -> None:
    """The chosen run while it trains and right after."""
    try:
        run = chosen_run()
    except UserError as error:
        not_here(error, "train.py")
        return
    if run is None:
        nothing_yet("Nothing has been trained yet", "Curves appear here as soon as a training starts.")
        return
    active = not progress(run).ended
    st.fragment(lambda: _live(run, active), run_every=POLL_SECONDS if active else None)()
    _others(run)


def _live(run: Run, active: bool) -> None:
    told = progress(run)
    if active and told.ended:
        st.rerun()
    if active:
        with errors_shown():
            engine().recover_silent(run)
    st.title(_headline(told))
    st.caption(f"{plain(run.name)} · {network_words(run.config)} · {_learns(run)}")
    if not told.ended:
        _running(run, told)
    elif told.state == "failed":
        ended_empty(run, told, "Nothing was learned that could be kept.")
    else:
        _finished(run, told)
    if told.history:
        _curves(told, run)


def _learns(run: Run) -> str:
    data = run.config.data
    if isinstance(data, ImageData):
        return f"learns to tell pictures apart, {data.size} x {data.size} pixels"
    return f"learns {plain(data.target[:80])}"


def _headline(told: Progress) -> str:
    if told.state == "queued":
        return "Waiting for a free worker"
    if told.state == "running":
        if not told.history or told.stage == MEASURING:
            return f"{told.stage or 'Starting'}…"
        doing = told.stage if told.stage.startswith(FINE_TUNING) else "Training"
        return f"{doing}, epoch {told.epoch}"
    return {"finished": "Training is finished", "stopped": "Training was stopped"}.get(told.state, "Training failed")


def _running(run: Run, told: Progress) -> None:
    st.progress(_share(told), text=_progress_words(run, told))
    if told.resumed_at is not None:
        st.caption(f"Resumed from the checkpoint after epoch {told.resumed_at}.")
    if run.stop_requested:
        st.info("Stopping. What was learned so far is kept.", icon=":material/stop_circle:")
    elif st.button(
        "Stop", icon=":material/stop_circle:", help="Ends the training and keeps the best network found so far."
    ):
        engine().stop(run)
        st.rerun()


def _share(told: Progress) -> float:
    """What the bar shows: before the first epoch how far the stage is, if it says so."""
    if not told.history:
        done = re.search(r"(\d+)%$", told.stage)
        return int(done[1]) / 100 if done else 0.0
    share = 1.0 if told.stage == MEASURING else (told.epoch + told.share) / max(1, told.epochs)
    return min(1.0, share)


def _progress_words(run: Run, told: Progress) -> str:
    if told.state == "queued" and any(progress(other).state == "running" for other in _in_the_queue(run)):
        return "Another run is training. This one starts when it ends; the tab may be closed meanwhile."
    if not told.history:
        return told.stage or "The training engine is getting ready."
    if told.stage == MEASURING:
        return f"All {told.epoch} epochs are done. The results follow in a moment."
    words = f"Epoch {told.epoch} of at most {told.epochs}"
    left = told.seconds_left
    return words if left is None else f"{words}, at most {_duration(left)} left"


def _finished(run: Run, told: Progress) -> None:
    verdict = (run.metrics() or {}).get("verdict")
    if verdict is None:
        ended_empty(run, told, "There is nothing to judge.")
        return
    with st.container(border=True):
        sentence = verdict["sentence"]
        st.markdown(f"**{plain(in_words(noun_of(run.config), sentence))}**")
    if told.problem:
        show_error(UserError(told.problem, told.remedy))
    with st.container(horizontal=True):
        if st.button("See the results", type="primary", icon=":material/monitoring:"):
            st.switch_page("results.py", query_params={"run": run.id})
        again(run)
    best, seconds = told.facts.get("best_epoch"), told.facts.get("seconds")
    st.caption(
        f"{told.facts.get('epochs')} epochs in {_duration(seconds or 0)}; the network of epoch {best} was kept."
        if run.config.training.early_stopping
        else f"{told.facts.get('epochs')} epochs in {_duration(seconds or 0)}; the last network was kept."
    )


def _curves(told: Progress, run: Run) -> None:
    left, right = st.columns(2)
    words = METRIC_WORDS["r2" if run.config.data.task == "regression" else "accuracy"]
    with left:
        _curve(told, run, "loss", "How wrong it is (cost), lower is better")
    with right:
        _curve(told, run, "metric", f"{words}, higher is better")
    if isinstance(run.config, ImageConfig) and not run.config.network.frozen:
        st.caption(AS_LEARNED)


def _curve(told: Progress, run: Run, key: str, title: str) -> None:
    step = max(1, len(told.history) // MOST_POINTS)
    shown = [*told.history[:-1:step], told.history[-1]]
    last = told.history[-1]
    st.markdown(f"**{title}**", help=help_with_terms(f"{title}; training rows, validation, epoch"))
    st.line_chart(
        {
            "epoch": [row["epoch"] for row in shown],
            "train": [row[key] for row in shown],
            "validation": [row[f"val_{key}"] for row in shown],
        },
        x="epoch",
        y=["train", "validation"],
        color=[TRAIN, VALIDATION],
        height=260,
    )
    learned, validated = (None if value is None else format_number(value) for value in (last[key], last[f"val_{key}"]))
    rows = "pictures" if isinstance(run.config, ImageConfig) else "rows"
    words = [f"{learned} on the {rows} it learns from (train)"] if learned else []
    words += [f"{validated} on {rows} it does not (validation)"] if validated else []
    st.caption(f"Epoch {last['epoch']}: {', '.join(words) or 'not a number'}.")


def _others(run: Run) -> None:
    others = _in_the_queue(run)
    if not others:
        return
    st.subheader("Also in the queue")
    for other in others[:10]:
        words, icon = STATE_WORDS[progress(other).state]
        st.page_link("train.py", label=f"{plain(other.name)}: {words}", icon=icon, query_params={"run": other.id})


def _in_the_queue(run: Run) -> list[Run]:
    """The other runs that have not ended."""
    return [other for other in all_runs(workspace()) if other.id != run.id and not progress(other).ended]


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


page()
