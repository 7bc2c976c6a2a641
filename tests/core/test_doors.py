"""Doors that stay shut: which room may import which."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
ALLOWED = {
    "spec": {"errors", "spec"},
    "data": {"errors", "limits", "spec", "workspace", "data"},
    "network": {"errors", "spec", "network", "data"},
    "evaluation": {"errors", "spec", "evaluation"},
}
HEAVY = "tensorflow", "keras", "sklearn", "matplotlib"


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "core").rglob("*.py")), ids=lambda path: path.stem)
def test_core_never_imports_streamlit_or_pages(path: Path) -> None:
    assert not {name for name in imports(path) if name.split(".")[0] in ("streamlit", "pages")}


@pytest.mark.parametrize("room", ALLOWED)
def test_arrows_between_rooms_run_one_way(room: str) -> None:
    for path in (ROOT / "core" / room).rglob("*.py"):
        inner = {name.split(".")[1] for name in imports(path) if name.startswith("core.")}
        assert inner <= ALLOWED[room], path.name


def test_nothing_of_ours_pickles() -> None:
    for path in [*(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]:
        assert not {"pickle", "joblib", "dill", "marshal", "shelve"} & imports(path), path.name
        assert "allow_pickle=True" not in path.read_text(), path.name


def test_no_html_is_made_from_data() -> None:
    for path in (ROOT / "pages").rglob("*.py"):
        assert "unsafe_allow_html" not in path.read_text(), path.name


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    return {name.split(".")[0] for name in done.stdout.split()}


def test_web_process_never_imports_what_is_heavy() -> None:
    pages = sorted(path.stem for path in (ROOT / "pages" / "parts").glob("*.py"))
    code = "import core.engine, core.proposal, core.draft\n" + "\n".join(f"import pages.parts.{name}" for name in pages)
    assert not modules_after(code) & set(HEAVY)


def test_worker_never_imports_streamlit() -> None:
    assert "streamlit" not in modules_after("import core.training.job, core.training.questions")
