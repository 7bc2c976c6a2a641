"""Scripts for runs of all kinds: their data part gives what the app's networks see, and nothing idle is in them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.errors import UserError
from core.export import script_training
from core.export.make import make_export
from core.export.notebook import make_notebook
from core.export.script import make_script, script_cells
from core.export.script_cells import Code, Text
from core.export.script_facts import facts_of
from core.runs import Run
from core.spec import RunConfig
from core.training.prepare import prepare
from core.workspace import Workspace
from tests.conftest import response
from tests.core.export.script_cases import drafted, exported, hostile, network, pretended, untidy
from tests.core.training.image_cases import image_config, pictures, transfer


def mixed(rows: int = 60) -> pd.DataFrame:
    """Numbers with and without negative ones, one that never varies or is never known in training, and texts."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"positive": random.lognormal(3, 1, rows), "any": random.normal(1e6, 1, rows).round(3)})
    frame["signed"] = random.normal(size=rows)
    frame["rare"] = 0.1
    frame["unknown"] = np.nan
    frame["kind"] = random.choice(["b", "a", "c"], rows)
    frame.loc[::4, "signed"] = np.nan
    frame["y"] = (frame["positive"] / 10 + frame["any"] - 1e6).round(3)
    return frame


def only_validation_knows(workspace: Workspace, frame: pd.DataFrame, **data: Any) -> RunConfig:
    """A run in which two columns vary among validation rows alone."""
    config = drafted(workspace, frame.assign(rare=np.arange(len(frame)), unknown=1.0))
    split = prepare(config, workspace).dataset.split
    frame = frame.copy()
    frame.loc[split.validation[:3], ["rare", "unknown"]] = [[5.0, 2.0], [6.0, 3.0], [7.0, 4.0]]
    config = drafted(workspace, frame)
    return config.change(data=config.data.change(**data).model_dump())


@pytest.mark.parametrize("scaling", ["standard", "log", "none"])
@pytest.mark.parametrize("columns", [["positive"], ["kind"], ["positive", "any", "signed", "rare", "unknown", "kind"]])
def test_data_part_gives_the_inputs_and_targets_of_the_app(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scaling: str, columns: list[str]
) -> None:
    left_out = tuple(name for name in mixed().columns if name not in (*columns, "y"))
    config = only_validation_knows(workspace, mixed(), scaling=scaling, drop=left_out)
    prepared = prepare(config, workspace)
    run = pretended(workspace, config)
    monkeypatch.chdir(exported(run, tmp_path / "run"))
    told = data_part(run)
    np.testing.assert_allclose(told["x"], prepared.x, atol=1e-6)
    assert told["x"].dtype == np.float32
    np.testing.assert_allclose(told["y"][:, 0], prepared.target, atol=1e-6)


def data_part(run: Run) -> dict[str, Any]:
    """What is known after the code before the heading Network has run."""
    cells = script_cells(run)
    end = next(place for place, cell in enumerate(cells) if isinstance(cell, Text) and cell.heading == "Network")
    told: dict[str, Any] = {}
    exec("\n".join(cell.source for cell in cells[:end] if isinstance(cell, Code)), told)
    return told


def source_of(run: Run, tmp_path: Path) -> str:
    make_script(run, tmp_path / "train.py")
    source = (tmp_path / "train.py").read_text(encoding="utf-8")
    ast.parse(source)
    return source


def plain(workspace: Workspace, **training: Any) -> RunConfig:
    return network(drafted(workspace, response(), **training))


@pytest.mark.parametrize(
    "idle",
    ["penalty", "Dropout", "EarlyStopping", "class_weight", 'TEXTS = ["', "log1p", "removeprefix", "np.inf", 'watch"'],
)
def test_what_a_run_did_not_use_is_not_in_its_script(workspace: Workspace, tmp_path: Path, idle: str) -> None:
    assert idle not in source_of(pretended(workspace, plain(workspace)), tmp_path)


Make = Callable[[Workspace], Run]


def zeros(workspace: Workspace) -> Run:
    config = plain(workspace)
    return pretended(workspace, config.change(network=config.network.change(output_initializer="zeros").model_dump()))


CASES: dict[str, tuple[Make, str]] = {
    "output that starts at zero": (zeros, "output.kernel.assign(np.zeros(output.kernel.shape))"),
    "network that no epoch improved": (
        lambda workspace: pretended(workspace, plain(workspace, early_stopping=True), best_epoch=0),
        'if stopping.best >= untrained["loss"]:',
    ),
    "run that was stopped by hand": (
        lambda workspace: pretended(workspace, plain(workspace), "stopped", epochs=2, best_epoch=2),
        "EPOCHS = 2\n",
    ),
    "run that stopped early": (
        lambda workspace: pretended(
            workspace, plain(workspace, early_stopping=True, patience=3), epochs=5, best_epoch=2
        ),
        "EPOCHS = 6\n",
    ),
    "dropout in pictures": (
        lambda workspace: pretended(workspace, cnn(workspace)),
        "layers.Dropout(0.25, seed=seed(4)),",
    ),
    "another pretrained network": (
        lambda workspace: pretended(workspace, transfer(image_config(workspace, pictures()), backbone="resnet50")),
        "ResNet50 has learned from 1.2 million photos",
    ),
    "network for two classes with an output each": (
        lambda workspace: pretended(workspace, two_outputs(workspace)),
        'layers.Dense(2, activation="softmax", kernel_initializer=glorot(0), name="output"),',
    ),
}


def cnn(workspace: Workspace) -> Any:
    kinds = [{"kind": "Conv2D"}, {"kind": "Dropout", "rate": 0.0}, {"kind": "GlobalAveragePooling2D"}]
    chosen = {"preset": "custom", "layers": kinds, "regularization": {"dropout": 0.25}}
    return image_config(workspace, pictures()).change(network=chosen)


def two_outputs(workspace: Workspace) -> Any:
    return image_config(workspace, pictures(), loss="categorical_crossentropy")


@pytest.mark.parametrize("case", CASES)
def test_script_says_what_the_run_did(workspace: Workspace, tmp_path: Path, case: str) -> None:
    make, line = CASES[case]
    assert line in source_of(make(workspace), tmp_path)


def test_script_says_what_stopped_the_run(workspace: Workspace, tmp_path: Path) -> None:
    problem = "Training was stopped after 20 minutes, which is the limit; what was learned by then is kept."
    for told, said in (({}, "by hand"), ({"problem": problem}, "by the limit of 20 minutes")):
        source = source_of(pretended(workspace, plain(workspace), "stopped", epochs=2, best_epoch=2, **told), tmp_path)
        assert f"It was stopped {said}, maybe" in " ".join(source.replace("#", " ").split())


def test_scripts_of_all_kinds_read_as_people_write_them(workspace: Workspace, tmp_path: Path) -> None:
    runs = [make(workspace) for make, _ in CASES.values()]
    every = {"scaling": "log", "drop": ()}
    runs += [
        pretended(workspace, only_validation_knows(workspace, mixed(), **every)),
        pretended(workspace, hostile(workspace)),
    ]
    for number, run in enumerate(runs):
        make_script(run, tmp_path / f"script_{number}.py")
    assert untidy(tmp_path) == ""


def test_stopping_looks_at_the_rows_that_the_app_looked_at(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = pretended(workspace, plain(workspace, early_stopping=True))
    assert ".choice(watched" not in source_of(run, tmp_path)
    monkeypatch.setattr(script_training, "WATCHED_ROWS", 10)
    line = "watched = np.sort(np.random.default_rng(0).choice(watched, 10, replace=False))"
    assert line in source_of(run, tmp_path)


def test_scores_that_have_no_value_are_left_out_and_ends_that_have_none_too(
    workspace: Workspace, tmp_path: Path
) -> None:
    source = source_of(pretended(workspace, cnn(workspace)), tmp_path)
    assert "log_loss" not in source and '"accuracy": (0.75, 0.5)' in source


def test_sealed_rows_are_scored_only_behind_a_comment(workspace: Workspace, tmp_path: Path) -> None:
    lines = source_of(pretended(workspace, plain(workspace)), tmp_path).splitlines()
    assert [line for line in lines if '"test"' in line] == ['# report("test")']
    assert "It has not been opened in the app yet." in " ".join(line.removeprefix("# ") for line in lines)


def test_run_of_a_study_that_is_gone_says_that_it_may_differ(workspace: Workspace) -> None:
    config = plain(workspace)
    split = {**config.data.split.model_dump(), "folds": 3}
    origin = {"study": "20260101-000000-abcdef", "setting": 0}
    config = config.change(data={**config.data.model_dump(), "split": split}, origin=origin)
    assert "a way of its own" in facts_of(pretended(workspace, config)).differs


def test_run_without_results_has_no_script(workspace: Workspace, tmp_path: Path) -> None:
    run = Run.create(workspace, plain(workspace))
    for make in (make_script, make_notebook):
        with pytest.raises(UserError, match="no results"):
            make(run, tmp_path / "file")


def test_hostile_names_make_no_line_of_their_own(workspace: Workspace, tmp_path: Path) -> None:
    source = source_of(pretended(workspace, hostile(workspace)), tmp_path)
    assert all(letter.isprintable() or letter == "\n" for letter in source)
    defined = {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert "scores" in defined and "system" not in source
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported == {"zipfile", "keras", "numpy", "pandas", "sklearn.metrics", "sklearn.utils.class_weight"}


@pytest.mark.parametrize("key", ["script", "notebook", "data"])
def test_files_are_made_where_all_exports_are(workspace: Workspace, key: str) -> None:
    run = pretended(workspace, plain(workspace))
    path = make_export(run, key)
    assert path == run.export(key) and path.stat().st_size > 500
