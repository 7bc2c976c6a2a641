"""A workspace reads each file once for each format, and misses deleted ones with a sentence."""

from __future__ import annotations

import errno
import io
from pathlib import Path

import numpy as np
import pytest

from core.data import load
from core.data.load import load_joined, load_table, table_key
from core.errors import UserError
from core.spec import DataSpec, Join, TableFormat, TableSource
from core.workspace import Workspace


def kept(workspace: Workspace, text: str, **format: object) -> TableSource:
    fingerprint = workspace.keep(io.BytesIO(text.encode()))
    return TableSource(fingerprint=fingerprint, name="t.csv", format=TableFormat.parse(format))


def test_table_is_read_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path)
    source = kept(workspace, "id,x\na,1\nb,2\n")
    shares: list[float] = []
    first = load_table(workspace, source, shares.append)
    assert shares[-1] == 1.0 and shares == sorted(shares)
    monkeypatch.setattr(load, "read_table", lambda *_: pytest.fail("read again"))
    second = load_table(workspace, source)
    assert second.names == first.names == ("id", "x")
    assert isinstance(second.numbers, np.memmap)
    assert second.column("x").tolist() == [1, 2]


def test_another_format_is_another_table(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    named = kept(workspace, "1,2\n3,4\n")
    unnamed = kept(workspace, "1,2\n3,4\n", header=False)
    assert table_key(named) != table_key(unnamed)
    assert load_table(workspace, named).names == ("1", "2")
    assert load_table(workspace, unnamed).names == ("column 1", "column 2")


def test_deleted_upload_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    source = kept(workspace, "x\n1\n")
    workspace.upload(source.fingerprint).unlink()
    with pytest.raises(UserError, match=r"'t.csv' is no longer there"):
        load_table(workspace, source)
    assert list((tmp_path / "tables").iterdir()) == []


def test_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    workspace = Workspace(tmp_path)
    source = kept(workspace, "x\n1\n")
    monkeypatch.setattr(load, "read_table", full)
    with pytest.raises(UserError, match="disk is full"):
        load_table(workspace, source)


def test_joined_table_is_kept_too(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    left = kept(workspace, "sample,gene\nb,1\na,2\n")
    right = kept(workspace, "sample,response\na,10\nb,20\n")
    spec = DataSpec(source=left, join=Join(source=right, on="sample"))
    for _ in range(2):
        joined = load_joined(workspace, spec)
        assert joined.names == ("sample", "gene", "response")
        assert joined.column("response").tolist() == [20, 10]
    assert len(list((tmp_path / "tables").iterdir())) == 3
    by_order = spec.change(join={"source": right.model_dump(), "on": None})
    assert load_joined(workspace, by_order).column("response").tolist() == [10, 20]
    assert load_joined(workspace, DataSpec(source=left)).names == ("sample", "gene")
