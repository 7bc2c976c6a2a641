"""The shell that runs on every rerun: page settings, the steps in the sidebar, the header strip, the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from core.errors import UserError
from pages.parts.account import account_button, login_page
from pages.parts.course import PAGES, SECTION, Lesson
from pages.parts.header import Now, header_strip, steps_done
from pages.parts.session import accounts, looked_at, read_only, share_token, show_remembered_error
from pages.parts.sharing import link_is_dead, open_shared, shared_banner, shared_links
from pages.parts.terms import help_with_terms

# A file of our own: Streamlit's icons for the browser tab come from the internet.
ICON = Path(__file__).parent / "parts" / "muffin.svg"
# Streamlit writes chosen options, and quiet buttons while they are pointed at, in the accent colour, which is too dark
# to read on the dark background.
STYLE = (
    '<style>[data-testid="stSliderThumbValue"],[data-testid="stTab"][aria-selected="true"],'
    '[data-testid="stButtonGroup"] button[aria-checked="true"],'
    '[data-testid="stButtonGroup"] button[aria-pressed="true"],'
    '[data-testid="stPopoverButton"][kind="tertiary"]{color:inherit !important}</style>'
)


STEPS = {
    "home": ("home.py", "Home", "home"),
    "data": ("data.py", "Data", "table_chart"),
    "network": ("network.py", "Network", "hub"),
    "train": ("train.py", "Train", "model_training"),
    "results": ("results.py", "Results", "monitoring"),
    "compare": ("compare.py", "Compare", "compare_arrows"),
    "predict": ("predict.py", "Predict", "online_prediction"),
    "workspace": ("workspace.py", "My workspace", "folder_open"),
}


def own() -> None:
    """All pages, for one's own workspace."""
    now = Now.look()
    done = steps_done(now)

    def step(address: str) -> st.Page:
        file, title, icon = STEPS[address]
        icon = f":material/{'check_circle' if address in done else icon}:"
        return st.Page(file, title=title, icon=icon, url_path=address, default=address == "home")

    pages = {"": [step(address) for address in STEPS], SECTION: [_lesson(each) for each in PAGES]}
    page = st.navigation(pages, expanded=True)
    with st.sidebar:
        st.toggle(
            "All settings",
            key="all_settings",
            persist_state="session",
            help=help_with_terms("settings", "Off: the settings that a first visit needs. On: every setting there is."),
        )
        account_button()
    header_strip(now)
    show_remembered_error()
    page.run()


def _lesson(lesson: Lesson) -> st.Page:
    return st.Page(lesson.file, title=lesson.title, icon=f":material/{lesson.icon}:", url_path=lesson.address)


def somebody_elses() -> None:
    """The pages that a link opens, and nothing else."""
    try:
        told = looked_at()
    except UserError as error:
        instead(partial(link_is_dead, error))
        return
    # The address keeps the secret, so that it can be reloaded, wherever the person went on these pages.
    if st.query_params.get("share") != share_token():
        st.query_params["share"] = share_token()
    page = _chosen(open_shared, ("compare",) if told.kind == "study" else ("results", "predict"))
    with st.sidebar:
        shared_links(told)
    shared_banner(told)
    show_remembered_error()
    page.run()


def instead(body: Callable[[], None]) -> None:
    """One page in place of all others."""
    _chosen(body, ()).run()


def _chosen(body: Callable[[], None], there: Sequence[str]) -> st.Page:
    """The page of the address: those that are there, and ``body`` at all other addresses."""
    others = [address for address in (*STEPS, *(lesson.address for lesson in PAGES)) if address not in there]
    pages = [st.Page(body, title="Muffin", url_path=address, default=address == "home") for address in others]
    pages += [st.Page(STEPS[address][0], title=STEPS[address][1], url_path=address) for address in there]
    return st.navigation(pages, position="hidden")


st.set_page_config(page_title="Muffin", page_icon=ICON, layout="wide")
st.html(STYLE)
if accounts() and not st.user.is_logged_in:
    instead(login_page)
elif read_only():
    somebody_elses()
else:
    own()
