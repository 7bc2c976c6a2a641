"""The shell that runs on every rerun: page settings, the steps in the sidebar, the header strip, the page."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from core.errors import UserError
from pages.parts.account import account_button, login_page
from pages.parts.header import Now, header_strip, steps_done
from pages.parts.session import accounts, looked_at, read_only, share_token, show_remembered_error
from pages.parts.sharing import link_is_dead, open_shared, shared_banner, shared_links

# A file of our own: Streamlit's icons for the browser tab come from the internet.
ICON = Path(__file__).parent / "parts" / "muffin.svg"
# Streamlit writes chosen options in the accent colour, which is too dark to read on the dark background.
STYLE = (
    '<style>[data-testid="stSliderThumbValue"],[data-testid="stTab"][aria-selected="true"],'
    '[data-testid="stButtonGroup"] button[aria-checked="true"],'
    '[data-testid="stButtonGroup"] button[aria-pressed="true"]{color:inherit !important}</style>'
)


def own() -> None:
    """All pages, for one's own workspace."""
    now = Now.look()
    done = steps_done(now)

    def step(file: str, title: str, icon: str, address: str) -> st.Page:
        shown = "check_circle" if address in done else icon
        return st.Page(file, title=title, icon=f":material/{shown}:", url_path=address, default=address == "home")

    page = st.navigation(
        [
            step("home.py", "Home", "home", "home"),
            step("data.py", "Data", "table_chart", "data"),
            step("network.py", "Network", "hub", "network"),
            step("train.py", "Train", "model_training", "train"),
            step("results.py", "Results", "monitoring", "results"),
            step("compare.py", "Compare", "compare_arrows", "compare"),
            step("predict.py", "Predict", "online_prediction", "predict"),
        ]
    )
    with st.sidebar:
        st.toggle(
            "All settings",
            key="all_settings",
            persist_state="session",
            help="Off: the settings that a first visit needs. On: every setting there is.",
        )
        account_button()
    header_strip(now)
    show_remembered_error()
    page.run()


def somebody_elses() -> None:
    """The pages that a link opens, and nothing else."""
    try:
        told = looked_at()
    except UserError as error:
        dead = st.Page(partial(link_is_dead, error), title="Muffin", url_path="shared")
        st.navigation([dead], position="hidden").run()
        return
    # The address keeps the secret, so that it can be reloaded, wherever the person went on these pages.
    if st.query_params.get("share") != share_token():
        st.query_params["share"] = share_token()
    files = ["compare.py"] if told.kind == "study" else ["results.py", "predict.py"]
    pages = [st.Page(open_shared, title="Shared", url_path="shared", default=True), *map(st.Page, files)]
    page = st.navigation(pages, position="hidden")
    with st.sidebar:
        shared_links(told)
    shared_banner(told)
    show_remembered_error()
    page.run()


st.set_page_config(page_title="Muffin", page_icon=ICON, layout="wide")
st.html(STYLE)
if accounts() and not st.user.is_logged_in:
    st.navigation([st.Page(login_page, title="Log in", url_path="login")], position="hidden").run()
elif read_only():
    somebody_elses()
else:
    own()
