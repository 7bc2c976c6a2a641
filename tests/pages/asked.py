"""One HTTP request to an ASGI app, without a server."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        """The body."""
        return self.body.decode(errors="replace")


def asked(
    app: ASGIApp, path: str, method: str = "GET", scheme: str = "http", body: bytes = b"", **headers: str
) -> Answered:
    """The answer; underscores in names of headers stand for dashes."""
    lines = {"host": "muffin.example", **{name.replace("_", "-"): value for name, value in headers.items()}}
    path, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": scheme,
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in lines.items()],
        "client": ("203.0.113.9", 5000), "server": ("muffin.example", 80),
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    waiting = True

    async def receive() -> dict[str, Any]:
        nonlocal waiting
        if not waiting:
            await asyncio.Event().wait()  # The browser stays; whoever listens for its leaving is ended at the end.
        waiting = False
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def ask() -> None:
        try:
            await app(scope, receive, send)  # type: ignore[arg-type]
        except RuntimeError:
            if not sent:  # Starlette answers an error and then raises it for the server's log.
                raise

    with ThreadPoolExecutor(1) as pool:  # Playwright may keep a loop of its own on this thread.
        pool.submit(asyncio.run, ask()).result()
    begin = next(message for message in sent if message["type"] == "http.response.start")
    content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return Answered(begin["status"], Headers(raw=begin["headers"]), content)
