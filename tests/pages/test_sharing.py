"""What somebody sees who opens a link, and what the owner does with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.draft import load_draft
from core.errors import UserError
from core.runs import Run, all_runs
from core.sharing import Share, revoke, share, shares
from core.spec import Task
from core.studies import Study
from core.workspace import Workspace
from pages.parts.session import plain
from pages.parts.sharing import link_to
from tests.pages.made_studies import finish, new_study, study_spec
from tests.pages.test_shell import labelled, open_page, said

MakeRun = Callable[..., Run]
NAVIGATION = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")


@pytest.fixture
def run(finished_run: MakeRun) -> Run:
    return finished_run("binary")


@pytest.fixture
def study(run: Run, workspace: Workspace) -> Study:
    return finish(new_study(workspace, study_spec(run.table_config.plain, l2=(0.0, 0.01, 0.1))))


@contextmanager
def guest(monkeypatch: pytest.MonkeyPatch, token: str = "cd" * 32) -> Iterator[None]:
    """Pages are looked at by a visitor with this cookie."""
    from pages.parts import session
    from pages.parts.visitors import COOKIE

    with monkeypatch.context() as patch:
        patch.setattr(session, "_at_this_machine", lambda: False)
        patch.setattr(session, "_request", lambda: session._Request("203.0.113.9", {"Host": ["x"]}, {COOKIE: token}))
        yield


def open_link(page: str, each: Share) -> AppTest:
    """The page that a link leads to."""
    return open_page(f"{page}.py", share=each.token, **{each.kind: each.id})


def everything_on(page: AppTest) -> str:
    """All that the page holds, as it goes over the wire."""
    return "\n".join(str(block.proto) for block in page.main) + "\n".join(str(block.proto) for block in page.sidebar)


def offers(page: AppTest) -> set[str]:
    """Labels of all buttons and links of a page."""
    return {button.label for button in page.button} | {link.proto.label for link in page.get("page_link")}


ALWAYS_THERE = {"Results", "Predict", "Compare"}
CHANGES = (
    "Share", "Train again", "Rename", "Delete", "Duplicate", "Open the sealed test", "Correct", "Leave it out", "Use ",
    "Ask another", "Open this network", "Change settings", "Compare regularization", "Open Home", "Try it on changed",
)  # fmt: skip


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_guest_sees_the_result_and_nothing_that_changes_it(
    task: Task, finished_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = share(finished_run(task), with_data=False)
    with guest(monkeypatch):
        page = open_link("results", each)
        assert not page.exception
        assert "Shared with you, read only" in everything_on(page)
        assert page.title[0].value == "Results"
        found = offers(page)
        assert "Predict new cases" in found
        assert not [label for label in found for change in CHANGES if label.startswith(change)]
        assert {link.proto.label for link in page.get("page_link")} <= ALWAYS_THERE


def test_guest_sees_a_comparison_without_its_buttons(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    each = share(study, with_data=False)
    with guest(monkeypatch):
        page = open_link("compare", each)
        assert not page.exception
        assert page.title[0].value == "Compare"
        assert study.result()["sentence"].split(":")[0] in said(page)  # type: ignore[index]
        assert not [label for label in offers(page) for change in CHANGES if label.startswith(change)]


@pytest.mark.parametrize("name", ["home", "data", "network", "train", "workspace"])
def test_other_pages_are_not_there_for_a_guest(name: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    each = share(run, with_data=True)
    with guest(monkeypatch):
        page = AppTest.from_file(NAVIGATION, default_timeout=120)
        page.query_params["share"] = each.token
        page.run()
        assert not page.exception
        assert page.title[0].value == "Results", "the link alone leads to what it is about"
        with pytest.raises(ValueError, match="Could not find a navigation page"):
            page.switch_page(f"{name}.py")


def test_study_does_not_open_as_results_nor_a_run_as_comparison(
    run: Run, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = share(run, False), share(study, False)
    with guest(monkeypatch):
        for page, each in (("compare", one), ("results", other)):
            shown = open_page(f"{page}.py", share=each.token)
            assert not shown.exception
            assert shown.title[0].value == ("Results" if each.kind == "run" else "Compare")


def test_guest_sees_no_other_run_of_the_owner(run: Run, finished_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    other = finished_run("binary", "secret_salaries.csv")
    each = share(run, with_data=True)
    with guest(monkeypatch):
        page = open_link("results", each)
        assert "secret_salaries" not in everything_on(page)
        page = open_page("results.py", share=each.token, run=other.id)
        assert "not here" in said(page) and "secret_salaries" not in everything_on(page)
        page = open_page("results.py", run=other.id)
        assert "not here" in said(page), "the secret is what opens it, not the id"


@pytest.mark.parametrize("with_data", [False, True])
def test_rows_are_seen_only_where_the_owner_ticked_so(
    with_data: bool, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = share(run, with_data)
    with guest(monkeypatch):
        page = open_link("results", each)
        rows = next(frame.value for frame in page.dataframe if "Row" in frame.value)
        assert ("History" in rows.columns) is with_data
        assert ("student" in rows.columns) is with_data
        assert ("The raw data was not shared" in said(page)) is not with_data
        page = open_link("predict", each)
        assert labelled(page, "Try a row that the network never saw")[0].disabled is not with_data


@pytest.mark.parametrize("token", ["", "0" * 43, "../../runs", "a" * 10_000])
def test_wrong_link_says_so_and_opens_nothing(token: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with guest(monkeypatch):
        page = open_page("results.py", share=token or "x", run=run.id)
        assert not page.exception
        assert page.title[0].value == "This link does not work"
        assert run.name not in everything_on(page)


def test_revoked_link_ends_in_the_middle_of_looking(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    each = share(run, with_data=True)
    with guest(monkeypatch):
        page = open_link("results", each)
        assert page.title[0].value == "Results"
        revoke(run.workspace, each.token)
        page.run()
        assert page.title[0].value == "This link does not work"


def test_link_changes_nothing_in_the_workspace_of_the_guest(
    run: Run, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = share(run, with_data=True)
    with guest(monkeypatch):
        open_link("results", each)
        open_link("predict", each)
    own = workspace.visitor("cd" * 32)
    assert all_runs(own) == [] and load_draft(own) is None
    for path in own.root.rglob("*"):
        assert each.token not in path.name and (path.is_dir() or each.token.encode() not in path.read_bytes())


def test_table_that_a_guest_asks_about_stays_with_the_guest(
    run: Run, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    each, asked = share(run, with_data=True), []

    def answer(question: str, record: Run, *values: object, seconds: float = 0) -> None:
        asked.append((question, str(record.workspace.root), values[-1]))
        raise UserError("No worker in this test.")

    with guest(monkeypatch):
        monkeypatch.setattr("pages.parts.predict_table.ask", answer)
        page = open_link("predict", each)
        page.file_uploader[0].set_value(("mine.csv", b"History,Maths,town\n1,2,Bonn\n", "text/csv")).run()
    own = workspace.visitor("cd" * 32)
    place = workspace.share(each.token).root
    assert ("predict_table", str(place), str(own.root)) in asked
    kept = {path.name for path in (own.root / "uploads").iterdir()}
    assert len(kept) == 1
    assert not kept & {path.name for path in (place / "uploads").iterdir()}
    assert not kept & {path.name for path in (workspace.root / "uploads").iterdir()}


def test_owner_makes_copies_and_revokes_a_link(run: Run, workspace: Workspace) -> None:
    page = open_page("results.py", run=run.id)
    page.checkbox(key=f"share_data:{run.id}").check().run()
    labelled(page, "Create a link")[0].click().run()
    (each,) = shares(workspace)
    assert each.with_data and each.id == run.id
    assert any(each.token in code.value for code in page.code)
    labelled(page, "Revoke")[0].click().run()
    assert shares(workspace) == []


def test_link_names_its_page_and_holds_a_secret_of_its_own(run: Run, study: Study) -> None:
    for record, page in ((run, "results"), (study, "compare")):
        each = share(record, False)
        assert re.search(rf"/{page}\?share={each.token}&{each.kind}={record.id}$", link_to(each))
        assert len(each.token) >= 22


def test_names_are_shown_as_they_are_where_results_are_shared(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = "<img src=x> [go](https://evil.example) :material/home: $x$ **b**"
    run.rename(hostile)
    each = share(run, with_data=False)
    texts = [text.value for text in open_page("workspace.py").markdown]
    assert f"**{plain(hostile[:60])}**"[:40] in "\n".join(texts)
    with guest(monkeypatch):
        page = open_link("predict", each)
        told = "\n".join(text.value for text in (*page.markdown, *page.caption))
        assert "img src" in told and not re.search(r"(?<!\\)(<img|\[go\])", told)
