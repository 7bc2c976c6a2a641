"""Files of a workspace that are missing, torn, or hold something else: pages say so or go on, never a traceback."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

from core.draft import save_draft
from core.runs import Run
from core.study_draft import proposed, save_study_draft
from core.workspace import Workspace
from tests.pages.compare_shown import open_page
from tests.pages.made_runs import config_for, write_results
from tests.pages.made_studies import finish, new_study, study_spec

RUN, OTHER, STUDY = "20260101-000001-aaaaaa", "20260101-000000-bbbbbb", "20260101-000002-cccccc"
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "home": ("home.py", {}),
    "data": ("data.py", {}),
    "network": ("network.py", {}),
    "train": ("train.py", {"run": RUN}),
    "results": ("results.py", {"run": RUN}),
    "predict": ("predict.py", {"run": RUN}),
    "compare": ("compare.py", {"study": STUDY}),
    "runs": ("compare.py", {"runs": f"{RUN},{OTHER}"}),
    "question": ("compare.py", {"study": "new"}),
}
OF_RUN = ("config.json", "dataset.json", "metrics.json", "events.jsonl", "predictions.parquet", "model.keras",
          "title.json", "importance.json", "test.json", "test.parquet")  # fmt: skip
OF_STUDY = ("study.json", "plan.json", "result.json", "events.jsonl", "title.json", "00.board.npz", "00.curves")
FILES = {
    **{f"runs/{RUN}/{name}": ("home", "train", "results", "predict", "runs") for name in OF_RUN},
    **{f"studies/{STUDY}/{name}": ("home", "compare") for name in OF_STUDY},
    "draft.json": ("home", "data", "network", "question"),
    "study_draft.json": ("question",),
    "tables/*/table.json": ("data", "network", "results", "predict"),
    "tables/*/numbers.npy": ("data", "results", "predict"),
    "uploads/*": ("data", "results"),
}


def turned(value: Any) -> Any:
    """The same JSON with every value of another type."""
    if isinstance(value, dict):
        return {key: turned(each) for key, each in value.items()}
    if isinstance(value, list):
        return {"0": turned(value[0])} if value else {}
    return {str: 3, bool: "x", int: "x", float: ["x"]}.get(type(value), {"x": None})


def of_another_type(content: bytes) -> bytes:
    """Each line of JSON with its values of another type; what is no JSON is reversed."""
    try:
        return b"\n".join(json.dumps(turned(json.loads(line))).encode() for line in _documents(content))
    except ValueError:
        return content[::-1]


def _documents(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    return [line for line in lines if line] if len(lines) > 1 and lines[0][:1] + lines[0][-1:] == b"{}" else [content]


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "torn": lambda content: content[: len(content) // 2],
    "garbage": lambda _: b"\x00\xff{[" * 9,
    "null": lambda _: b"null",
    "list": lambda _: b"[]",
    "object": lambda _: b"{}",
    "other types": of_another_type,
    "deep": lambda _: b"[" * 100_000,
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with a draft, two runs and a study; one run has opened its sealed rows."""
    with pytest.MonkeyPatch.context() as patch:
        workspace = Workspace(tmp_path_factory.mktemp("whole") / "workspace")
        chosen = config_for(workspace, "binary")
        for name in (RUN, OTHER):
            patch.setattr("core.runs.new_id", lambda name=name: name)
            run = Run.create(workspace, chosen)
            run.append("started", from_epoch=None)
            for epoch in range(4):
                run.append("epoch", epoch=epoch, loss=1.0, val_loss=0.5, metric=0.5, val_metric=0.5)
            write_results(run, chosen)
            run.rename(f"Run {name[-1]}")
            run.append("finished", best_epoch=2, epochs=3, seconds=1.5)
        patch.setattr("core.studies.new_id", lambda: STUDY)
        finish(new_study(workspace, study_spec(chosen, l2=[0.0, 0.1]))).rename("Comparison")
        shared = Run(workspace, RUN)
        shared.save_test(shared.metrics() or {})
        frame = shared.predictions()
        assert frame is not None
        shared.save_predictions(frame.assign(part="test"), sealed=True)
        save_draft(workspace, chosen)
        save_study_draft(workspace, proposed(chosen))
        yield workspace.root


def damaged(whole: Path, workspace: Workspace, file: str, damage: str) -> None:
    """A copy of the whole workspace in which one file is damaged."""
    shutil.copytree(whole, workspace.root)
    found = sorted(workspace.root.glob(file))
    for path in found:
        content = DAMAGES[damage](path.read_bytes())
        path.unlink()
        if content is not None:
            path.write_bytes(content)


@pytest.fixture(autouse=True)
def told_types() -> Iterator[None]:
    """So that it can be told a sentence for people, which the app shows, from a mistake of ours."""
    before = config.get_option("client.showErrorDetails")
    config.set_option("client.showErrorDetails", "type")
    yield
    config.set_option("client.showErrorDetails", before)


def opens(page: str, allowed: tuple[str, ...] = ()) -> None:
    """Open a page; ``allowed`` are errors of which the app shows nothing but a sentence."""
    name, query = PAGES[page]
    shown = open_page(name, **query)
    kinds = [each.proto.type.rpartition(".")[2] for each in shown.exception]
    assert all(kind in allowed for kind in kinds), f"{page}: {kinds}"


def test_whole_workspace_opens_on_every_page(whole: Path, workspace: Workspace) -> None:
    shutil.copytree(whole, workspace.root)
    for page in PAGES:
        opens(page)


# In the default run those that hurt most: what every page reads, and what a crash may leave.
HURTS = {
    f"runs/{RUN}/metrics.json": "torn", f"runs/{RUN}/events.jsonl": "other types", f"runs/{RUN}/config.json": "empty",
    f"runs/{RUN}/predictions.parquet": "torn", f"studies/{STUDY}/plan.json": "other types",
    f"studies/{STUDY}/00.board.npz": "torn", "tables/*/numbers.npy": "torn", "draft.json": "other types",
}  # fmt: skip
# A page about the very thing that is damaged may say just that.
SENTENCES = ("UserError",)
# Valid JSON of another shape is nothing that a crash leaves; `pages.parts.session.show_unexpected` says that much.
SHAPES = ("object", "other types")
UNEXPECTED = ("UserError", "KeyError", "TypeError", "ValueError", "AttributeError")
ABOUT_IT = ("train", "results", "predict", "compare", "runs")


@pytest.mark.parametrize(("file", "damage"), [
    pytest.param(file, damage, marks=() if HURTS.get(file) == damage else pytest.mark.slow)
    for file in FILES for damage in DAMAGES
])  # fmt: skip
def test_damaged_file_is_no_traceback_and_hides_nothing_else(
    whole: Path, workspace: Workspace, file: str, damage: str
) -> None:
    damaged(whole, workspace, file, damage)
    found = []
    about_it = UNEXPECTED if damage in SHAPES else SENTENCES
    for page in FILES[file]:
        try:
            opens(page, about_it if page in ABOUT_IT else ())
        except AssertionError as error:
            found.append(str(error).splitlines()[0])
    assert not found
