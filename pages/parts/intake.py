"""Files and samples on their way in: recognised, kept on disk, read, and proposed as the draft."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import IO, Literal

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.arrivals import Arrival, propose_arrivals
from core.data.images.decode import MOST_BYTES
from core.data.images.read import load_images
from core.data.propose import propose
from core.data.table import Table
from core.data.words import quoted
from core.errors import UserError, full_disk_said
from core.image_proposal import with_image_preset
from core.proposal import propose_run
from core.samples import Sample, joined_path, path
from core.spec import AnyConfig, ImageConfig, RunConfig
from pages.parts.data_state import whole_table
from pages.parts.session import keep, most_upload_mb, own_workspace, show_error, workspace

Step = Callable[[float], None]
FILE_TYPES = ["csv", "tsv", "txt", "xlsx", "xls", "ods", "parquet"]
PICTURE_TYPES = ["zip", "jpg", "jpeg", "png", "gif", "bmp", "webp", "tif", "tiff", "avif", "jp2", "heic"]
UPLOAD_LABEL = "Upload a table, or a zip of pictures"
UPLOAD_HELP = (
    "A table as CSV, TSV, Excel or Parquet; if the answer is in a second file, choose both at once. Or pictures: a zip "
    "with a folder for each class. Nothing leaves the computer that Muffin runs on."
)
FOLDER_LABEL = "Folder of pictures"
FOLDER_HELP = (
    "Choose the folder that holds a folder of pictures for each class, such as cats and dogs. A zip of it is faster "
    "for more than a thousand pictures."
)
NAMES_SHOWN = 2


def take_sample(sample: Sample) -> bool:
    """Make a draft of a sample; if that fails, say why and keep the old draft."""
    paths = [found for found in (path(sample), joined_path(sample)) if found is not None]

    def draft() -> AnyConfig:
        with ExitStack() as opened:
            files = [(opened.enter_context(found.open("rb")), found.name) for found in paths]
            return _as_sample(_proposed(files), sample)

    return _shown(_taken(draft))


def uploader(key: str, label: str = UPLOAD_LABEL) -> bool:
    """Fields for files and for a folder; True once something has become the draft.

    It is then forgotten, so that its bytes leave memory. Where it cannot be used, the page is drawn again with the
    reason above the field.
    """
    refused = st.session_state.pop(f"{key}:refused", None)
    if refused is not None:
        show_error(refused)
    files = fresh_uploads(key, label, several=True)
    with st.expander("Or choose a whole folder of pictures", icon=":material/folder_open:"):
        folder = f"{key}:folder:{_turn(key)}"
        files = files or _field(FOLDER_LABEL, None, "directory", folder, FOLDER_HELP)
    if not files:
        return False
    problem = _taken(lambda: _proposed([(file, file.name) for file in files]))
    forget_uploads(key)
    if problem is not None:
        st.session_state[f"{key}:refused"] = problem
        st.rerun()
    return True


def fresh_uploads(key: str, label: str, *, several: bool = False) -> list[UploadedFile]:
    """What was just put into the file field called ``key``; call `forget_uploads` when it is dealt with."""
    field = f"{key}:{_turn(key)}"
    if several:
        types = [*FILE_TYPES, *PICTURE_TYPES]
        return _field(label, types, True, field, UPLOAD_HELP)
    return _field(label, FILE_TYPES, False, field, "CSV, TSV, Excel or Parquet.")


def _field(
    label: str, types: list[str] | None, several: bool | Literal["directory"], key: str, help: str
) -> list[UploadedFile]:
    most = most_upload_mb()
    found = st.file_uploader(label, types, accept_multiple_files=several, key=key, help=help, max_upload_size=most)
    return found if isinstance(found, list) else [found] if found else []


def forget_uploads(key: str) -> None:
    """Put an empty field in the place of the one called ``key``; what it held leaves the server's memory."""
    context = get_script_run_ctx()
    held = context and context.uploaded_file_mgr
    for field in (f"{key}:{_turn(key)}", f"{key}:folder:{_turn(key)}"):
        found = st.session_state.get(field) or []
        for file in found if isinstance(found, list) else [found]:
            if context and isinstance(held, MemoryUploadedFileManager) and isinstance(file, UploadedFile):
                held.remove_file(context.session_id, file.file_id)
    st.session_state[f"{key}:turn"] = _turn(key) + 1


def keep_file(file: IO[bytes]) -> str:
    """Copy an upload into the person's own workspace; returns its SHA-256. Raises `UserError` if the disk is full."""
    with full_disk_said():
        return own_workspace().keep(file)


def progress_words(passes: int = 1, last_words: str = "Looking at the columns…") -> tuple[Step, Callable[[], None]]:
    """A bar that says how far the reading is, once there is something to say, and what takes it away again.

    Args:
        passes: How many files are read; each reports a share from 0 to 1.
        last_words: What is done when all is read.
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
            bar.progress(percent, f"Reading… {percent} %" if percent < 100 else last_words)

    def clear() -> None:
        bar.empty()

    return step, clear


def most_photo_mb() -> int:
    """How large one photo may be, in MB."""
    return min(MOST_BYTES // 1_000_000, most_upload_mb() or MOST_BYTES)


def _turn(key: str) -> int:
    return int(st.session_state.get(f"{key}:turn", 0))


def _taken(draft: Callable[[], AnyConfig]) -> UserError | None:
    try:
        keep(draft())
    except UserError as error:
        return error
    return None


def _shown(problem: UserError | None) -> bool:
    if problem is not None:
        show_error(problem)
    return problem is None


def _proposed(files: Sequence[tuple[IO[bytes], str]]) -> AnyConfig:
    step, clear = progress_words(1 if len(files) > NAMES_SHOWN else len(files), "Looking at it…")
    try:
        with st.spinner("Looking at what you gave…"):
            return propose_arrivals(workspace(), [Arrival(name, content) for content, name in files], step)
    except UserError as error:
        names = " and ".join(quoted(name) for _, name in files[:NAMES_SHOWN])
        if len(files) > NAMES_SHOWN:
            names = f"{quoted(files[0][1])} and {len(files) - 1:,} more files"
        raise UserError(f"{names} cannot be used: {error.problem}", error.remedy) from None
    finally:
        clear()


def _as_sample(config: AnyConfig, sample: Sample) -> AnyConfig:
    """The proposal with what the sample's card says: its target, or the network that it begins with."""
    if isinstance(config, ImageConfig):
        if not sample.preset:
            return config
        return with_image_preset(config, sample.preset, load_images(workspace(), config.data.source))
    return _with_target(config, sample.target, whole_table(config.data))


def _with_target(config: RunConfig, target: str, table: Table) -> RunConfig:
    if target not in table.names or target == config.data.target:
        return config
    return propose_run(propose(table, config.data.source, config.data.join, target), table)
