"""One workspace on several devices of a person: a code shown here and typed there."""

from __future__ import annotations

import streamlit as st

from core.errors import UserError
from core.evaluation.words import count
from core.visits import (
    CODE_SECONDS,
    accept_code,
    end_other_devices,
    is_carried,
    leave,
    new_code,
    other_devices,
)
from core.workspace import Workspace
from pages.parts.runs_list import everything
from pages.parts.session import begin_anew, show_error, visitor, workspace

SHOWN = "device_code"


def devices() -> None:
    """A code for another device, and a field for the code of another device."""
    here, there = st.columns(2, gap="medium")
    with here:
        _show()
    with there:
        _type()


def _show() -> None:
    st.markdown("**The workspace of this device, elsewhere**")
    if st.button("Show a code", icon=":material/phonelink:", help=f"Works once, for {CODE_SECONDS // 60} minutes."):
        try:
            st.session_state[SHOWN] = new_code(Workspace(), workspace())
        except UserError as error:
            show_error(error)
    if code := st.session_state.get(SHOWN):
        st.code(code, language=None)
        st.caption(
            f"Open Muffin on the other device, then My workspace, and type it there. It works once, for "
            f"{CODE_SECONDS // 60} minutes. Whoever has it gets your whole workspace: give it to nobody else."
        )
    _end()


def _end() -> None:
    own = visitor()
    found = other_devices(Workspace(), workspace())
    if own is None or is_carried(Workspace(), own.token) or not found:
        return
    used = "uses" if found == 1 else "use"
    st.caption(f"{count(found, 'other device', 'other devices')} {used} this workspace.")
    if st.button("End all other devices", icon=":material/phonelink_off:",
                 help="From now on they show their own workspaces; nothing here is lost."):  # fmt: skip
        end_other_devices(Workspace(), workspace())
        st.session_state.pop(SHOWN, None)
        st.rerun()


def _type() -> None:
    own = visitor()
    if own is None:
        return
    if is_carried(Workspace(), own.token):
        st.markdown("**This device shows the workspace of another one**")
        if st.button("Use this device's own again", icon=":material/logout:", help="The other workspace stays."):
            leave(Workspace(), own.token)
            _begin_anew()
        return
    st.markdown("**The workspace of another device, here**")
    found = len(everything())
    if found:
        st.caption(
            f"{count(found, 'run or comparison', 'runs and comparisons')} of this device would stay behind. Download "
            "your project first; you can load it there."
        )
    with st.form("device_form", border=False):
        typed = st.text_input("Code", key="device_typed", max_chars=40, placeholder="XXXX-XXXX-XXXX-XXXX",
                              help="The one that the other device shows.")  # fmt: skip
        if st.form_submit_button("Use it here", icon=":material/login:", help="Opens that workspace on this device."):
            try:
                accept_code(Workspace(), own.token, typed)
            except UserError as error:
                show_error(error)
            else:
                _begin_anew()


def _begin_anew() -> None:
    begin_anew()
    st.switch_page("home.py")
