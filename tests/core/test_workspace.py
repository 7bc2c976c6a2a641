"""Uploads are kept once, visitors apart, and nothing is world-readable."""

import io
import stat
from pathlib import Path

from core.workspace import Workspace, write_file


def test_equal_uploads_are_kept_once(workspace: Workspace) -> None:
    first = workspace.keep(io.BytesIO(b"a,b\n1,2\n"))
    second = workspace.keep(io.BytesIO(b"a,b\n1,2\n"))
    assert first == second
    assert workspace.upload(first).read_bytes() == b"a,b\n1,2\n"
    assert len(list((workspace.root / "uploads").iterdir())) == 1


def test_visitors_do_not_see_each_other_and_share_one_engine(workspace: Workspace) -> None:
    one, two = workspace.visitor("a" * 64), workspace.visitor("../../escape")
    assert one.root != two.root
    assert one.root.parent == two.root.parent == workspace.root / "visitors"
    assert one.engine == two.engine == workspace.engine
    assert {each.root for each in workspace.everyone()} == {workspace.root, one.root, two.root}


def test_folders_are_closed_to_other_users(workspace: Workspace) -> None:
    assert stat.S_IMODE(workspace.engine.stat().st_mode) == 0o700
    assert stat.S_IMODE(workspace.root.stat().st_mode) == 0o700


def test_a_reader_sees_the_old_or_the_new_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_file(path, "old")
    write_file(path, "new")
    assert path.read_text() == "new"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
