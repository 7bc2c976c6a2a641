"""A link to one run or study, read only and revocable: whoever has it sees a copy, made when it was shared.

The copy is a workspace of its own under ``shares/``, named by the SHA-256 of the link's secret; the secret itself is
kept only in the owner's workspace, to show the link again. A share lasts as long as what it shows: it ends when it is
revoked, and when its run, its study or the whole workspace of its owner is deleted.

Without the raw data a share of a run still reveals: what its owner called it, when it was trained and with which
settings; the name of the uploaded file and its SHA-256, its number of rows and how many are in each part; the names of
all columns, and which is the target, the row's name and the group; of each feature that is a number the smallest,
largest, middle and average value and the spread among training rows; of each that is a text its categories, at most 50,
however rare; the names of the classes; and, in an order drawn by chance and without any feature, what was true and what
was predicted of each row. Also the network itself, its scores and curves, and which features matter. Not revealed are
cells of the table, names of rows and groups, pictures, their file names, which of them were left out or corrected, and
what tells whether a picture is unlike all others.

A share of a study reveals the same of its data, without any row, class or category; never the single networks.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.limits import check_disk
from core.project.files import ENDED_WELL, FOLDERS, Kind, config_of, derived_from, kind_of, pieces, state_of, uploads_of
from core.runs import Run
from core.studies import Study
from core.workspace import Workspace, build_once, size_of, write_file

ABOUT = "share.json"
GONE = "This link leads nowhere: it was revoked, what it showed was deleted, or a part of it is missing."
# Copies of shares do not count for a workspace's disk.
MOST_LINKS = 50
ASK_FOR_ANOTHER = "Ask who sent it for a new one."
# Files that are added to in place; all others are replaced, never changed, so that two names for one file are safe.
GROWING = ("events.jsonl", ".curves")
# What is told of each, and as what.
_TOLD: dict[str, Any] = {"kind": str, "id": str, "with_data": bool, "created": (int, float)}
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Share:
    """One link.

    Attributes:
        token: Its secret, 256 bits; whoever has it can look.
        kind: ``"run"`` or ``"study"``.
        id: That of the run or study, the same in the share as in the owner's workspace.
        with_data: Whether the raw data is in it.
        created: Seconds since 1970.
    """

    token: str
    kind: Kind
    id: str
    with_data: bool
    created: float


def share(record: Run | Study, with_data: bool) -> Share:
    """Copy a run or study that ended into a new share.

    Raises:
        UserError: It has no results, there are as many links as there may be, its workspace has no room for a copy, or
            the disk is full.
    """
    record.workspace.check_writable()
    kind = kind_of(record)
    if state_of(record) not in ENDED_WELL:
        raise UserError(f"Only a {kind} with results can be shared; this one has none (yet).", "Wait for its end.")
    if len(shares(record.workspace)) >= MOST_LINKS:
        raise UserError(f"{MOST_LINKS} links were given away already, which is the limit.", "Revoke one of them first.")
    check_disk(record.workspace, size_of(record.folder))
    made = Share(secrets.token_urlsafe(32), kind, record.id, with_data, round(time.time(), 3))
    target = record.workspace.share(made.token).root
    build_once(target, lambda folder: _copy(record, made, folder, target.parent.parent))
    slip = _slip(record.workspace, target.name)
    slip.parent.mkdir(mode=0o700, exist_ok=True)
    write_file(slip, json.dumps(asdict(made)))
    return made


def shares(workspace: Workspace) -> list[Share]:
    """The links that were given away from a workspace, newest first; those whose run or study is gone end here."""
    found = []
    for slip in (workspace.root / "shared").glob("*.json"):
        own = _read(slip, "token")
        if own is None:
            continue
        each = _share(own["token"], own)
        if _there(workspace, each.kind, each.id) and (workspace.share(each.token).root / ABOUT).is_file():
            found.append(each)
        else:
            _end(workspace, slip.stem)
    return sorted(found, key=lambda each: each.created, reverse=True)


def revoke(workspace: Workspace, token: str) -> None:
    """End a link and remove its copy; raises `UserError` where it is none of this workspace's."""
    name = workspace.share(token).root.name
    if not _slip(workspace, name).is_file():
        raise UserError("This link is none of yours, or was revoked before.", "Reload the page.")
    _end(workspace, name)


def end_shares(workspace: Workspace, id: str = "") -> None:
    """End the links to a run or study; without an id all that were given away from a workspace."""
    for each in shares(workspace):
        if id in ("", each.id):
            revoke(workspace, each.token)


def shared(workspace: Workspace, token: str) -> Workspace:
    """What a link shows, as a workspace with one run or study; raises `UserError` where it leads nowhere.

    Args:
        workspace: That of the server, not of a visitor.
        token: The secret in the link.
    """
    share_of(workspace, token)
    return workspace.share(token)


def share_of(workspace: Workspace, token: str) -> Share:
    """What a link is about; raises `UserError` where it leads nowhere (arguments as for `shared`)."""
    place = workspace.share(token if _SECRET.fullmatch(token) else "")
    told = _read(place.root / ABOUT, "owner")
    if told is None or not _lasts(place.root, told):
        raise UserError(GONE, ASK_FOR_ANOTHER)
    return _share(token, told)


def remove_ended(workspace: Workspace) -> int:
    """Remove copies whose owner's workspace, run or study is gone, however it went; how many those were."""
    told = {place: _read(place / ABOUT, "owner") for place in _places(workspace)}
    ended = [place for place, each in told.items() if each is None or not _lasts(place, each)]
    for place in ended:
        _remove(place)
    return len(ended)


def _copy(record: Run | Study, made: Share, folder: Path, server: Path) -> None:
    """Fill the folder of a share."""
    own = folder / FOLDERS[made.kind] / record.id
    own.mkdir(parents=True, mode=0o700)
    for piece in pieces(record, made.with_data):
        if isinstance(piece.content, Path):
            _link_or_copy(piece.content, own / piece.name)
        else:
            (own / piece.name).write_bytes(piece.content)
    if isinstance(record, Run) and record.model.is_file():
        _link_or_copy(record.model, own / record.model.name)
    if made.with_data:
        _add_data(record, folder)
    told = {name: value for name, value in asdict(made).items() if name != "token"}
    told["owner"] = record.workspace.root.relative_to(server).as_posix()
    (folder / ABOUT).write_text(json.dumps(told))


def _add_data(record: Run | Study, folder: Path) -> None:
    """The uploads, and what is worked out from them, so that it need not be done again."""
    config, workspace = config_of(record), record.workspace
    for fingerprint in uploads_of(config):
        if workspace.upload(fingerprint).is_file():
            (folder / "uploads").mkdir(mode=0o700, exist_ok=True)
            _link_or_copy(workspace.upload(fingerprint), folder / "uploads" / fingerprint)
    for kind, key in derived_from(config):
        source, target = workspace.root / kind / key, folder / kind / key
        for path in sorted(source.glob("[!.]*")) if source.is_dir() else ():
            target.mkdir(parents=True, mode=0o700, exist_ok=True)
            _link_or_copy(path, target / path.name)


def _link_or_copy(source: Path, target: Path) -> None:
    if not source.name.endswith(GROWING):
        try:
            os.link(source, target)
            return
        except OSError:  # Not all file systems have links.
            pass
    shutil.copyfile(source, target)


def _slip(workspace: Workspace, name: str) -> Path:
    return workspace.root / "shared" / f"{name}.json"


def _share(token: str, told: dict[str, Any]) -> Share:
    return Share(token, *(told[name] for name in _TOLD))


def _read(path: Path, more: str) -> dict[str, Any] | None:
    """What is told of a share, with one more text; None where it is not there or damaged."""
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    expected = {**_TOLD, more: str}
    whole = isinstance(told, dict) and all(isinstance(told.get(name), kind) for name, kind in expected.items())
    return told if whole and told["kind"] in FOLDERS else None


def _lasts(place: Path, told: dict[str, Any]) -> bool:
    """Whether the owner still has the link and what it shows."""
    owner = Workspace(place.parent.parent / told["owner"])
    return _slip(owner, place.name).is_file() and _there(owner, told["kind"], told["id"])


def _there(workspace: Workspace, kind: Kind, id: str) -> bool:
    return (workspace.root / FOLDERS[kind] / id).is_dir()


def _places(workspace: Workspace) -> Iterator[Path]:
    """Folders of all shares of a server that are complete."""
    return workspace.root.glob("shares/[!.]*")


def _end(workspace: Workspace, name: str) -> None:
    _slip(workspace, name).unlink(missing_ok=True)
    _remove(workspace.share("").root.with_name(name))


def _remove(place: Path) -> None:
    """In one step out of sight, then for good."""
    trash = place.with_name(f".deleted-{place.name}")
    try:
        os.replace(place, trash)
    except OSError:
        return
    shutil.rmtree(trash, ignore_errors=True)
