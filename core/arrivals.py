"""What arrives is recognised by its content: a table, two tables, a zip of pictures, loose pictures, a whole folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import IO, Literal, NamedTuple

from PIL import Image

from core.data.images.archive import JUNK
from core.data.images.pack import keep_files
from core.data.words import counted, quoted
from core.data.zips import list_of_entries
from core.errors import UserError, full_disk_said
from core.image_proposal import propose_image_files
from core.limits import check_upload
from core.proposal import MOST_FILES, propose_files
from core.spec import AnyConfig
from core.workspace import Workspace

Kind = Literal["table", "zip", "picture"]
Step = Callable[[float], None]
MOST_AT_ONCE = 20_000
# Those that begin with a mark of their own; others are known by their ending.
MARKED = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000", "QOI")
PICTURE_ENDINGS = frozenset(
    ("jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "dib", "tif", "tiff", "webp", "avif", "heic", "heif")
    + ("jp2", "j2k", "ppm", "pgm", "pbm", "pnm", "tga", "ico", "pcx", "qoi", "mpo")
)
LONGEST_LIST = 16_000_000
# What cameras and programs call pictures, whatever they show.
NO_CLASS = frozenset(
    ("img", "image", "images", "dsc", "dscn", "dscf", "pict", "pic", "picture", "photo", "foto", "bild", "pxl", "vid")
    + ("scan", "screenshot", "download", "frame", "file", "sample", "wa", "whatsapp image", "unnamed", "untitled", "")
)
NO_CLASSES = (
    "Put the pictures of each class into a folder with its name, and upload the folder around them, or a zip of it. "
    "Or name the files cat-1.jpg, cat-2.jpg, dog-1.jpg and so on."
)


class Arrival(NamedTuple):
    """One file: its name, perhaps with folders, and its content."""

    name: str
    content: IO[bytes]


def propose_arrivals(workspace: Workspace, files: Sequence[Arrival], progress: Step | None = None) -> AnyConfig:
    """A complete run for whatever was uploaded together.

    Args:
        workspace: Where uploads are kept.
        files: A table, two tables, a zip of pictures, several such zips, or pictures (with folders in their names, a
            table of labels among them, or their class in their names).
        progress: Called with the share that is done, from 0 to 1 for each table.

    Raises:
        UserError: Nothing can be learned from these, or not from these together.
    """
    if len(files) > MOST_AT_ONCE:
        raise UserError(
            f"{len(files):,} files were given at once; at most {MOST_AT_ONCE:,} are taken one by one.",
            "Put them into a zip, which is also much faster.",
        )
    files = [file for file in files if not _is_junk(file.name)]
    check_upload(workspace, sum(_size(file) for file in files))
    kinds = [kind_of(file) for file in files]
    _check_together(files, kinds)
    with full_disk_said():
        return _proposed(workspace, files, kinds, progress)


def _size(file: Arrival) -> int:
    size = file.content.seek(0, 2)
    file.content.seek(0)
    return size


def kind_of(file: Arrival) -> Kind:
    """What a file is, by its content; what is neither a picture nor a zip is left to the reading of tables."""
    start = file.content.read(32)
    file.content.seek(0)
    if start.startswith(b"PK"):
        return "table" if _is_spreadsheet(file) else "zip"
    if start and _is_marked_picture(file.content):
        return "picture"
    return "picture" if _ending(file.name) in PICTURE_ENDINGS else "table"


def classes_in_names(names: Sequence[str]) -> list[str] | None:
    """The class of each file by its name (``cat.1.jpg``, ``dog (2).png``), or None where names tell none."""
    stems = [name.rpartition("/")[2].rpartition(".")[0] for name in names]
    classes = [re.sub(r"[\s._\-()#]*\d*[\s._\-()]*$", "", stem).strip() for stem in stems]
    counts = Counter(classes)
    tells = len(counts) > 1 and min(counts.values()) > 1 and not any(name.casefold() in NO_CLASS for name in counts)
    return classes if tells else None


def _proposed(
    workspace: Workspace, files: Sequence[Arrival], kinds: Sequence[Kind], progress: Step | None
) -> AnyConfig:
    if set(kinds) == {"table"}:
        kept = [(workspace.keep(file.content), file.name.rpartition("/")[2]) for file in files]
        return propose_files(workspace, kept, progress)[0]
    if list(kinds) == ["zip"]:
        key, name = workspace.keep(files[0].content), files[0].name.rpartition("/")[2]
    else:
        key, name = keep_files(workspace, _in_classes(files, kinds)), _called(files, kinds)
    return propose_image_files(workspace, [(key, name)], progress)[0]


def _check_together(files: Sequence[Arrival], kinds: Sequence[Kind]) -> None:
    if not files:
        raise UserError("There is no file that could be used.", "Choose a table, a zip of pictures, or a folder.")
    if set(kinds) == {"table"} and len(files) > MOST_FILES:
        raise UserError(
            f"Muffin learns from one table, or from two whose rows belong together; got {len(files)} files.",
            "Upload the table with the features, and if the answer is in another file, that one too.",
        )
    loose = [file.name for file, kind in zip(files, kinds, strict=True) if kind == "table" and "/" not in file.name]
    if "zip" in kinds and loose:
        raise UserError(
            f"A zip and a table ({quoted(loose[0])}) were given together.",
            "Upload one of them. If the table tells the classes of the pictures, put it into the zip.",
        )


def _in_classes(files: Sequence[Arrival], kinds: Sequence[Kind]) -> list[Arrival]:
    """The files as they are, or each in a folder of the class that its name tells."""
    if set(kinds) != {"picture"} or len({file.name.rpartition("/")[0] for file in files}) > 1:
        return list(files)
    classes = classes_in_names([file.name for file in files])
    if classes is None:
        raise UserError(
            f"{counted(len(files), 'picture')} came without classes: nothing tells what each of them shows.", NO_CLASSES
        )
    return [
        Arrival(f"{name}/{file.name.rpartition('/')[2]}", file.content)
        for name, file in zip(classes, files, strict=True)
    ]


def _called(files: Sequence[Arrival], kinds: Sequence[Kind]) -> str:
    """What several files are called together: their folder, the first zip, or how many pictures they are."""
    tops = {file.name.partition("/")[0] if "/" in file.name else "" for file in files}
    if len(tops) == 1 and "" not in tops:
        return tops.pop()
    if set(kinds) == {"zip"}:
        return f"{files[0].name} and {len(files) - 1} more"
    return counted(kinds.count("picture"), "picture")


def _is_junk(name: str) -> bool:
    return any(part.startswith(".") or part.casefold() in JUNK for part in name.replace("\\", "/").split("/") if part)


def _ending(name: str) -> str:
    return name.rpartition(".")[2].casefold()


def _is_spreadsheet(file: Arrival) -> bool:
    """Whether the list of entries at the end of a zip is that of a spreadsheet; the zip itself is not opened."""
    content = file.content
    try:
        found = list_of_entries(content)
        if found is None:
            return _ending(file.name) in ("xlsx", "ods")
        start, length = found
        content.seek(start)
        entries = content.read(min(length, LONGEST_LIST))
    finally:
        content.seek(0)
    return b"xl/workbook" in entries or (b"mimetype" in entries and b"content.xml" in entries)


def _is_marked_picture(content: IO[bytes]) -> bool:
    Image.init()
    try:
        Image.open(content, formats=[name for name in MARKED if name in Image.OPEN])
    # Looking at hostile bytes may raise nearly anything; reading them properly comes later.
    except Exception:
        return False
    finally:
        content.seek(0)
    return True
