"""A visitor's upload over the limit is refused before the server holds it; who sits at the machine is not hindered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest

from core.limits import all_limits
from pages.parts import upload_guard
from pages.parts.upload_guard import AROUND, LARGEST, UploadGuard
from tests.pages.asked import Answered, asked

PATH = "/_stcore/upload_file/session/file"
MOST = int(max(all_limits().public.upload_mb, all_limits().public.project_mb) * 1_000_000)
SMALL = 500_000
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
    assert f"At most {MOST / 1e6:,.0f} MB" in answer.text


@pytest.mark.parametrize("length", ["-1", "1e3", "", "many"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    assert sent(10, content_length=length).status == 413


def test_what_fits_is_taken() -> None:
    assert sent(1000, content_length="1000").status == 200
    assert taken == [1000]


def test_what_lies_about_its_length_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.parts.upload_guard._most", lambda scope: 500)
    with pytest.raises(Exception):  # noqa: B017  The request counts as broken off.
        sent(AROUND + 501, content_length="10")
    assert taken == []


def test_the_owner_and_other_routes_are_not_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    large = str(MOST + AROUND + 1)
    assert sent(10, path="/_stcore/health", content_length=large).status == 200
    here = {"host": "localhost:8501", "origin": "http://localhost:8501", "content_length": large}
    monkeypatch.setattr("pages.parts.upload_guard.at_this_machine", lambda address, headers: "Origin" in headers)
    assert sent(10, **here).status == 200


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryUploadedFileManager]:
    """What Streamlit holds; one file may have 5 MB."""
    made = MemoryUploadedFileManager("/_stcore/upload_file")
    runtime = SimpleNamespace(exists=lambda: True, instance=lambda: SimpleNamespace(uploaded_file_mgr=made))
    monkeypatch.setattr(upload_guard, "Runtime", runtime)
    monkeypatch.setattr(upload_guard, "_most", lambda scope: 10 * SMALL)
    yield made


def hold(storage: MemoryUploadedFileManager, file: str, size: int, session: str = "session") -> None:
    storage.add_file(session, UploadedFileRec(file, "a.csv", "text/csv", b"x" * size))


def status(size: int, file: str = "new", session: str = "session") -> int:
    return sent(10, f"/_stcore/upload_file/{session}/{file}", content_length=str(size)).status


def test_a_session_holds_two_of_the_largest_and_no_more(storage: MemoryUploadedFileManager) -> None:
    hold(storage, "1", 10 * SMALL)
    assert status(10 * SMALL) == 200
    hold(storage, "2", 10 * SMALL)
    refused = sent(10, content_length=str(10 * SMALL))
    assert (refused.status, taken) == (413, [])
    assert "At most 10 MB are held for one page" in refused.text
    assert status(10 * SMALL, session="somebody else's") == 200
    assert status(10 * SMALL, file="2") == 200, "it takes the place of the one of this name"
    storage.remove_file("session", "1")
    assert status(10 * SMALL) == 200
    hold(storage, "3", 10 * SMALL)
    assert status(10 * SMALL) == 413
    storage.remove_session_files("session")
    assert status(10 * SMALL) == 200


def test_many_small_files_of_a_folder_are_taken_up_to_the_same_sum(storage: MemoryUploadedFileManager) -> None:
    room = LARGEST * 10 * SMALL // 10_000
    for number in range(room):
        hold(storage, str(number), 10_000)
        assert number % 100 or status(11_000) == 200
    assert status(AROUND + 1) == 413


def test_uploads_at_the_same_time_count_together(storage: MemoryUploadedFileManager) -> None:
    """Each declares less than there is room for, or nothing, and none has been stored yet."""
    for declared in ({"content-length": str(8 * SMALL)}, {}):
        assert asyncio.run(at_once(20, declared, 8 * SMALL)) == LARGEST


def test_upload_that_was_dealt_with_leaves_the_memory() -> None:
    """Streamlit alone would hold it until the session ends, and so it would count against the limit."""

    def page() -> None:
        import streamlit as st
        from streamlit.runtime.scriptrunner import get_script_run_ctx

        from pages.parts.intake import forget_uploads, fresh_uploads

        context = get_script_run_ctx()
        assert context is not None
        held = context.uploaded_file_mgr.file_storage  # type: ignore[attr-defined]
        files = fresh_uploads("some", "Files", several=True)
        if files:
            before = sum(map(len, held.values()))
            forget_uploads("some")
            st.code(f"{before} {sum(map(len, held.values()))}")

    shown = AppTest.from_function(page).run()
    shown.file_uploader[0].set_value([("a.csv", b"a,b", "text/csv"), ("b.csv", b"a,b", "text/csv")]).run()
    assert not shown.exception
    assert shown.code[0].value == "2 0"


async def at_once(number: int, declared: dict[str, str], size: int) -> int:
    """How many of so many uploads at the same time the server holds in the end."""
    held = 0
    everybody_is_here = asyncio.Event()

    async def keeps(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal held
        held += (await receive())["type"] == "http.request"
        await everybody_is_here.wait()

    async def nothing(message: Any) -> None:
        pass

    async def body() -> dict[str, Any]:
        return {"type": "http.request", "body": b"x" * size, "more_body": False}

    guard = UploadGuard(keeps)
    headers = [(name.encode(), value.encode()) for name, value in declared.items()]
    scopes = [
        {"type": "http", "method": "PUT", "path": f"/_stcore/upload_file/session/{each}", "headers": headers}
        for each in range(number)
    ]
    requests = [asyncio.create_task(guard(scope, body, nothing)) for scope in scopes]
    await asyncio.sleep(0.05)
    everybody_is_here.set()
    await asyncio.gather(*requests)
    assert guard._arriving == []
    return held
