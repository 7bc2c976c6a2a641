"""What can I do here, what have I done?"""

from __future__ import annotations

import streamlit as st

from core.runs import Run
from core.samples import SAMPLES, Sample
from core.studies import Study
from pages.parts.intake import take_sample, uploader
from pages.parts.lesson import start_path
from pages.parts.runs_list import ended, everything, runs_list
from pages.parts.session import accounts, draft, plain
from pages.parts.workspace_panel import lost_notice

CARDS = 3


def page() -> None:
    """A sentence, an upload, the samples, the runs."""
    st.title("Train a neural network on your own table or pictures, and see whether you can trust it")
    st.write(
        f"No code{'' if accounts() else ', no account'}. Upload a spreadsheet and choose what to predict, or a folder "
        "of pictures for each class, and get a trained network with a plain verdict on how good it is. Your data stays "
        "on the computer that runs Muffin."
    )
    lost_notice()
    if uploader("home_upload"):
        st.switch_page("data.py")
    _go_on()
    found = everything()
    if found:
        _latest(found)
    else:
        _first_time()
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


def _first_time() -> None:
    """Who has not trained anything yet is offered the path."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            "**New to neural networks?** Try what one neuron does, how layers see shapes and why networks memorise. "
            "Then train your first network."
        )
        if st.button(
            "Start: ten minutes",
            key="start_path",
            icon=":material/route:",
            help="Three short lessons, then a sample with everything proposed. Stop and come back whenever you like.",
        ):
            start_path()


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
            help="Opens it with everything proposed; nothing is trained yet.",
        ) and take_sample(sample):
            st.switch_page("data.py")


def _latest(found: list[Run | Study]) -> None:
    st.subheader("Your runs and comparisons" if any(isinstance(each, Study) for each in found) else "Your runs")
    active = not all(map(ended, found))
    st.fragment(lambda: runs_list(active), run_every=2.0 if active else None)()


page()
