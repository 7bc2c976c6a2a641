"""Response headers, and a secret cookie that gives each browser on a shared server a workspace of its own."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers as RequestHeaders
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "muffin_visitor"
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_PROXIED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")
_TOKEN = re.compile(r"[0-9a-f]{64}")
# Streamlit's page needs inline styles, eval for its charts, blobs for downloads and workers, and data: images.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self' ws: wss: data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self' https://*.streamlit.app"
)
_ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(self)",
}


class Headers:
    """ASGI middleware that sets both."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add headers to its response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        known = visitor_token(RequestHeaders(scope=scope).get("cookie", ""))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                if not known and "text/html" in headers.get("content-type", ""):
                    headers.append("set-cookie", _cookie(scope["scheme"] == "https"))
            await send(message)

        await self.app(scope, receive, send_with_headers)


def visitor_token(cookie_header: str) -> str | None:
    """The visitor's secret in a Cookie header, if it is one of ours."""
    try:
        cookies = SimpleCookie(cookie_header)
    except CookieError:
        return None
    token = cookies[COOKIE].value if COOKIE in cookies else ""
    return token if _TOKEN.fullmatch(token) else None


def at_this_machine(address: str | None, headers: Mapping[str, str]) -> bool:
    """Whether a page is seen by who sits at this machine.

    Behind a proxy every connection comes from this machine. But then the proxy says so, or the address typed is
    another one: that of ``Host``, or where the proxy put its own there, that of ``Origin``, which it leaves alone.

    Args:
        address: Where the connection comes from; None for this machine.
        headers: Those of the request.
    """
    if address is not None or any(headers.get(name) for name in _PROXIED):
        return False
    typed = [f"//{headers.get('Host') or 'localhost'}", headers.get("Origin") or "//localhost"]
    try:
        return all(urlsplit(each).hostname in _LOCAL_HOSTS for each in typed)
    except ValueError:
        return False


def _cookie(secure: bool) -> str:
    year = 365 * 24 * 3600
    text = f"{COOKIE}={secrets.token_hex(32)}; Path=/; Max-Age={year}; HttpOnly; SameSite=Lax"
    return text + "; Secure" if secure else text
