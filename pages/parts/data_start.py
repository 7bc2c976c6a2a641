"""The top of Data: where data comes from, what was understood, what is learned, and the way on."""

from __future__ import annotations

import streamlit as st

from core.data.table import Table
from core.evaluation.words import count
from core.samples import SAMPLES, Sample
from core.spec import DataSpec, RunConfig
from pages.parts.data_change import set_data, set_target, want
from pages.parts.data_pick import column_choice, option_choice, short
from pages.parts.data_state import Prospect
from pages.parts.form import field_info
from pages.parts.intake import take_sample, uploader
from pages.parts.launch import ways_on
from pages.parts.session import plain, show_error
from pages.parts.terms import help_with_terms

MOST_CLASSES_NAMED = 4
NO_TARGET = (
    "Choose the column that should be predicted; training can start then. If the answers are in another file, add it "
    'under "Join a second table" below.'
)


def other_data(key: str) -> None:
    """A file of one's own, or a sample; the page is drawn again with it."""
    if uploader(f"{key}:upload"):
        _go_to_it()
    st.markdown("**Or try a sample**")
    for start in range(0, len(SAMPLES), 3):
        for place, sample in zip(st.columns(3), SAMPLES[start : start + 3], strict=False):
            with place, st.container(border=True, height="stretch"):
                _sample(sample, key)


def _sample(sample: Sample, key: str) -> None:
    st.markdown(f":material/{sample.icon}: **{sample.title}**")
    st.write(sample.sentence)
    made = " Made up by a program." if sample.synthetic else ""
    st.caption(f"{sample.cells}.{made}")
    if st.button("Open this sample", key=f"{key}:sample:{sample.key}") and take_sample(sample):
        _go_to_it()


def _go_to_it() -> None:
    """Draw the page anew with everything folded; what was unfolded was about the data before."""
    for key in [key for key in st.session_state if str(key).startswith("data:open:")]:
        del st.session_state[key]
    st.rerun()


def understood(table: Table, data: DataSpec, found: Prospect) -> None:
    """One sentence: the size of the table, what is learned, from how much."""
    size = f"**{count(table.rows, 'row')} × {count(len(table.names), 'column')}**"
    if not data.target:
        st.subheader(f"{size}; choose what should be predicted.", anchor=False, help=help_with_terms("target"))
        return
    target = f"**{plain(short(data.target, 40))}** ({plain(_kind(data, found))})"
    features = f" from {count(found.features, 'feature')}" if found.features else ""
    st.subheader(f"{size}; learns {target}{features}.", anchor=False, help=help_with_terms("target, features"))


def _kind(data: DataSpec, found: Prospect) -> str:
    if data.task == "regression":
        return "a number"
    names = [short(name, 20) for name in found.class_names]
    if not names:
        return "a class"
    if len(names) > MOST_CLASSES_NAMED:
        return f"{len(names):,} classes"
    return " / ".join(names)


def what_and_on(config: RunConfig, table: Table, found: Prospect) -> None:
    """Target, task, and the two ways on, in one row."""
    target, task, train, network = st.columns([2.6, 2.8, 1.55, 2.35], vertical_alignment="bottom")
    with target:
        column_choice(
            "What should be predicted (target)",
            table.names,
            config.data.target,
            "data:target",
            _target_chosen,
            help=str(field_info("data.target").description),
        )
    with task:
        key = "data:task"
        option_choice("data.task", config.data.task, key, lambda: want(set_data(task=st.session_state[key])))
    error = found.error
    ways_on(config, train, network, error is None)
    if not config.data.target:
        st.info(NO_TARGET, icon=":material/help:")
    elif error is not None:
        show_error(error)


def _target_chosen() -> None:
    if st.session_state["data:target"]:
        want(set_target(st.session_state["data:target"]))
