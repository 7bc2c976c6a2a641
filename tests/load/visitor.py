"""A browser without a screen: one visitor who speaks Streamlit's protocol (protobuf over a websocket) with the app."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from dataclasses import dataclass, field
from typing import Any

import requests
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

PATIENCE = 120.0
NAMES = re.compile(rb"visitor\d{3}x[0-9a-f]{8}")
XSRF = "_streamlit_xsrf"
HOME = "home"  # The page at the bare address.


@dataclass
class Seen:
    """What one visitor met: seconds of each rerun (by whom it was asked for), errors, and names of other visitors."""

    reruns: list[float] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    uploads: int = 0
    trained: int = 0
    errors: list[str] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)


class Visitor:
    """One browser with a cookie of its own, as it looks from behind a reverse proxy.

    Args:
        address: Of the app, such as ``http://127.0.0.1:8501``.
        number: Counted from 0; makes the address that the proxy would tell.
        name: Stands in all that this visitor uploads, and must never reach another one (`NAMES`).
    """

    def __init__(self, address: str, number: int, name: str) -> None:
        self.address, self.name, self.seen = address, name, Seen()
        self._browser = requests.Session()
        self._browser.headers["X-Forwarded-For"] = f"203.0.113.{number % 250 + 1}"
        self._one_at_a_time = asyncio.Lock()
        self._finished = asyncio.Event()
        self._elements: dict[tuple[int, ...], tuple[Element, str]] = {}
        self._tabs: dict[str, str] = {}
        self._drawn: set[tuple[int, ...]] = set()
        self._polls: dict[str, tuple[float, float]] = {}
        self._pages: dict[str, str] = {}
        self._urls: asyncio.Queue[list[FileURLs]] = asyncio.Queue()
        self._page = self._query = self._session = ""
        self._fragment_run = False

    async def __aenter__(self) -> Visitor:
        for path in ("/", "/_stcore/health"):
            (await asyncio.to_thread(self._browser.get, self.address + path, timeout=PATIENCE)).raise_for_status()
        cookies = {cookie.name: cookie.value or "" for cookie in self._browser.cookies}
        self._browser.headers["X-Xsrftoken"] = cookies[XSRF]
        self._socket: ClientConnection = await connect(
            self.address.replace("http", "ws", 1) + "/_stcore/stream",
            additional_headers={
                "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
                "X-Forwarded-For": str(self._browser.headers["X-Forwarded-For"]),
            },
            origin=self.address,  # type: ignore[arg-type]
            subprotocols=[Subprotocol("streamlit"), Subprotocol(cookies[XSRF])],
            max_size=None,
            open_timeout=PATIENCE,
        )
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._poll())]
        await self.rerun("open")
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await self._socket.close()

    def button(self, label: str) -> tuple[str, str] | None:
        """Id and fragment of the first enabled button with this label, if it is on the page."""
        for element, fragment in self._elements.values():
            if element.WhichOneof("type") == "button" and element.button.label == label and not element.button.disabled:
                return element.button.id, fragment
        return None

    async def click(self, label: str) -> None:
        """Press a button; the page has run again when this returns."""
        found = self.button(label)
        if found is None:
            raise LookupError(f"there is no button {label!r}")
        await self.rerun(f"click {label}", WidgetState(id=found[0], trigger_value=True), fragment=found[1])

    async def open_tab(self, label: str) -> None:
        """Open a tab of the page's tabs."""
        for tabs, fragment in list(self._tabs.items()):
            await self.rerun(f"tab {label}", WidgetState(id=tabs, string_value=label), fragment=fragment)

    async def go(self, page: str) -> None:
        """Click a page in the sidebar."""
        self._page, self._query = self._pages[page], ""
        await self.rerun(f"go {page}")

    async def upload(self, file: str, content: bytes) -> None:
        """Put a file into the first file field; the page has run again when this returns."""
        found = next(
            (e.file_uploader, f) for e, f in self._elements.values() if e.WhichOneof("type") == "file_uploader"
        )
        asked = BackMsg()
        asked.file_urls_request.request_id = file
        asked.file_urls_request.file_names.append(file)
        asked.file_urls_request.session_id = self._session
        await self._socket.send(asked.SerializeToString())
        (urls,) = await asyncio.wait_for(self._urls.get(), PATIENCE)
        sent = {"file": (file, content, "text/csv")}
        answer = await asyncio.to_thread(
            self._browser.put, self.address + urls.upload_url, files=sent, timeout=PATIENCE
        )  # fmt: skip
        answer.raise_for_status()
        self.seen.uploads += 1
        state = WidgetState(id=found[0].id)
        info = state.file_uploader_state_value.uploaded_file_info.add(
            name=file, size=len(content), file_id=urls.file_id
        )  # fmt: skip
        info.file_urls.CopyFrom(urls)
        await self.rerun("upload", state, fragment=found[1])

    async def rerun(self, why: str, *states: WidgetState, fragment: str = "", polled: bool = False) -> None:
        """Let the page run, with widgets changed; waits until it stands again, and keeps how long that took."""
        asked = BackMsg()
        client = asked.rerun_script
        client.query_string, client.page_script_hash, client.fragment_id = self._query, self._page, fragment
        client.is_auto_rerun = polled
        client.context_info.timezone, client.context_info.locale = "UTC", "en"
        client.widget_states.widgets.extend(states)
        async with self._one_at_a_time:
            self._finished.clear()
            began = time.perf_counter()
            await self._socket.send(asked.SerializeToString())
            try:
                await asyncio.wait_for(self._finished.wait(), PATIENCE)
            except TimeoutError:
                self.seen.errors.append(f"{why}: no answer within {PATIENCE:g} s")
            took = time.perf_counter() - began
        (self.seen.polls if polled else self.seen.reruns).append(took)
        self.seen.slowest = max(self.seen.slowest, (took, why))

    async def _listen(self) -> None:
        try:
            async for data in self._socket:
                assert isinstance(data, bytes)
                found = {name.decode() for name in NAMES.findall(data)}
                self.seen.foreign |= found - {self.name}
                self._take(ForwardMsg.FromString(data))
        except ConnectionClosed as error:
            self.seen.errors.append(f"the connection was closed: {error}")
        self._finished.set()

    async def _poll(self) -> None:
        """Ask again for fragments that the page wants to be run every so often, as a browser does."""
        while True:
            await asyncio.sleep(0.05)
            for fragment, (interval, last) in list(self._polls.items()):
                if time.monotonic() - last >= interval and fragment in self._polls:
                    self._polls[fragment] = interval, time.monotonic()
                    with contextlib.suppress(ConnectionClosed):
                        await self.rerun("poll", fragment=fragment, polled=True)

    def _take(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                self._begin(message)
            case "delta":
                self._draw(message)
            case "navigation":
                self._pages = {
                    page.url_pathname or HOME: page.page_script_hash for page in message.navigation.app_pages
                }
            case "page_info_changed":
                self._query = message.page_info_changed.query_string
            case "auto_rerun":
                self._polls[message.auto_rerun.fragment_id] = message.auto_rerun.interval, time.monotonic()
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._polls.pop(fragment, None)
            case "file_urls_response":
                self._urls.put_nowait(list(message.file_urls_response.file_urls))
            case "script_finished":
                self._end(message.script_finished)

    def _begin(self, message: ForwardMsg) -> None:
        self._session = message.new_session.initialize.session_id or self._session
        self._page = message.new_session.page_script_hash
        self._fragment_run = bool(message.metadata.run.fragment_ids)
        if not self._fragment_run:
            self._drawn, self._tabs = set(), {}
            self._polls.clear()

    def _draw(self, message: ForwardMsg) -> None:
        place, delta = tuple(message.metadata.delta_path), message.delta
        self._drawn.add(place)
        if delta.WhichOneof("type") == "add_block" and delta.add_block.tab_container.id:
            self._tabs[delta.add_block.tab_container.id] = delta.fragment_id
        if delta.WhichOneof("type") == "new_element":
            self._elements[place] = delta.new_element, delta.fragment_id
            self._complain(delta.new_element)

    def _complain(self, element: Any) -> None:
        if element.WhichOneof("type") == "exception":
            self.seen.errors.append(f"traceback: {element.exception.type} {element.exception.message}")
        if element.WhichOneof("type") == "alert" and element.alert.format == Alert.ERROR:
            self.seen.errors.append(f"error on the page: {element.alert.body}")

    def _end(self, status: int) -> None:
        if status == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return
        if status == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.seen.errors.append("the script did not compile")
        if not self._fragment_run:
            self._elements = {place: drawn for place, drawn in self._elements.items() if place in self._drawn}
        self._finished.set()
