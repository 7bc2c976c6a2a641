"""How the person's own newest network went downhill."""

from __future__ import annotations

import streamlit as st

from core.progress import progress
from pages.parts.form import rate_text
from pages.parts.lesson import own_run
from pages.parts.session import address, plain

_NAMES = {"adam": "Adam", "sgd": "plain steps (SGD)", "rmsprop": "RMSprop"}


def own_descent() -> None:
    """A sentence and a link, where there is such a network."""
    run = own_run()
    history = progress(run).history if run is not None else []
    if run is None or len(history) < 2:
        return
    training = run.config.training
    st.markdown(
        f"**Your own network** “{plain(run.name)}” took such steps with {_NAMES[training.optimizer]}, a learning rate "
        f"of {rate_text(training.learning_rate)} and batches of {training.batch_size}. Its cost went from "
        f"{history[0]['loss']:.3g} to {history[-1]['loss']:.3g} in {history[-1]['epoch']} epochs."
    )
    st.page_link(
        "results.py", label="See its curve", icon=":material/stacked_line_chart:", query_params=address(run=run.id)
    )
