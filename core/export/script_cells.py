"""The pieces of a generated script: explanations and code, and how they are written as a script or as a notebook.

What comes from data (names, classes, titles) enters code as a Python literal, and explanations as a `Name`, so that it
can never become code, markup or a line of its own.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.data.table import shorten

WIDTH = 88
LONGEST_NAME = 80


class Name(str):
    """A text from data within an explanation."""


@dataclass(frozen=True)
class Text:
    """An explanation: a heading, and paragraphs, each one text or several pieces."""

    heading: str | Name
    paragraphs: tuple[str | Sequence[str | Name], ...] = ()


@dataclass(frozen=True)
class Code:
    """Lines of Python."""

    source: str


Cell = Text | Code


def literal(value: Any) -> str:
    """Python code of a text, a number, or a list, tuple or dict of such; long ones on several lines."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        items = [f"{literal(key)}: {literal(each)}" for key, each in value.items()]
        return _bracketed("{", "}", items, by_line=True)
    if isinstance(value, list | tuple):
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return _bracketed(
            *("[", "]") if isinstance(value, list) else ("(", ")"), [literal(each) for each in value], comma
        )
    return repr(value)


def _quoted(text: str) -> str:
    """As Python writes it, with everything odd escaped; in double quotes where there are none inside."""
    written = repr(text)
    return f'"{written[1:-1]}"' if '"' not in text else written


def _bracketed(start: str, end: str, items: list[str], comma: str = "", by_line: bool = False) -> str:
    short = f"{start}{', '.join(items)}{comma}{end}"
    if len(short) <= WIDTH - 12 and "\n" not in short:
        return short
    inner = "".join(f"{textwrap.indent(item, '    ')},\n" for item in items) if by_line else _filled(items)
    return f"{start}\n{inner}{end}"


def _filled(items: Iterable[str]) -> str:
    """Items with commas, as many on a line as fit; each line ends with a line break."""
    lines, line = [], "   "
    for item in items:
        if len(line) + len(item) + 2 > WIDTH and line.strip():
            lines.append(line)
            line = "   "
        line += f" {item},"
    return "".join(f"{each}\n" for each in [*lines, line])


def as_script(cells: Sequence[Cell]) -> str:
    """One Python file; explanations are comments."""
    blocks = [_commented(cell) if isinstance(cell, Text) else cell.source.strip("\n") for cell in cells]
    script = blocks[0]
    for before, block in pairwise(blocks):
        apart = before.rsplit("\n", 1)[-1].startswith(" ") or block.startswith(("def ", "class "))
        script += "\n" * (3 if apart else 2) + block
    return script + "\n"


def as_notebook(cells: Sequence[Cell]) -> str:
    """A Jupyter notebook (https://nbformat.readthedocs.io, version 4.5) as JSON."""
    found: list[dict[str, Any]] = []
    for number, cell in enumerate(cells):
        about: dict[str, Any] = {"id": f"cell-{number:02d}", "metadata": {}}
        if isinstance(cell, Text):
            found.append({"cell_type": "markdown", **about, "source": _lines(_marked_down(cell, first=not number))})
        else:
            code = {"execution_count": None, "outputs": [], "source": _lines(cell.source.strip("\n"))}
            found.append({"cell_type": "code", **about, **code})
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": python, "language_info": {"name": "python"}}
    return json.dumps({"cells": found, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def _lines(source: str) -> list[str]:
    lines = source.split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), lines[-1]]


def _commented(cell: Text) -> str:
    heading = _joined(cell.heading, _printable)
    blocks = [f"{heading}\n{'-' * len(heading)}"]
    blocks += [textwrap.fill(_joined(paragraph, _printable), WIDTH - 2) for paragraph in cell.paragraphs]
    return "\n".join(f"# {line}".rstrip() for line in "\n\n".join(blocks).split("\n"))


def _marked_down(cell: Text, first: bool) -> str:
    heading = f"{'#' if first else '##'} {_joined(cell.heading, _entities)}"
    return "\n\n".join([heading, *(_joined(paragraph, _entities) for paragraph in cell.paragraphs)])


def _joined(pieces: str | Sequence[str | Name], shown: Callable[[str], str]) -> str:
    every = [pieces] if isinstance(pieces, str) else pieces
    return "".join(shown(piece) if isinstance(piece, Name) else piece for piece in every)


def _printable(name: str) -> str:
    """A name on one line, without characters that cannot be seen."""
    seen = "".join(letter if letter.isprintable() else " " for letter in name)
    return shorten(" ".join(seen.split()), LONGEST_NAME) or "…"


def _entities(name: str) -> str:
    """The same for Markdown: everything but letters, digits and spaces as HTML entities, so that nothing is markup."""
    return "".join(letter if letter.isalnum() or letter == " " else f"&#{ord(letter)};" for letter in _printable(name))
