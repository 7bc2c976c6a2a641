"""The shell that runs on every rerun: page settings, the steps in the sidebar, the header strip, the page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts.header import Now, header_strip, steps_done
from pages.parts.session import show_remembered_error

# A file of our own: Streamlit's icons for the browser tab come from the internet.
ICON = Path(__file__).parent / "parts" / "muffin.svg"
st.set_page_config(page_title="Muffin", page_icon=ICON, layout="wide")

now = Now.look()
done = steps_done(now)


def _page(file: str, title: str, icon: str, address: str) -> st.Page:
    shown = "check_circle" if address in done else icon
    return st.Page(file, title=title, icon=f":material/{shown}:", url_path=address, default=address == "home")


page = st.navigation(
    [
        _page("home.py", "Home", "home", "home"),
        _page("data.py", "Data", "table_chart", "data"),
        _page("network.py", "Network", "hub", "network"),
        _page("train.py", "Train", "model_training", "train"),
        _page("results.py", "Results", "monitoring", "results"),
        _page("compare.py", "Compare", "compare_arrows", "compare"),
        _page("predict.py", "Predict", "online_prediction", "predict"),
    ]
)
with st.sidebar:
    st.toggle(
        "All settings",
        key="all_settings",
        persist_state="session",
        help="Off: the settings that a first visit needs. On: every setting there is.",
    )
# Streamlit writes chosen options in the accent colour, which is too dark to read on the dark background.
st.html(
    '<style>[data-testid="stSliderThumbValue"],[data-testid="stTab"][aria-selected="true"],'
    '[data-testid="stButtonGroup"] button[aria-checked="true"],'
    '[data-testid="stButtonGroup"] button[aria-pressed="true"]{color:inherit !important}</style>'
)
header_strip(now)
show_remembered_error()
page.run()
