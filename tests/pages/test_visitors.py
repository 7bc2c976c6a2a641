"""Who gets the machine's own workspace, and who a visitor's."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from pages.parts.visitors import COOKIE, XSRF, Headers, account_of, at_this_machine, server_error, visitor_of
from tests.pages.asked import Answered, asked

TOKEN = "ab" * 32
ETAG = '"one"'
OWN = {"Host": ["localhost:8501"], "Origin": ["http://localhost:8501"]}


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "127.0.0.1", "[::1]:8501"])
def test_own_address_typed_at_this_machine_is_the_owner(host: str) -> None:
    headers = {"Host": [host], "Origin": [f"http://{host}"]}
    for address in (None, "127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert at_this_machine(address, headers)


@pytest.mark.parametrize(
    "address",
    ["192.168.0.7", "10.0.0.1", "127.0.0.6", "::ffff:192.168.0.7", "fe80::1", "0.0.0.0", "", "testclient", "localhost"],
)
def test_connection_from_elsewhere_is_a_visitor(address: str) -> None:
    assert not at_this_machine(address, OWN)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": ["localhost:8501"]},
        {"Origin": ["http://localhost:8501"]},
        {"Host": ["muffin.example"], "Origin": ["https://muffin.example"]},
        {"Host": ["muffin.example"], "Origin": ["http://localhost:8501"]},
        {"Host": ["localhost:8501"], "Origin": ["https://muffin.example"]},
        {"Host": ["localhost:8501"], "Origin": ["http://localhost:3000"]},
        {"Host": ["localhost:8501"], "Origin": ["http://127.0.0.1:8501"]},
        {"Host": ["localhost:8501"], "Origin": ["null"]},
        {"Host": ["localhost.example:8501"], "Origin": ["http://localhost.example:8501"]},
        {"Host": ["localhost@muffin.example"], "Origin": ["http://localhost@muffin.example"]},
        {"Host": ["muffin.example@localhost"], "Origin": ["http://muffin.example@localhost"]},
        {"Host": ["[::1"], "Origin": ["http://[::1"]},
        {"Host": ["localhost:8501", "muffin.example"], "Origin": ["http://localhost:8501"]},
        {**OWN, "Origin": ["http://localhost:8501", "https://muffin.example"]},
    ],
)
def test_other_or_unclear_addresses_are_visitors(headers: Mapping[str, Sequence[str]]) -> None:
    assert not at_this_machine(None, headers)


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via"]
)
@pytest.mark.parametrize("value", ["127.0.0.1", ""])
def test_whoever_comes_through_a_proxy_is_a_visitor(name: str, value: str) -> None:
    assert not at_this_machine(None, {**OWN, name: [value]})


@pytest.mark.parametrize(("value", "owner"), [("1", False), ("true", False), ("0", True), ("", True), ("no", True)])
def test_switch_makes_everybody_a_visitor(monkeypatch: pytest.MonkeyPatch, value: str, owner: bool) -> None:
    monkeypatch.setenv("MUFFIN_SHARED", value)
    assert at_this_machine(None, OWN) is owner


def test_cookie_tells_who_and_since_when() -> None:
    assert visitor_of({COOKIE: TOKEN}) is not None
    found = visitor_of({COOKIE: f"{TOKEN}.00000010"})
    assert found is not None and (found.token, found.since) == (TOKEN, 16)


@pytest.mark.parametrize(
    "value", ["", "short", "g" * 64, "A" * 64, f"{TOKEN}.", f"{TOKEN}.1", f"{TOKEN}\n", "../" * 22]
)
def test_tampered_cookie_is_nobody(value: str) -> None:
    assert visitor_of({COOKIE: value}) is None


def test_where_only_streamlits_cookies_come_through_its_token_tells_who() -> None:
    token = bytes(range(16))
    first, again = (generate_xsrf_token_string(token, 1_700_000_000) for _ in range(2))
    assert first != again, "Streamlit masks it anew each time"
    assert visitor_of({XSRF: first}) == visitor_of({XSRF: again})
    found = visitor_of({XSRF: first})
    assert found is not None and (found.token, found.since) == (f"xsrf:{token.hex()}", 1_700_000_000)
    assert visitor_of({XSRF: generate_xsrf_token_string(bytes(16), 1)}) != found
    own = visitor_of({XSRF: first, COOKIE: TOKEN})
    assert own is not None and own.token == TOKEN


@pytest.mark.parametrize("value", ["2|00|00|1", f"2|{'0' * 8}|{'0' * 30}|1", f"1|{'0' * 8}|{'0' * 32}|1", "0" * 32])
def test_weak_or_foreign_token_is_nobody(value: str) -> None:
    assert visitor_of({XSRF: value}) is None


def test_account_is_its_issuer_and_subject() -> None:
    one = account_of({"is_logged_in": True, "iss": "https://a", "sub": "1", "email": "same@example.org"})
    other = account_of({"is_logged_in": True, "iss": "https://b", "sub": "1", "email": "same@example.org"})
    assert one is not None and other is not None and one != other
    assert account_of({"is_logged_in": False, "iss": "https://a", "sub": "1"}) is None
    assert account_of({"is_logged_in": True, "email": "same@example.org"}) is None
    assert account_of({"is_logged_in": "true", "sub": "1"}) is None


def answered(path: str, scheme: str = "http", **headers: str) -> Answered:
    """What a small app behind our middleware answers."""

    async def page(request: Request) -> Response:
        if request.headers.get("if-none-match") == ETAG or "if-modified-since" in request.headers:
            return Response(status_code=304)
        return HTMLResponse("<p>page</p>", headers={"cache-control": "no-cache"} if request.url.path == "/" else None)

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok", headers={"set-cookie": f"{XSRF}=2|a|b|1; Path=/; SameSite=Lax"})

    async def picture(request: Request) -> Response:
        return Response(b"", media_type="image/png")

    async def broken(request: Request) -> Response:
        raise RuntimeError("secret path /home/somebody")

    routes = [Route("/", page), Route("/health", health), Route("/broken", broken), Route("/media/abc.png", picture)]
    app = Starlette(routes=routes, middleware=[Middleware(Headers)], exception_handlers={500: server_error})
    return asked(app, path, scheme=scheme, **headers)


@pytest.mark.parametrize("path", ["/", "/health", "/broken", "/missing", "/media/abc.png"])
def test_every_answer_has_the_headers_also_errors(path: str) -> None:
    headers = answered(path).headers
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_error_tells_nothing_of_the_server() -> None:
    told = answered("/broken")
    assert told.status == 500
    assert "secret" not in told.text


@pytest.mark.parametrize("host", ["muffin.streamlit.app", "Muffin.Streamlit.App:443"])
def test_community_cloud_may_frame_what_it_serves(host: str) -> None:
    framed = "frame-ancestors 'self' https://*.streamlit.app"
    assert answered("/", host=host).headers["content-security-policy"].endswith(framed)
    assert answered("/", x_forwarded_host=host).headers["content-security-policy"].endswith(framed)


@pytest.mark.parametrize(
    "host",
    ["muffin.example", "localhost:8501", "[::1]:8501", "[::1", "", "streamlit.app.example", "evilstreamlit.app"],
)
def test_nobody_may_frame_other_servers(host: str) -> None:
    assert answered("/", host=host).headers["content-security-policy"].endswith("frame-ancestors 'self'")


def test_cookie_is_kept_from_scripts_and_other_sites_and_lasts() -> None:
    cookie = answered("/", "https").headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Secure", "Max-Age=31536000", "Path=/"):
        assert part in cookie
    found = visitor_of({COOKIE: cookie.split(";")[0].removeprefix(f"{COOKIE}=")})
    assert found is not None and found.since is not None and abs(found.since - time.time()) < 60
    assert "Secure" not in answered("/").headers["set-cookie"]
    assert "Secure" in answered("/", x_forwarded_proto="https").headers["set-cookie"]
    assert "set-cookie" not in answered("/missing").headers


@pytest.mark.parametrize("value", [f"{TOKEN}.00000010", TOKEN])
def test_cookie_is_given_again_at_each_visit_and_stays_the_same(value: str) -> None:
    """So it ends a year after the last visit, not after the first."""
    again = answered("/", cookie=f"other=1; {COOKIE}={value}").headers.getlist("set-cookie")
    assert [cookie.split(";")[0] for cookie in again] == [f"{COOKIE}={value}"]
    assert "Max-Age=31536000" in again[0]


def test_cookie_that_was_tampered_with_is_not_given_again() -> None:
    assert "short" not in answered("/", cookie=f"{COOKIE}=short").headers["set-cookie"]


def test_browser_that_kept_the_page_but_not_the_cookie_gets_one() -> None:
    kept = {"if_none_match": ETAG, "if_modified_since": "Mon, 01 Jan 2035 00:00:00 GMT"}
    page = answered("/", accept="text/html,application/xhtml+xml,*/*;q=0.8", **kept)
    assert page.status == 200 and COOKIE in page.headers["set-cookie"]
    assert answered("/", accept="*/*", **kept).status == 304, "pictures and scripts are still kept by browsers"


@pytest.mark.parametrize("path", ["/", "/health"])
def test_answer_with_a_secret_is_kept_nowhere(path: str) -> None:
    assert answered(path).headers["cache-control"] == "private, no-store"
    assert "no-store" not in answered("/missing").headers.get("cache-control", "")


def test_streamlits_token_lasts_as_long() -> None:
    assert answered("/health").headers["set-cookie"].endswith("SameSite=Lax; Max-Age=31536000")


def test_media_stay_out_of_shared_caches() -> None:
    assert answered("/media/abc.png").headers["cache-control"] == "private"
