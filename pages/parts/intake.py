"""Files and samples on their way in: kept on disk, read, and proposed as the draft."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import IO

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.data.propose import propose
from core.data.words import quoted
from core.errors import UserError
from core.proposal import MOST_FILES, propose_files, propose_run
from core.samples import Sample, joined_path, path
from core.spec import RunConfig
from pages.parts.session import keep, show_error, workspace

Step = Callable[[float], None]
FILE_TYPES = ["csv", "tsv", "txt", "xlsx", "xls", "ods", "parquet"]
UPLOAD_HELP = (
    "CSV, TSV, Excel or Parquet. If the answer is in a second file, choose both at once. Nothing leaves the computer "
    "that Muffin runs on."
)


def take_sample(sample: Sample) -> bool:
    """Make a draft of a sample; if that fails, say why and keep the old draft."""
    paths = [found for found in (path(sample), joined_path(sample)) if found is not None]

    def draft() -> RunConfig:
        with ExitStack() as opened:
            files = [(opened.enter_context(found.open("rb")), found.name) for found in paths]
            return _proposed(files, sample.target)

    return _shown(_taken(draft))


def uploader(key: str, label: str = "Upload a table, or two that belong together") -> bool:
    """A field for files; True once they have become the draft, and forgotten, so that their bytes leave memory.

    Where they cannot be used, the page is drawn again with the reason above the field.
    """
    refused = st.session_state.pop(f"{key}:refused", None)
    if refused is not None:
        show_error(refused)
    files = fresh_uploads(key, label, several=True)
    if not files:
        return False
    problem = _take_files(files)
    forget_uploads(key)
    if problem is not None:
        st.session_state[f"{key}:refused"] = problem
        st.rerun()
    return True


def fresh_uploads(key: str, label: str, *, several: bool = False) -> list[UploadedFile]:
    """What was just put into the file field called ``key``; call `forget_uploads` when it is dealt with."""
    field = f"{key}:{st.session_state.get(f'{key}:turn', 0)}"
    if several:
        return st.file_uploader(label, FILE_TYPES, accept_multiple_files=True, key=field, help=UPLOAD_HELP)
    file = st.file_uploader(label, FILE_TYPES, key=field, help="CSV, TSV, Excel or Parquet.")
    return [] if file is None else [file]


def forget_uploads(key: str) -> None:
    """Put an empty field in the place of the one called ``key``."""
    st.session_state[f"{key}:turn"] = st.session_state.get(f"{key}:turn", 0) + 1


def keep_file(file: IO[bytes]) -> str:
    """Copy an upload into the workspace; returns its SHA-256. Raises `UserError` if the disk is full."""
    try:
        return workspace().keep(file)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise UserError("The disk is full.", "Make room, then try again.") from None


def progress_words(passes: int = 1) -> tuple[Step, Callable[[], None]]:
    """A bar that says how far the reading is, once there is something to say, and what takes it away again.

    Args:
        passes: How many files are read; each reports a share from 0 to 1.
    """
    bar = st.empty()
    done, last, drawn = 0, 0.0, -1

    def step(share: float) -> None:
        nonlocal done, last, drawn
        done += share < last
        last = share
        percent = int(100 * min((done + share) / passes, 1.0))
        if percent > drawn and not (drawn < 0 and percent == 100):
            drawn = percent
            bar.progress(percent, f"Reading… {percent} %" if percent < 100 else "Looking at the columns…")

    def clear() -> None:
        bar.empty()

    return step, clear


def _take_files(files: Sequence[UploadedFile]) -> UserError | None:
    return _taken(lambda: _proposed([(file, file.name) for file in files]))


def _taken(draft: Callable[[], RunConfig]) -> UserError | None:
    try:
        keep(draft())
    except UserError as error:
        return error
    return None


def _shown(problem: UserError | None) -> bool:
    if problem is not None:
        show_error(problem)
    return problem is None


def _proposed(files: Sequence[tuple[IO[bytes], str]], target: str = "") -> RunConfig:
    if len(files) > MOST_FILES:
        raise UserError(
            f"Muffin learns from one table, or from two whose rows belong together; got {len(files)} files.",
            "Upload the table with the features, and if the answer is in another file, that one too.",
        )
    step, clear = progress_words(len(files))
    try:
        kept = [(keep_file(file), name) for file, name in files]
        config, table = propose_files(workspace(), kept, step)
    except UserError as error:
        names = " and ".join(quoted(name) for _, name in files)
        raise UserError(f"{names} cannot be used: {error.problem}", error.remedy) from None
    finally:
        clear()
    if target not in table.names or target == config.data.target:
        return config
    return propose_run(propose(table, config.data.source, config.data.join, target), table)
