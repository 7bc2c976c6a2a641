"""From the draft to a run that trains."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.runs import Run
from core.spec import AnyConfig
from pages.parts.session import engine, errors_shown, keep, workspace


def train_now(config: AnyConfig) -> None:
    """Create the run, hand it to the engine, and go to Train. Raises `UserError`."""
    with st.spinner("Handing it to the training engine…"):
        run = Run.create(workspace(), config)
        engine().submit(run)
    st.switch_page("train.py", query_params={"run": run.id})


def ways_on(config: AnyConfig, train: DeltaGenerator, network: DeltaGenerator, ready: bool) -> None:
    """Train with what is proposed, or look at the network first: a button in each of two columns."""
    with train:
        if st.button(
            "Train now",
            type="primary",
            icon=":material/play_arrow:",
            disabled=not ready,
            key="data:train",
            width="stretch",
        ):
            with errors_shown():
                train_now(config)
    with network:
        if st.button("Choose the network", icon=":material/hub:", key="data:network", width="stretch"):
            st.switch_page("network.py")


def train_again(run: Run) -> None:
    """Put a run's settings into the draft and open Network; a draft always has the plain split."""
    keep(run.config.plain)
    st.switch_page("network.py")
