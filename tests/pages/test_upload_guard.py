"""A visitor's upload over the limit is refused before the server holds it; who sits at the machine is not hindered."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from core.limits import all_limits
from pages.parts.upload_guard import AROUND, UploadGuard
from tests.pages.asked import Answered, asked

PATH = "/_stcore/upload_file/session/file"
MOST = int(all_limits().public.upload_mb * 1_000_000)
taken: list[int] = []


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    taken.append(len(await Request(scope, receive).body()))
    await PlainTextResponse("taken")(scope, receive, send)


def sent(size: int, path: str = PATH, method: str = "PUT", **headers: str) -> Answered:
    taken.clear()
    return asked(UploadGuard(app), path, method, body=b"x" * size, **headers)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_what_says_that_it_is_too_large_is_refused_unread(method: str) -> None:
    answer = sent(10, method=method, content_length=str(MOST + AROUND + 1))
    assert (answer.status, taken) == (413, [])
    assert f"At most {all_limits().public.upload_mb:,.0f} MB" in answer.text


@pytest.mark.parametrize("length", ["-1", "1e3", "", "many"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    assert sent(10, content_length=length).status == 413


def test_what_fits_is_taken() -> None:
    assert sent(1000, content_length="1000").status == 200
    assert taken == [1000]


def test_what_lies_about_its_length_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.parts.upload_guard._most", lambda scope: 500)
    with pytest.raises(Exception):  # noqa: B017  The request counts as broken off.
        sent(1000, content_length="10")
    assert taken == []


def test_the_owner_and_other_routes_are_not_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    large = str(MOST + AROUND + 1)
    assert sent(10, path="/_stcore/health", content_length=large).status == 200
    here = {"host": "localhost:8501", "origin": "http://localhost:8501", "content_length": large}
    monkeypatch.setattr("pages.parts.upload_guard.at_this_machine", lambda address, headers: "Origin" in headers)
    assert sent(10, **here).status == 200
