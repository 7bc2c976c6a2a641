"""A visitor's upload that is over the limit is refused while it arrives, before it fills the memory that all share.

Streamlit has one number for the whole server (``server.maxUploadSize``), and holds each upload in memory until its page
removes it or the session ends. So all that a session holds has a limit, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from core.limits import MB, all_limits
from pages.parts.visitors import at_this_machine

# What stands around the file in a request.
AROUND = 1_000_000
# So many of the largest uploads may a session hold: one that is there, and one that is to take its place.
LARGEST = 2


@dataclass(eq=False)
class _Arrival:
    """An upload on its way: its size is what it declares, or what has come where that is more."""

    session: str
    file: str
    size: int


class UploadGuard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._arriving: list[_Arrival] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is no upload, what comes from who sits at the machine, and what is small enough."""
        if scope["type"] != "http" or scope["method"] not in ("PUT", "POST") or "/upload_file/" not in scope["path"]:
            await self.app(scope, receive, send)
            return
        most = _most(scope)
        declared = Headers(scope=scope).get("content-length", "0")
        session, file = scope["path"].rsplit("/", 2)[-2:]
        arrival = _Arrival(session, file, int(declared) if declared.isdecimal() else -1)
        problem = self._problem(arrival, most)
        if problem:
            await PlainTextResponse(problem, 413)(scope, receive, send)
            return
        self._arriving.append(arrival)
        try:
            await self.app(scope, self._counted(arrival, receive, most), send)
        finally:
            self._arriving.remove(arrival)

    def _problem(self, arrival: _Arrival, most: float) -> str:
        """Why it is not taken; an empty text where it is."""
        if not 0 <= arrival.size <= most + AROUND:
            return f"At most {most / MB:,.0f} MB are taken in one file."
        others = sum(each.size for each in self._arriving if each.session == arrival.session and each is not arrival)
        if _held(arrival) + others + arrival.size > LARGEST * most + AROUND:
            total = LARGEST * most / MB
            return f"At most {total:,.0f} MB are held for one page: remove a file, or load the page again."
        return ""

    def _counted(self, arrival: _Arrival, receive: Receive, most: float) -> Receive:
        """The same, until more has come than is taken; then the sender counts as gone."""
        got = 0

        async def next_message() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            arrival.size = max(arrival.size, got)
            return {"type": "http.disconnect"} if self._problem(arrival, most) else message

        return next_message


def _most(scope: Scope) -> float:
    """The bytes of one file; whether it is a table, pictures or a project cannot be told here."""
    headers, client = Headers(scope=scope), scope.get("client")
    every = {name.title(): headers.getlist(name) for name in headers}
    limits = all_limits()
    here = at_this_machine(client[0] if client else None, every)
    found = limits.own if here else limits.public
    return max(found.upload_mb, found.project_mb) * MB


def _held(arrival: _Arrival) -> int:
    """Bytes of the session that Streamlit has in memory, but for the file whose place the upload takes."""
    uploads = Runtime.instance().uploaded_file_mgr if Runtime.exists() else None
    if not isinstance(uploads, MemoryUploadedFileManager):
        return 0
    own = uploads.file_storage.get(arrival.session, {})
    return sum(len(each.data) for name, each in list(own.items()) if name != arrival.file)
