"""A visitor's upload that is over the limit is refused while it arrives, before it fills the memory that all share.

Streamlit has one number for the whole server (``server.maxUploadSize``), and holds an upload in memory until the page
has dealt with it.
"""

from __future__ import annotations

import math

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.limits import MB, all_limits
from pages.parts.visitors import at_this_machine

# What stands around the file in a request.
AROUND = 1_000_000


class UploadGuard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is no upload, what comes from who sits at the machine, and what is small enough."""
        if scope["type"] != "http" or scope["method"] not in ("PUT", "POST") or "/upload_file/" not in scope["path"]:
            await self.app(scope, receive, send)
            return
        most = _most(scope)
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > most:
            words = f"At most {(most - AROUND) / MB:,.0f} MB are taken in one file."
            await PlainTextResponse(words, 413)(scope, receive, send)
            return
        await self.app(scope, _counted(receive, most), send)


def _most(scope: Scope) -> float:
    headers, client = Headers(scope=scope), scope.get("client")
    every = {name.title(): headers.getlist(name) for name in headers}
    limits = all_limits()
    here = at_this_machine(client[0] if client else None, every)
    return (limits.own if here else limits.public).upload_mb * MB + AROUND


def _counted(receive: Receive, most: float) -> Receive:
    """The same, until more has come than was declared or allowed; then the sender counts as gone."""
    got = 0

    async def next_message() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        return message if got <= most or math.isinf(most) else {"type": "http.disconnect"}

    return next_message
