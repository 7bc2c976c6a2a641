"""Starts Muffin: ``streamlit run app.py``."""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from core.errors import UserError
from core.limits import all_limits
from core.visits import disk_since
from core.workspace import Workspace
from pages.parts.session import engine, show_unexpected
from pages.parts.upload_guard import UploadGuard
from pages.parts.visitors import Headers, server_error

try:
    all_limits()
except UserError as wrong:
    sys.exit(str(wrong))


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Warm the engine while the person still reads the first page; let running work go on at the end."""
    disk_since(Workspace())
    threading.Thread(target=engine().start, daemon=True).start()
    yield
    engine().shut_down()


app = st.App(
    "pages/navigation.py",
    lifespan=lifespan,
    middleware=[Middleware(Headers), Middleware(UploadGuard)],
    on_script_error=show_unexpected,
    exception_handlers={500: server_error},
)
