"""Two visitors of one server: A, whose things are secret, and B, who wants them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.draft import save_draft
from core.engine import Engine
from core.errors import UserError
from core.runs import Run
from core.sharing import revoke, share
from core.studies import Study
from core.workspace import Workspace
from pages.parts import session
from pages.parts.visitors import COOKIE
from tests.pages.made_runs import config_for, write_results
from tests.pages.made_studies import finish, new_study, study_spec

A, B = "ab" * 32, "cd" * 32
# Stands in the name of every file, run and study of A's.
MARK = "alices_secret"


@dataclass
class World:
    """A server with A's things.

    Attributes:
        root: The server's workspace.
        run, study: A's.
        tried: Who looks, by a word: the cookies and the secret of a link that they come with.
    """

    root: Workspace
    run: Run
    study: Study
    tried: dict[str, tuple[dict[str, str], str]]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody else may see."""
        return MARK, self.run.id, self.study.id, A

    def all_of_a(self) -> dict[str, str]:
        """Every file of A's and what is in it."""
        files = (path for path in self.run.workspace.root.rglob("*") if path.is_file() and path.name != "visited")
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def made(workspace: Workspace, name: str) -> tuple[Run, Study]:
    """A run, a study and a draft on a table of this name."""
    config = config_for(workspace, "binary", f"{name}.csv")
    run = Run.create(workspace, config)
    run.append("started", from_epoch=None)
    run.append("epoch", epoch=0, loss=0.5, val_loss=0.5, metric=0.7, val_metric=0.7)
    write_results(run, config)
    run.append("finished", best_epoch=0, epochs=1, seconds=1.0)
    study = finish(new_study(workspace, study_spec(config.plain, folds=2, seeds=1, l2=(0.0, 0.1))), epochs=3)
    save_draft(workspace, config)
    return run, study


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUFFIN_WORKSPACE", str(tmp_path_factory.mktemp("server") / "workspace"))
        patch.setattr(Engine, "_connect", _absent)
        root = Workspace()
        owner = root.visitor(A)
        run, study = made(owner, MARK)
        shown, _ = made(owner, "alices_public")
        made(root.visitor(B), "bobs_own")
        shutil.copytree(root.visitor(B).root, root.root / "template")
        right, revoked = share(shown, with_data=True).token, share(run, with_data=True).token
        revoke(owner, revoked)
        changed = right[:-1] + ("A" if right[-1] != "A" else "B")
        folder = hashlib.sha256(A.encode()).hexdigest()
        yield World(
            root, run, study,
            {
                "another visitor": ({COOKIE: B}, ""),
                "no key": ({}, ""),
                "a tampered key": ({COOKIE: A[:-1] + "0"}, ""),
                "the name of the folder as a key": ({COOKIE: folder}, ""),
                "a path as a key": ({COOKIE: f"../visitors/{folder}"}, ""),
                "a link to something else": ({COOKIE: B}, right),
                "a revoked link": ({COOKIE: B}, revoked),
                "a tampered link": ({COOKIE: B}, changed),
                "the name of the folder as a link": ({COOKIE: B}, folder[:43]),
            },
        )  # fmt: skip


def _absent(engine: Engine) -> None:
    raise UserError("There is no engine in this test.", "")


@pytest.fixture
def safe(world: World) -> Iterator[World]:
    """The same; B's things are as they were in the beginning, and A's are untouched at the end."""
    place = world.root.visitor(B).root
    shutil.rmtree(place)
    shutil.copytree(world.root.root / "template", place)
    before = world.all_of_a()
    yield world
    assert world.all_of_a() == before, "somebody else changed A's things"


@pytest.fixture
def open_as(safe: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """``open_as(who, page, **query)`` opens a page as one of `World.tried`."""

    def open_page(who: str, page: str, **query: str) -> AppTest:
        cookies, link = safe.tried[who]
        told = session._Request("203.0.113.9", {"Host": ["muffin.example"]}, cookies)
        monkeypatch.setattr(session, "_request", lambda: told)
        shown = AppTest.from_file(str(Path(__file__).parents[2] / "pages" / "navigation.py"), default_timeout=120)
        for name, value in {**({"share": link} if link else {}), **query}.items():
            shown.query_params[name] = value
        return shown.switch_page(f"{page}.py").run()

    return open_page


def sent(page: AppTest) -> str:
    """All that goes to the browser."""
    return "\n".join(str(each.proto) for part in (page.main, page.sidebar) for each in part)
