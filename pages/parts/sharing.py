"""Links that let others look at one result: made, shown, revoked, and what a page says that was opened by one."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode, urlsplit

import streamlit as st

from core.errors import UserError
from core.evaluation.words import shorten
from core.runs import Run
from core.sharing import Share, revoke, share, shares
from core.studies import Study
from pages.parts.session import errors_shown, looked_at, plain, read_only, remember_error, show_error, workspace

PAGES = {"run": "results", "study": "compare"}
LOCAL = ("localhost", "127.0.0.1", "::1")


def share_button(record: Run | Study) -> None:
    """Makes a link to a run or study, and lists those that there are; nothing in what was shared."""
    if not read_only():
        with st.popover("Share", icon=":material/share:", help="A link with which others can look at this."):
            _share(record)


def _share(record: Run | Study) -> None:
    about = "comparison" if isinstance(record, Study) else "result"
    st.write(
        f"Whoever has the link can look at this {about}"
        + (" and ask the network about new cases" if isinstance(record, Run) else "")
        + ", without an account. They can change nothing and see nothing else of yours."
    )
    with_data = st.checkbox(
        "Also let them see the data",
        key=f"share_data:{record.id}",
        help="Rows with their values, or the pictures. Without it they see scores, charts, the names of columns, "
        "classes and categories, and the smallest and largest value of each column.",
    )
    if st.button("Create a link", type="primary", icon=":material/add_link:", help="You can revoke it at any time."):
        with errors_shown():
            share(record, with_data)
    own = [each for each in shares(workspace()) if each.id == record.id]
    for each in own:
        _link(each)
    if own and urlsplit(st.context.url or "").hostname in LOCAL:
        st.caption(
            ":material/info: You opened Muffin at an address that leads only to this computer. For others, open it at "
            "its address in the network and copy the link there, or send a project file (My workspace)."
        )


def _link(each: Share) -> None:
    with st.container(border=True):
        st.code(link_to(each), language=None, wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(share_words(each))
            revoke_button(each)


def share_words(each: Share) -> str:
    """What a link shows and since when."""
    when = datetime.fromtimestamp(each.created)
    return f"{'With' if each.with_data else 'Without'} the data, created {when:%d %b %Y, %H:%M}."


def revoke_button(each: Share) -> None:
    """A button that ends a link."""
    st.button(
        "Revoke",
        key=f"revoke:{each.token[:8]}",
        icon=":material/link_off:",
        on_click=_revoke,
        args=(each,),
        help="The link stops working at once, for everybody.",
    )


def _revoke(each: Share) -> None:
    try:
        revoke(workspace(), each.token)
    except UserError as error:
        remember_error(error)


def link_to(each: Share) -> str:
    """The address to give away, on the server as the person sees it."""
    seen = urlsplit(st.context.url or "")
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    path = "/".join(filter(None, ["", base, PAGES[each.kind]]))
    where = f"{seen.scheme}://{seen.netloc}" if seen.netloc else ""
    return f"{where}/{path.lstrip('/')}?{urlencode({'share': each.token, each.kind: each.id})}"


def shared_banner(told: Share) -> None:
    """Stands above every page of what somebody shared."""
    with st.container(horizontal=True, vertical_alignment="center", key="shared_banner"):
        st.badge("Shared with you, read only", icon=":material/visibility:", color="blue")
        if not told.with_data:
            st.caption("The raw data was not shared.")
        st.html('<a href="./" target="_self" style="color:inherit">Open my own Muffin</a>', width="content")


def shared_links(told: Share) -> None:
    """The pages that a link opens, in the sidebar."""
    query = {"share": told.token, told.kind: told.id}
    if told.kind == "study":
        st.page_link("compare.py", label="Compare", icon=":material/compare_arrows:", query_params=query)
        return
    st.page_link("results.py", label="Results", icon=":material/monitoring:", query_params=query)
    st.page_link("predict.py", label="Predict", icon=":material/online_prediction:", query_params=query)


def link_is_dead(error: UserError) -> None:
    """What stands in place of the pages where a link leads nowhere."""
    st.title("This link does not work")
    show_error(error)
    st.html('<a href="./" target="_self">Open my own Muffin</a>', width="content")


def open_shared() -> None:
    """The page behind a link whose path names none of the shared pages: go to the one that it is about."""
    told = looked_at()
    st.switch_page(f"{PAGES[told.kind]}.py", query_params={"share": told.token, told.kind: told.id})


def all_links() -> None:
    """Every link that was given away from this workspace."""
    found = shares(workspace())
    if not found:
        st.write("You have shared nothing. Results and Compare have a Share button.")
    for each in found:
        with st.container(border=True), st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch", gap="xxsmall"):
                st.markdown(f"**{plain(_name(each))}**")
                st.caption(share_words(each))
            revoke_button(each)


def _name(each: Share) -> str:
    try:
        record = Run(workspace(), each.id) if each.kind == "run" else Study(workspace(), each.id)
        return shorten(record.name, 60)
    except UserError:
        return "a result that cannot be read"
