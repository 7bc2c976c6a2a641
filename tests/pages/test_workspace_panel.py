"""My workspace: what it says, the project file, another device, deleting everything, and the notice after a loss."""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.draft import load_draft, save_draft
from core.engine import Engine
from core.errors import UserError
from core.limits import LIMITS, PROJECT_FILE
from core.project import write_project
from core.runs import Run, all_runs
from core.sharing import share, shares
from core.visits import accept_code, disk_since, missed, new_code, workspace_of
from core.workspace import Workspace
from pages.parts import session, workspace_panel
from pages.parts.visitors import COOKIE
from tests.pages.test_shell import labelled, open_page, said

MakeRun = Callable[..., Run]
DEVICE, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """``visit(token, since)``: from now on a visitor with this cookie looks at the pages."""
    monkeypatch.setattr(session, "_at_this_machine", lambda: False)

    def become(token: str, since: float | None = None) -> None:
        cookie = token + (f".{int(since):08x}" if since is not None else "")
        monkeypatch.setattr(
            session, "_request", lambda: session._Request("203.0.113.9", {"Host": ["x"]}, {COOKIE: cookie})
        )

    return become


@pytest.fixture
def project(finished_run: MakeRun, workspace: Workspace) -> bytes:
    """A project file with one run; the workspace is empty again."""
    run, file = finished_run("binary"), io.BytesIO()
    write_project(workspace, file)
    run.delete()
    return file.getvalue()


def upload_project(page: AppTest, content: bytes) -> AppTest:
    fields = [field for field in page.file_uploader if field.label == "Project file"]
    return fields[0].set_value([("project.zip", content, "application/zip")]).run()


def test_own_machine_is_told_its_folder_and_no_end(workspace: Workspace) -> None:
    page = open_page("workspace.py")
    assert not page.exception
    assert str(workspace.root) in said(page)
    assert "removed after" not in said(page)
    assert not labelled(page, "Show a code"), "there is nothing to carry where there is one workspace"


def test_visitor_is_told_how_much_it_holds_and_until_when(visit: Callable[..., None], workspace: Workspace) -> None:
    visit(DEVICE)
    page = open_page("workspace.py")
    assert "0 runs and 0 comparisons" in said(page) and "of at most 500 MB" in said(page)
    assert "removed after 30 days without a visit" in said(page)
    assert str(workspace.root) not in said(page), "where a server keeps things is its own business"


def test_project_file_comes_in_and_says_what_came(
    project: bytes, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("pages.parts.workspace_panel.ask", lambda question, run: asked.append(question))
    page = upload_project(open_page("workspace.py"), project)
    assert not page.exception
    assert len(all_runs(workspace)) == 1
    assert "Loaded 1 run and 0 comparisons" in page.success[0].value


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_project_is_refused_in_a_sentence(content: bytes, workspace: Workspace) -> None:
    page = upload_project(open_page("workspace.py"), content)
    assert not page.exception
    assert page.error and not page.success
    assert all_runs(workspace) == []


def test_networks_that_no_worker_built_are_left_to_the_engine(
    project: bytes, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[Path] = []
    monkeypatch.setattr(Engine, "recover", lambda _, found: left.append(found.root))
    monkeypatch.setattr(
        "pages.parts.workspace_panel.st.spinner", lambda words, **_: leave() if "Building" in words else nullcontext()
    )

    def leave() -> None:
        raise RuntimeError("the page was left")

    upload_project(open_page("workspace.py"), project)
    assert len(all_runs(workspace)) == 1 and left == [workspace.root]


def limited(monkeypatch: pytest.MonkeyPatch, path: Path, **limits: str) -> None:
    """Change limits of visitors and of the own machine."""
    text = PROJECT_FILE.read_text()
    for name, value in limits.items():
        text = re.sub(rf"(?m)^{name} = \S+", f"{name} = {value}", text)
    path.write_text(text)
    monkeypatch.setenv(LIMITS, str(path))


def test_project_over_its_limit_is_refused_before_it_is_made_and_when_it_is_made(
    finished_run: MakeRun, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = finished_run("binary")
    workspace.upload(run.config.data.source.fingerprint).write_bytes(os.urandom(1_500_000))
    limited(monkeypatch, tmp_path / "limits.toml", project_mb="1")
    page = open_page("workspace.py")
    assert not page.exception
    assert "This project has 1.5 MB in one file; the limit is 1 MB" in page.warning[0].value
    assert "python -m core export --all" in page.warning[0].value
    with pytest.raises(UserError, match="the limit is 1 MB"):
        workspace_panel._project(workspace, True)
    page.checkbox(key="workspace_with_data").uncheck().run()
    assert not page.warning and len(workspace_panel._project(workspace, False)) < 1_000_000


def test_project_file_over_its_limit_is_not_read(
    project: bytes, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limited(monkeypatch, tmp_path / "limits.toml", project_mb="1")
    page = upload_project(open_page("workspace.py"), project + bytes(1_000_000))
    assert "the limit is 1 MB" in page.error[0].value
    assert all_runs(workspace) == []


def test_code_of_one_device_opens_its_workspace_on_another(visit: Callable[..., None], workspace: Workspace) -> None:
    visit(DEVICE)
    page = open_page("workspace.py")
    labelled(page, "Show a code")[0].click().run()
    code = page.code[0].value
    visit(OTHER)
    page = open_page("workspace.py")
    page.text_input(key="device_typed").set_value(code)
    labelled(page, "Use it here")[0].click().run()
    assert not page.exception
    page = open_page("workspace.py")
    assert labelled(page, "Use this device's own again")
    files = [path for path in workspace.root.rglob("*") if path.is_file()]
    assert not any(secret in path.read_text(errors="replace") for path in files for secret in (DEVICE, OTHER, code))


def test_owner_sends_other_devices_away(visit: Callable[..., None], workspace: Workspace) -> None:
    visit(DEVICE)
    own = workspace_of(workspace, DEVICE, None)
    assert not labelled(open_page("workspace.py"), "End all other devices"), "there is none"
    accept_code(workspace, OTHER, new_code(workspace, own))
    visit(OTHER)
    assert not labelled(open_page("workspace.py"), "End all other devices"), "it is a guest"
    visit(DEVICE)
    page = open_page("workspace.py")
    assert "1 other device uses this workspace" in said(page)
    labelled(page, "End all other devices")[0].click().run()
    assert not page.exception and not labelled(page, "End all other devices")
    assert workspace_of(workspace, OTHER, None).root == workspace.visitor(OTHER).root
    assert workspace_of(workspace, DEVICE, None).root == own.root


def test_wrong_code_is_refused_and_changes_nothing(visit: Callable[..., None], workspace: Workspace) -> None:
    visit(OTHER)
    page = open_page("workspace.py")
    page.text_input(key="device_typed").set_value("0000-0000-0000-0000")
    labelled(page, "Use it here")[0].click().run()
    assert "leads nowhere" in said(page)
    assert not (workspace.root / "devices").exists()


def test_delete_everything_asks_once_and_leaves_nothing(finished_run: MakeRun, workspace: Workspace) -> None:
    run = finished_run("binary")
    share(run, with_data=True)
    save_draft(workspace, run.config)
    somebody = workspace.visitor(DEVICE)
    somebody.keep(io.BytesIO(b"theirs"))
    page = open_page("workspace.py")
    assert labelled(page, "Delete everything")[0].disabled
    page.checkbox(key="workspace_sure").check().run()
    labelled(page, "Delete everything")[0].click().run()
    assert not page.exception
    assert all_runs(workspace) == [] and load_draft(workspace) is None and shares(workspace) == []
    assert list(workspace.root.glob("uploads/*")) == list(workspace.root.glob("shares/[!.]*")) == []
    assert len(list((somebody.root / "uploads").iterdir())) == 1, "a visitor's things are not the owner's"
    assert "Everything was deleted" in page.success[0].value


def test_disk_that_did_not_last_is_said_on_home_until_a_project_is_loaded(
    project: bytes, visit: Callable[..., None], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.parts.workspace_panel.ask", lambda question, run: None)
    visit(DEVICE, disk_since(workspace) - 3600)
    for _ in range(2):
        page = open_page("home.py")
        assert "Your workspace is empty" in said(page) and "disk did not last" in said(page)
    upload_project(page, project)
    assert missed(workspace.visitor(DEVICE)) == ""
    assert len(all_runs(workspace.visitor(DEVICE))) == 1
    assert "Your workspace is empty" not in said(open_page("home.py"))


def test_removed_workspace_is_said_and_can_be_dismissed(visit: Callable[..., None], workspace: Workspace) -> None:
    workspace.root.mkdir(parents=True)
    (workspace.root / "since").write_text("1000")
    visit(DEVICE, 2000)
    page = open_page("home.py")
    assert "nobody had opened it for 30 days" in said(page)
    labelled(page, "I have none")[0].click().run()
    assert "Your workspace is empty" not in said(page)


def test_first_visit_is_told_nothing_of_a_loss(visit: Callable[..., None], workspace: Workspace) -> None:
    disk_since(workspace)
    visit(DEVICE, time.time())
    assert "Your workspace is empty" not in said(open_page("home.py"))


def test_page_names_no_secret(visit: Callable[..., None], workspace: Workspace, tmp_path: Path) -> None:
    visit(DEVICE)
    page = open_page("workspace.py")
    assert DEVICE not in "".join(str(block.proto) for block in page.main)
