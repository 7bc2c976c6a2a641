"""Exported models of tables, used as their recipients would: by their own descriptions, in their own runtimes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.export.make import make_export
from core.runs import Run
from core.workspace import Workspace
from tests.core.export.export_cases import (
    COLUMNS,
    about,
    answer_of,
    app_says,
    as_app,
    inputs_of,
    new_rows,
    run_on,
    table,
)

KEYS = ("keras", "saved_model", "litert", "onnx")
# In probability, or in standard deviations of the target; single precision allows for no less.
CLOSE = 1e-5
ACTIVATIONS = ("relu", "tanh", "sigmoid", "elu", "selu", "gelu", "silu", "linear")
ONE = [{"kind": "Dense", "units": 6}]
EVERY = [
    {"kind": "BatchNormalization"},
    *({"kind": "Dense", "units": 6, "activation": each} for each in ACTIVATIONS),
    {"kind": "Dropout"},
]
TINY, YEAR, GAPS, TOWN, FLAG = COLUMNS.values()
CASES: dict[str, tuple[str, str, list[dict[str, Any]], dict[str, Any]]] = {
    "two classes, unscaled": ("binary", "binary", ONE, {"drop": [YEAR], "scaling": "none"}),
    "three classes, logarithm, all layers": ("multiclass", "multiclass", EVERY, {"scaling": "log"}),
    "a number far from 0": ("regression", "regression", ONE, {}),
    "a small number, texts alone": ("small", "regression", ONE, {"drop": [TINY, YEAR, GAPS]}),
    "numbers alone, one far from 0, hinge": ("binary", "binary", ONE, {"drop": [TOWN, FLAG], "loss": "hinge"}),
}


@pytest.fixture(scope="module")
def workspace_of_module(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module", params=CASES)
def run(request: pytest.FixtureRequest, workspace_of_module: Workspace) -> Run:
    target, task, layers, data = CASES[request.param]
    return run_on(workspace_of_module, table(target), task, layers, **data)


@pytest.mark.parametrize("key", KEYS)
def test_file_says_what_the_app_says_about_new_rows(run: Run, key: str, tmp_path: Path) -> None:
    rows = new_rows()
    expected = app_says(run, rows)
    path = make_export(run, key)
    told = about(path)
    found = as_app(told, answer_of(key, path, told, inputs_of(told, rows), tmp_path))
    unit = run.dataset()["scale"]
    print(key, np.abs(found - expected).max() / unit)
    np.testing.assert_allclose(found, expected, rtol=0, atol=CLOSE * unit)
    assert np.std(expected[5:], axis=0).max() > 1000 * CLOSE * unit


def test_columns_of_one_name_stay_apart_as_the_app_names_them(workspace_of_module: Workspace, tmp_path: Path) -> None:
    frame = table("binary").drop(columns=[TINY, YEAR, TOWN])
    frame.insert(0, "x", np.random.default_rng(3).normal(size=len(frame)).round(3))
    frame.columns = [GAPS, GAPS, FLAG, "target"]
    run = run_on(workspace_of_module, frame, "binary", ONE)
    told = about(make_export(run, "onnx"))
    names = told["inputs"][0]["columns"]
    assert len(set(names)) == 2 and GAPS in names
    inputs = inputs_of(told, frame.set_axis([*names, FLAG, "target"], axis=1))
    found = as_app(told, answer_of("onnx", run.export("onnx"), told, inputs, tmp_path))
    np.testing.assert_allclose(found, app_says(run, frame), atol=CLOSE)
