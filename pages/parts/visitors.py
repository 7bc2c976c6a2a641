"""Response headers, the secret cookie of each browser on a shared server, and who counts as sitting at the machine."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers as RequestHeaders
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "muffin_visitor"
XSRF = "_streamlit_xsrf"
SHARED = "MUFFIN_SHARED"
YEAR = 365 * 24 * 3600
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
# The last one: IPv4 as a socket that listens to both kinds of address tells it.
_LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
_PROXIED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via")
# The secret, and when it was given, in seconds since 1970; both in hexadecimal digits.
_VALUE = re.compile(r"([0-9a-f]{64})(?:\.([0-9a-f]{8}))?")
_XSRF_VALUE = re.compile(r"2\|([0-9a-f]{8})\|([0-9a-f]{32,128})\|([0-9]{1,12})")
_CONDITIONS = (b"if-none-match", b"if-modified-since")
# Streamlit's page needs inline styles, eval for its charts, blobs for downloads and workers, and data: images.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
# Community Cloud shows apps in a frame of its own; nobody else's server needs to be shown inside other pages.
_CLOUD = ".streamlit.app"
_FRAMED = f"{_POLICY} https://*{_CLOUD}"
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # Addresses of shared results hold their secret.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(self)",
}


@dataclass(frozen=True)
class Visitor:
    """A browser on a shared server.

    Attributes:
        token: Its secret; whoever has it has the workspace.
        since: When it came here first, in seconds since 1970; None where that is not known.
    """

    token: str
    since: float | None = None


class Headers:
    """ASGI middleware that sets both on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add headers to its response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = RequestHeaders(scope=scope)
        secret = cookie_value(request.get("cookie", "")) or f"{secrets.token_hex(32)}.{int(time.time()):08x}"
        secure = "https" in (scope["scheme"], request.get("x-forwarded-proto", ""))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _always(request).items():
                    headers.setdefault(name, value)
                if "/media/" in scope["path"]:
                    headers.setdefault("Cache-Control", "private")
                _lasting(headers, secure)
                if "text/html" in headers.get("content-type", ""):
                    # Also one that the browser has, which else would end a year after the first visit.
                    headers.append("set-cookie", _cookie(secret, secure))
                if "set-cookie" in headers:
                    headers["Cache-Control"] = "private, no-store"
            await send(message)

        await self.app(_unconditional(scope), receive, send_with_headers)


def server_error(request: Request, error: Exception) -> PlainTextResponse:
    """What a browser gets when a route broke; it stands outside the middleware, so it brings its own headers."""
    return PlainTextResponse("Something went wrong on the server.", 500, dict(_always(request.headers)))


def cookie_value(cookie_header: str) -> str | None:
    """The value of our cookie in a Cookie header, if it is one that we gave."""
    try:
        cookies = SimpleCookie(cookie_header)
    except CookieError:
        return None
    found = _VALUE.fullmatch(cookies[COOKIE].value) if COOKIE in cookies else None
    return found[0] if found else None


def visitor_of(cookies: Mapping[str, str]) -> Visitor | None:
    """The browser that sends these cookies; None where it sends none that could tell it from others.

    A proxy may let only Streamlit's own cookies through (Community Cloud does). Its token against forged requests is
    128 random bits that each browser has of its own, so there it tells who comes.
    """
    found = _VALUE.fullmatch(cookies.get(COOKIE, ""))
    if found:
        return Visitor(found[1], int(found[2], 16) if found[2] else None)
    xsrf = _XSRF_VALUE.fullmatch(cookies.get(XSRF, ""))
    if xsrf is None or len(xsrf[2]) % 2:
        return None
    mask, masked = bytes.fromhex(xsrf[1]), bytes.fromhex(xsrf[2])
    token = bytes(byte ^ mask[place % len(mask)] for place, byte in enumerate(masked))
    return Visitor(f"xsrf:{token.hex()}", int(xsrf[3]))


def account_of(user: Mapping[str, object]) -> Visitor | None:
    """Whoever is logged in, by issuer and subject; None where nobody is."""
    if user.get("is_logged_in") is not True or not user.get("sub"):
        return None
    return Visitor(f"account:{user.get('iss', '')}\n{user['sub']}")


def at_this_machine(address: str | None, headers: Mapping[str, Sequence[str]]) -> bool:
    """Whether a page is seen by who sits at this machine.

    Behind a proxy every connection comes from this machine. But then the proxy says so, or the address typed is
    another one: that of ``Host``, or where the proxy put its own there, that of ``Origin``, which it leaves alone.
    A proxy that does neither cannot be told from a person, if somebody forges ``Origin``: for a server there is the
    environment variable ``MUFFIN_SHARED=1``, with which nobody is taken for who sits at it.

    Args:
        address: Where the connection comes from; None for this machine, as `st.context.ip_address` has it.
        headers: Those of the request for the page's websocket, by their names, each with all its values. A browser
            sends ``Host`` and ``Origin`` with it; where they are missing, nobody is known to sit here.
    """
    if os.environ.get(SHARED, "").lower() not in ("", "0", "false", "no", "off"):
        return False
    if address not in (None, *_LOOPBACK) or any(name in headers for name in _PROXIED):
        return False
    hosts, origins = headers.get("Host", ()), headers.get("Origin", ())
    if len(hosts) != 1 or len(origins) != 1:
        return False
    try:
        typed, page = urlsplit(f"//{hosts[0]}"), urlsplit(origins[0])
        # Another port is another program's page, which may not act for the person.
        return typed.hostname in _LOCAL_HOSTS and typed.netloc == page.netloc and typed.username is None
    except ValueError:
        return False


def _always(request: Mapping[str, str]) -> dict[str, str]:
    # A page that frames this one can set neither.
    hosts = (request.get("host", ""), request.get("x-forwarded-host", ""))
    cloud = any(host.lower().partition(":")[0].endswith(_CLOUD) for host in hosts)
    return {"Content-Security-Policy": _FRAMED if cloud else _POLICY, **_ALWAYS}


def _lasting(headers: MutableHeaders, secure: bool) -> None:
    """Let Streamlit's token outlive the browser window, as ours does; see `visitor_of`."""
    for place, (name, value) in enumerate(headers.raw):
        if name == b"set-cookie" and value.startswith(f"{XSRF}=".encode()) and b"Max-Age" not in value:
            more = f"; Max-Age={YEAR}" + ("; Secure" if secure and b"; Secure" not in value else "")
            headers.raw[place] = (name, value + more.encode())


def _unconditional(scope: Scope) -> Scope:
    """A request for a page asks for all of it: to "has it changed?" the answer would bring no cookie."""
    headers = RequestHeaders(scope=scope)
    if "text/html" not in headers.get("accept", ""):
        return scope
    kept = [(name, value) for name, value in headers.raw if name.lower() not in _CONDITIONS]
    return {**scope, "headers": kept}


def _cookie(value: str, secure: bool) -> str:
    text = f"{COOKIE}={value}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax"
    return text + "; Secure" if secure else text
