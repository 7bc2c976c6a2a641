"""Sealed rows that any run of the workspace has opened are no longer unseen, whichever run seals them next."""

from __future__ import annotations

from typing import Any

import pytest

from core import openings as module
from core.export.methods import methods
from core.export.model_card import model_card
from core.export.report_facts import Facts
from core.export.report_limits import limitations
from core.export.report_results import sealed_section
from core.openings import openings
from core.runs import Run
from core.spec import SplitSpec
from core.workspace import Workspace
from tests.core.export.report_cases import ended_run, open_sealed
from tests.pages.made_images import image_config, image_run
from tests.pages.made_runs import ROWS, config_for


def opened(run: Run, times: int = 1, rows: int = ROWS) -> Run:
    """The run after its sealed rows were scored."""
    open_sealed(run, times)
    learned, sealed = run.predictions(), run.predictions(sealed=True)
    assert learned is not None and sealed is not None
    places = sorted(set(range(1, rows + 1)) - set(learned["row"]))
    run.save_predictions(sealed.head(len(places)).assign(row=places[: len(sealed)]), sealed=True)
    return run


def run_with(workspace: Workspace, **data: Any) -> Run:
    """A run on the same file with some other choices about its data."""
    chosen = config_for(workspace, "binary").data.change(**data)
    return ended_run(workspace, "table", "binary", data=chosen.model_dump())


def test_openings_of_all_runs_on_the_same_rows_are_counted(workspace: Workspace) -> None:
    first, second = run_with(workspace), run_with(workspace)
    assert openings(first) == openings(second) == (0, 0)
    opened(first, times=2)
    assert openings(first) == (2, 0) and openings(first).words == "2 times"
    assert openings(second) == (0, 2) and openings(second).words == "2 times, in other runs"
    opened(second)
    assert openings(first) == (2, 1) and openings(second) == (1, 2)
    assert openings(second).words == "3 times, in this run and in others"
    first.delete()
    assert openings(second) == (1, 0)


@pytest.mark.parametrize(
    "same",
    [
        {"scaling": "none"},
        {"drop": ("size", "kind", "town")},
        {"split": SplitSpec(folds=5, fold=2, repeat=1).model_dump()},
    ],
)
def test_choices_that_seal_the_same_rows_change_nothing(workspace: Workspace, same: dict[str, Any]) -> None:
    opened(run_with(workspace))
    assert openings(run_with(workspace, **same)).others == 1


@pytest.mark.parametrize(
    "other",
    [
        {"split": SplitSpec(seed=7).model_dump()},
        {"split": SplitSpec(test=0.5, validation=0.2, seed=7).model_dump()},
        {"split": SplitSpec(test=0.0).model_dump()},
    ],
)
def test_other_rows_do_not_count(workspace: Workspace, other: dict[str, Any]) -> None:
    opened(run_with(workspace))
    assert openings(run_with(workspace, **other)) == (0, 0)


def test_rows_that_are_lost_count_as_the_same_of_the_same_question(workspace: Workspace) -> None:
    first, second = opened(run_with(workspace)), run_with(workspace)
    (first.folder / "test.parquet").unlink()
    assert openings(second).others == 1
    assert openings(ended_run(workspace, "table", "multiclass")).others == 0


def test_pictures_are_counted_like_rows(workspace: Workspace) -> None:
    config = image_config(workspace, 2)
    first, second = image_run(workspace, config), image_run(workspace, config)
    learned = first.predictions()
    assert learned is not None
    sealed = (first.dataset() or {})["rows"]["test"]
    opened(first, rows=len(learned) + sealed)
    assert openings(second) == (0, 1)


def test_rows_are_read_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(run_with(workspace))
    second = run_with(workspace)
    read: list[str] = []
    before = Run.predictions

    def predictions(run: Run, sealed: bool = False) -> Any:
        read.append(run.id)
        return before(run, sealed)

    monkeypatch.setattr(Run, "predictions", predictions)
    module._same_rows.cache_clear()
    assert [openings(second).others for _ in range(3)] == [1, 1, 1]
    assert len(read) == 2


def test_reports_say_that_other_runs_have_seen_the_rows(workspace: Workspace) -> None:
    first, second = run_with(workspace), run_with(workspace)
    opened(first)
    facts = Facts.of(second)
    assert "others were, once, in other runs." in methods(facts, [("Muffin", "1")]).paragraphs[3]
    told = str(sealed_section(facts, {}))
    assert "Still sealed" not in told and "they were scored 1 time, in other runs" in told
    assert any("was opened 1 time, in other runs; choices" in each for each in limitations(facts))
    opened(second)
    facts = Facts.of(second)
    assert "which were scored twice, in this run and in others, the" in methods(facts, [("Muffin", "1")]).paragraphs[3]
    assert "they were scored 2 times, in this run and in others" in str(sealed_section(facts, {}))
    card = dict(model_card(facts, "Muffin"))
    assert any("opened 2 times, in this run and in others" in each for each in card["Performance"])
