"""What can I do here, what have I done?"""

from __future__ import annotations

import streamlit as st

from core.progress import progress
from core.runs import Run, all_runs
from core.samples import SAMPLES, Sample
from pages.parts.intake import take_sample, uploader
from pages.parts.runs_list import runs_list
from pages.parts.session import draft, plain, workspace

CARDS = 3


def page() -> None:
    """A sentence, an upload, the samples, the runs."""
    st.title("Train a neural network on your own table, and see whether you can trust it")
    st.write(
        "No code, no account. Upload a spreadsheet, choose what to predict, and get a trained network with a plain "
        "verdict on how good it is. Your data stays on the computer that runs Muffin."
    )
    if uploader("home_upload"):
        st.switch_page("data.py")
    _go_on()
    runs = all_runs(workspace())
    if runs:
        _latest(runs)
    st.subheader("Or start with a sample")
    for start in range(0, len(SAMPLES), CARDS):
        for column, sample in zip(st.columns(CARDS), SAMPLES[start : start + CARDS], strict=False):
            with column:
                _card(sample)


def _go_on() -> None:
    config = draft()
    if config is not None:
        st.page_link(
            "data.py", label=f"Go on with {plain(config.data.source.name[:60])}", icon=":material/arrow_forward:"
        )


def _card(sample: Sample) -> None:
    with st.container(border=True, height="stretch"):
        st.markdown(f"#### :material/{sample.icon}: {sample.title}")
        st.write(sample.sentence)
        origin = "made up (synthetic)" if sample.synthetic else "real data"
        st.caption(f"{sample.question} {sample.cells}, {origin}.")
        if st.button(
            "Use this sample",
            key=f"sample-{sample.key}",
            width="stretch",
            help="Opens the table with everything proposed; nothing is trained yet.",
        ) and take_sample(sample):
            st.switch_page("data.py")


def _latest(runs: list[Run]) -> None:
    st.subheader("Your runs")
    active = any(not progress(run).ended for run in runs)
    st.fragment(lambda: runs_list(active), run_every=2.0 if active else None)()


page()
