"""What the commands share."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from core.data.table import Table
from core.data.words import counted
from core.errors import UserError
from core.workspace import Workspace


def add_workspace(parser: argparse.ArgumentParser) -> None:
    """``--workspace DIR``."""
    parser.add_argument(
        "--workspace", metavar="DIR", help="folder of uploads and runs (default: $MUFFIN_WORKSPACE or ~/.muffin)"
    )


def upload(workspace: Workspace, name: str) -> tuple[str, str]:
    """Copy a file into the workspace; its SHA-256 and its name."""
    path = Path(name)
    try:
        with open(path, "rb") as file:
            return workspace.keep(file), path.name
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"The file {str(path)[:200]} cannot be read: {reason}.", "Check its name and place.") from None


def column_name(table: Table, wish: str) -> str:
    """The column that a person means: its name, or its position counted from 1."""
    if wish in table.names:
        return wish
    if wish.isdigit() and 1 <= int(wish) <= len(table.names):
        return table.names[int(wish) - 1]
    shown = ", ".join(name[:40] for name in table.names[:8])
    more = " and so on" if len(table.names) > 8 else ""
    raise UserError(
        f"There is no column {wish[:60]!r}; the table has {counted(len(table.names), 'column')}: {shown}{more}.",
        "Give a name, or a position counted from 1.",
    )


def tell(text: str) -> None:
    """One line of progress, to stderr."""
    print(text, file=sys.stderr, flush=True)


def answer(value: dict[str, Any]) -> None:
    """The closing JSON object, the last line of stdout."""
    print(json.dumps(value, allow_nan=False), flush=True)
