"""From the draft to a run that trains."""

from __future__ import annotations

import streamlit as st

from core.runs import Run
from core.spec import AnyConfig
from pages.parts.session import engine, keep, workspace


def train_now(config: AnyConfig) -> None:
    """Create the run, hand it to the engine, and go to Train. Raises `UserError`."""
    with st.spinner("Handing it to the training engine…"):
        run = Run.create(workspace(), config)
        engine().submit(run)
    st.switch_page("train.py", query_params={"run": run.id})


def train_again(run: Run) -> None:
    """Put a run's settings into the draft and open Network; a draft always has the plain split."""
    keep(run.config.plain)
    st.switch_page("network.py")
