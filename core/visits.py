"""Visitors of a server that is shared: which workspace is whose, what was lost, and codes for one more device.

ROOT/since           when this disk was first used, in seconds since 1970
ROOT/devices/<hash>  the workspace that a device uses in place of its own; both are named by hashes of secrets
ROOT/codes/<hash>    a code that was given out: the workspace that it leads to, and until when
VISITOR/missed       why the workspace that the visitor had before is not here: ``disk`` or ``idle``
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
from pathlib import Path
from typing import Literal

from core.errors import UserError
from core.workspace import FINGERPRINT, Workspace, write_file

Missed = Literal["", "disk", "idle"]
CODE_SECONDS = 600
# 80 bits for ten minutes and one use: nobody guesses them, however often they try, so wrong ones are not counted.
# Letters and digits that nobody mistakes for another (Crockford's base 32, crockford.com/base32.html).
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 16, 4
_MEANT = str.maketrans("OIL", "011")
# Somebody may open a page and come back to it hours later.
FIRST_VISIT_SECONDS = 24 * 3600


def workspace_of(root: Workspace, token: str, since: float | None) -> Workspace:
    """The workspace of a visitor, or the one that was carried to this device; made if it is not there.

    Args:
        root: That of the server.
        token: The visitor's secret.
        since: When this browser came here first, in seconds since 1970; None where that is not known.
    """
    name = _carried(root, token) or _hash(token)
    there = (root.root / "visitors" / name).is_dir()
    found = root.visitor_called(name)
    if not there and (why := _missed(root, since)):
        write_file(found.root / "missed", why)
    return found


def disk_since(root: Workspace) -> float:
    """When this disk was first used by the server, in seconds since 1970; now, where it was never used."""
    path = root.root / "since"
    with contextlib.suppress(OSError, ValueError):
        return float(path.read_text())
    root.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_file(path, repr(time.time()))
    return float(path.read_text())


def missed(workspace: Workspace) -> Missed:
    """Why what a visitor had before is not here: the server's disk did not last, nobody came for long, or empty."""
    with contextlib.suppress(OSError):
        why = (workspace.root / "missed").read_text()
        return "disk" if why == "disk" else "idle" if why == "idle" else ""
    return ""


def forget_missed(workspace: Workspace) -> None:
    """Do not say it again."""
    (workspace.root / "missed").unlink(missing_ok=True)


def new_code(root: Workspace, workspace: Workspace) -> str:
    """A code that leads one device to a visitor's workspace, once, within ten minutes; earlier ones no longer do."""
    name = workspace.root.name
    if workspace.root.parent != root.root / "visitors" or not FINGERPRINT.fullmatch(name):
        raise UserError("Only a visitor's workspace can be carried to another device.", "Use a project file.")
    _end_codes(root, name)
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    now = time.time()
    told = {"workspace": name, "given": now, "until": now + CODE_SECONDS}
    write_file(_codes(root) / _hash(code), json.dumps(told))
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def accept_code(root: Workspace, token: str, typed: str) -> None:
    """Let a device use the workspace that a code leads to.

    Args:
        root: That of the server.
        token: The secret of the device where it was typed.
        typed: The code; case, spaces and dashes do not matter.

    Raises:
        UserError: No such code was given out, it was used before, or its time is over.
    """
    told = _taken(root, "".join(letter for letter in typed.upper().translate(_MEANT) if letter.isalnum())[:99])
    if told is None:
        raise UserError(
            "This code leads nowhere: each works once, for ten minutes, and only the newest.",
            "Check it, or show a new one on the other device.",
        )
    folder = root.root / "devices"
    folder.mkdir(exist_ok=True, mode=0o700)
    write_file(folder / _hash(token), str(told["workspace"]))


def is_carried(root: Workspace, token: str) -> bool:
    """Whether this device uses the workspace of another one."""
    return bool(_carried(root, token))


def other_devices(root: Workspace, workspace: Workspace) -> int:
    """How many devices use a visitor's workspace in place of their own."""
    return len(_let_in(root, workspace))


def end_other_devices(root: Workspace, workspace: Workspace) -> None:
    """Send them away, each to its own workspace, and let no code that was given out bring in another."""
    _end_codes(root, workspace.root.name)
    for path in _let_in(root, workspace):
        path.unlink(missing_ok=True)


def leave(root: Workspace, token: str) -> None:
    """Let a device use its own workspace again; the other one stays where it is."""
    (root.root / "devices" / _hash(token)).unlink(missing_ok=True)


def _let_in(root: Workspace, workspace: Workspace) -> list[Path]:
    name, found = workspace.root.name, []
    for path in (root.root / "devices").glob("[!.]*"):
        with contextlib.suppress(OSError, ValueError):
            found += [path] if path.read_text() == name else []
    return found


def _end_codes(root: Workspace, name: str) -> None:
    """Those that lead to this workspace, and those whose time is over."""
    for path in _codes(root).glob("[!.]*"):
        told = _read(path)
        if told is None or told["workspace"] == name or not _valid(told):
            path.unlink(missing_ok=True)


def _carried(root: Workspace, token: str) -> str:
    with contextlib.suppress(OSError, ValueError):
        name = (root.root / "devices" / _hash(token)).read_text()
        return name if FINGERPRINT.fullmatch(name) else ""
    return ""


def _missed(root: Workspace, since: float | None) -> Missed:
    if since is None:
        return ""
    if since < disk_since(root) - 1:
        return "disk"
    return "idle" if time.time() - since > FIRST_VISIT_SECONDS else ""


def _taken(root: Workspace, code: str) -> dict[str, object] | None:
    """What a code leads to, which it does only once: of two that try at the same time one can move its file."""
    mine = _codes(root) / f".taken-{secrets.token_hex(8)}"
    try:
        os.rename(_codes(root) / _hash(code), mine)
    except OSError:
        return None
    told = _read(mine)
    mine.unlink(missing_ok=True)
    return told if told is not None and _valid(told) else None


def _valid(told: dict[str, float]) -> bool:
    return told["given"] <= time.time() < told["until"]


def _read(path: Path) -> dict | None:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def _codes(root: Workspace) -> Path:
    folder = root.root / "codes"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
