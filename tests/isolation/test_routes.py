"""No route gives away, changes or takes in anything for somebody else, and each answer has the closed headers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from streamlit.runtime import Runtime
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from pages.parts import upload_guard
from pages.parts.visitors import COOKIE, XSRF
from tests.isolation.conftest import A, B, World
from tests.isolation.table import ROUTES
from tests.pages.asked import asked

HIS = f"{COOKIE}={B}; {XSRF}={generate_xsrf_token_string(bytes(range(16)), 1)}"
KEYS = {"another visitor": HIS, "no key": "", "a tampered key": f"{COOKIE}={A[:-1]}0"}


@pytest.fixture(scope="module")
def app(world: World) -> Iterator[Starlette]:
    """The app as it is served, without its engine."""
    import app as launcher

    before = Runtime._instance
    Runtime._instance = None
    yield launcher.app._build_starlette_app()
    launcher.app._runtime = None
    Runtime._instance = before


def paths(app: Starlette) -> set[str]:
    return {route.path for route in app.routes}  # type: ignore[attr-defined]


def test_table_has_a_row_for_each_route(app: Starlette) -> None:
    assert paths(app) == set(ROUTES)


@pytest.mark.parametrize("who", KEYS)
@pytest.mark.parametrize("path", [path for path in ROUTES if ROUTES[path][0]])
def test_route_tells_nothing_and_is_closed(path: str, who: str, app: Starlette, world: World) -> None:
    for method in ROUTES[path][0]:
        place = (path or "/").replace("{file_id:path}", "0" * 56 + ".png").replace("{path:path}", "../../app.py")
        place = place.replace("{session_id}", world.run.id).replace("{file_id}", "1")
        told = asked(app, place, method, cookie=KEYS[who])
        assert [secret for secret in world.secrets if secret in told.text] == []
        assert "import " not in told.text, "the source of the program"
        closed(told.headers)


def closed(headers: Headers) -> None:
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "object-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    ["/../limits.toml", "/static/../../../app.py", "/%2e%2e/app.py", "//evil.example", "/app.py", "/runs", "/visitors"],
)
def test_no_path_leads_to_files_of_the_server(path: str, app: Starlette, world: World) -> None:
    told = asked(app, path)
    assert "disk_mb" not in told.text and "import " not in told.text
    assert "evil.example" not in told.headers.get("location", "")
    closed(told.headers)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_upload_needs_the_token_and_the_session(method: str, app: Starlette) -> None:
    place = "/_stcore/upload_file/11111111-2222-3333-4444-555555555555/1"
    assert asked(app, place, method, cookie=HIS).status == 403, "another site's page has the cookie, not the token"
    token = generate_xsrf_token_string(bytes(range(16)), 1)
    assert asked(app, place, method, cookie=HIS, x_xsrftoken=token).status in (204, 400)
    assert asked(app, place, method, cookie=HIS, x_xsrftoken=generate_xsrf_token_string(bytes(16), 1)).status == 403


def test_session_that_holds_enough_uploads_gets_no_more(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_guard, "_most", lambda scope: 1000)
    uploads = Runtime.instance().uploaded_file_mgr
    token = generate_xsrf_token_string(bytes(range(16)), 1)
    for held, status in ((1000, 400), (1001, 413)):
        uploads.add_file("full", UploadedFileRec("1", "a.csv", "text/csv", bytes(held)))
        place = "/_stcore/upload_file/full/2"
        told = asked(app, place, "PUT", cookie=HIS, x_xsrftoken=token, content_length=str(upload_guard.AROUND + 1000))
        assert told.status == status
    uploads.remove_session_files("full")


def test_files_for_download_cannot_be_listed_or_guessed(app: Starlette) -> None:
    storage = Runtime.instance().media_file_mgr._storage
    name = storage.load_and_get_id(b"alices file", "text/csv", MediaFileKind.DOWNLOADABLE, "alices.csv")
    path = storage.get_url(name)
    assert len(name) * 4 >= 128, "bits; whoever knows the name has the file already, for the name is its digest"
    told = asked(app, path)
    assert told.body == b"alices file"
    assert told.headers["cache-control"] == "private"
    assert told.headers["content-disposition"].startswith("attachment")
    for wrong in ("/media/", "/media", "/media/.csv", f"/media/{name[:-1]}0.csv", f"/media/{name[:8]}"):
        assert b"alices file" not in asked(app, wrong).body


@pytest.mark.parametrize(
    ("host", "origin", "taken"),
    [
        ("muffin.example", "https://evil.example", False),
        ("muffin.example", "https://muffin.example.evil.example", False),
        ("muffin.example", "null", False),
        ("localhost:8501", "https://evil.example", False),
        ("muffin.example", "https://muffin.example", True),
    ],
)
def test_pages_of_other_sites_get_no_websocket(
    host: str, origin: str, taken: bool, app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("get_internal_ip", "get_external_ip"):
        monkeypatch.setattr(f"streamlit.net_util.{name}", lambda: None)
    sent: list[dict[str, Any]] = []

    async def connect() -> None:
        headers = [(b"host", host.encode()), (b"origin", origin.encode()), (b"cookie", HIS.encode())]
        scope = {
            "type": "websocket", "asgi": {"version": "3.0"}, "path": "/_stcore/stream", "raw_path": b"/_stcore/stream",
            "query_string": b"", "root_path": "", "headers": headers, "scheme": "wss", "subprotocols": [],
            "client": ("203.0.113.9", 1), "server": ("muffin.example", 443),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)
            if message["type"] == "websocket.accept":
                raise ConnectionError  # It goes on with what this test does not have.

        with contextlib.suppress(ConnectionError):
            await app(scope, receive, send)  # type: ignore[arg-type]

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, connect()).result()
    assert sent[0]["type"] == ("websocket.accept" if taken else "websocket.close")
