"""Where the owner of the server lets people log in (`st.login`): the page before all others, and the way out."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.evaluation.words import shorten
from pages.parts.session import accounts, plain, share_token


def login_page() -> None:
    """What stands before everything else."""
    st.title("Train a neural network on your own table or pictures, and see whether you can trust it")
    st.write("Log in to open your workspace. It belongs to your account, on every device.")
    for provider in _providers():
        st.button(
            f"Log in with {provider}" if provider else "Log in",
            key=f"login:{provider}",
            type="primary",
            icon=":material/login:",
            on_click=st.login,
            args=(provider,) if provider else (),
            help="Opens the page of who knows you.",
        )
    if share_token():
        st.caption("You opened a link that somebody shared. Open it once more after you have logged in.")


def _providers() -> list[str]:
    """Names of those whom the secrets tell to ask; an empty one for the only one."""
    named = [name for name, told in st.secrets["auth"].items() if isinstance(told, Mapping) and "client_id" in told]
    return [*([""] if "client_id" in st.secrets["auth"] else []), *named]


def account_button() -> None:
    """Who is logged in, and a button to leave; nothing where people do not log in."""
    if not accounts():
        return
    name = st.user.get("email") or st.user.get("name") or "somebody"
    st.caption(f"Logged in as {plain(shorten(str(name), 60))}")
    st.button("Log out", icon=":material/logout:", on_click=st.logout, help="Ends this session on this device.")
