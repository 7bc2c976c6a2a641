"""What lies in a folder, so that a test can tell that nothing was written outside the workspace."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.workspace import Workspace


@contextmanager
def fenced() -> Iterator[Workspace]:
    """A workspace in a folder of its own; fails where something beside it was made, changed or removed."""
    with tempfile.TemporaryDirectory() as above:
        fence = Path(above)
        (fence / "beside.txt").write_text("untouched")
        (fence / "a" / "b").mkdir(parents=True)
        yield Workspace(fence / "a" / "b" / "workspace")
        outside = {
            str(path.relative_to(fence))
            for path in fence.rglob("*")
            if fence / "a" / "b" / "workspace" not in (path, *path.parents)
        }
        assert outside == {"beside.txt", "a", "a/b"}
        assert (fence / "beside.txt").read_text() == "untouched"


def upload(workspace: Workspace, content: bytes) -> str:
    """Keep an upload; returns its SHA-256."""
    return workspace.keep(io.BytesIO(content))
