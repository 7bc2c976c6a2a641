"""Scripts run where this project is not, and find what the app found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.export.script_facts import facts_of
from core.progress import progress
from core.runs import Run
from core.workspace import Workspace
from tests.core.export.script_cases import exported, make_runs, run_scripts, small_backbone_alone, untidy

EXACT = ("hostile", "number", "pictures", "tuned", "member", "refit")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    with small_backbone_alone():
        found = make_runs(Workspace(tmp_path_factory.mktemp("workspace")))
        for run in found.values():
            assert progress(run).state == "finished", progress(run).problem
        folder = tmp_path_factory.mktemp("exports")
        for name, run in found.items():
            exported(run, folder / name)
    return found


@pytest.fixture(scope="module")
def found(runs: dict[str, Run], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.getbasetemp() / "exports0"
    return run_scripts([folder / name for name in runs])


@pytest.mark.parametrize("name", EXACT)
def test_script_gives_the_answers_and_scores_of_the_app(runs: dict[str, Run], found: dict[str, Any], name: str) -> None:
    run, told = runs[name], found[name]
    metrics, sealed = run.metrics(), run.test() or {"parts": {}}
    assert metrics is not None
    parts = metrics["parts"] | sealed["parts"]
    frames = [run.predictions(), run.predictions(sealed=True)]
    predictions = pd.concat([frame for frame in frames if frame is not None])
    expected = {"train"} if name == "refit" else {"train", "validation", *(["test"] if name == "number" else [])}
    assert set(told["in_app"]) == expected
    for part, own in told["own"].items():
        measured = {key: each["value"] for key, each in parts[part]["metrics"].items()}
        assert own["scores"] == pytest.approx({key: measured[key] for key in own["scores"]}, abs=1e-4)
        assert set(own["scores"]) == {key for key, value in measured.items() if value is not None}
        shown = predictions[predictions["part"] == part].filter(regex="probability_").to_numpy()
        if not shown.size:
            shown = predictions.loc[predictions["part"] == part, "prediction"].to_numpy()
        np.testing.assert_allclose(own["answers"], shown, atol=1e-4)


def test_script_with_dropout_says_that_it_differs_and_stays_within_the_interval(
    runs: dict[str, Run], found: dict[str, Any]
) -> None:
    told = found["dropout"]
    for part, own in told["own"].items():
        for key, (_, low, high) in told["in_app"][part].items():
            assert low <= own["scores"][key] <= high, (part, key)
    assert facts_of(runs["dropout"]).differs.startswith("Dropout draws other random numbers")
    assert all(not facts_of(runs[name]).differs for name in EXACT)


def test_member_of_a_comparison_is_started_as_it_was_there(runs: dict[str, Run]) -> None:
    facts = facts_of(runs["member"])
    assert facts.watched == "watch" and facts.rows["watch"] > 0
    assert sorted(facts.start.places) != list(facts.start.places)
    assert facts.start.steps == -(-facts.rows["train"] // facts.config.training.batch_size) + 1


def test_scripts_read_as_people_write_them(runs: dict[str, Run], tmp_path_factory: pytest.TempPathFactory) -> None:
    assert untidy(tmp_path_factory.getbasetemp() / "exports0") == ""
