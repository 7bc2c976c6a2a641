"""Workspaces, tables and runs that tests share."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner

from core.proposal import propose_files
from core.spec import RunConfig
from core.workspace import Workspace

# No test is about time: machines are noisy.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
# Each time a page runs, AppTest looks through all installed packages for components, and Streamlit clears what Keras
# holds, which the web process never loads but other tests have. Either takes longer than the page.
manifest_scanner.scan_component_manifests = lru_cache(manifest_scanner.scan_component_manifests)  # type: ignore[assignment]
script_runner._clean_problem_modules = lambda: None


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty workspace that is also this process' default."""
    monkeypatch.setenv("MUFFIN_WORKSPACE", str(tmp_path / "workspace"))
    return Workspace()


def grades(rows: int = 60, seed: int = 0) -> pd.DataFrame:
    """A small pass / fail table with a category and some missing cells."""
    generator = np.random.default_rng(seed)
    math, history = generator.normal(60, 15, (2, rows)).round()
    frame = pd.DataFrame({"math": math, "history": history})
    frame["track"] = generator.choice(["arts", "science"], rows)
    frame["result"] = np.where(math + history + generator.normal(0, 10, rows) > 120, "pass", "fail")
    frame.loc[generator.choice(rows, 5, replace=False), "history"] = np.nan
    return frame


def response(rows: int = 60, seed: int = 0) -> pd.DataFrame:
    """A small table with a number to predict."""
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(generator.normal(size=(rows, 4)), columns=["a", "b", "c", "d"]).round(4)
    frame["response"] = (5 + 3 * frame["a"] - frame["b"] + generator.normal(0, 0.3, rows)).round(4)
    return frame


@pytest.fixture
def draft_of(workspace: Workspace) -> Callable[..., RunConfig]:
    """A complete configuration for a table, with few epochs unless told otherwise."""

    def make(frame: pd.DataFrame, name: str = "table.csv", **training: object) -> RunConfig:
        content = io.BytesIO(frame.to_csv(index=False).encode())
        config, _ = propose_files(workspace, [(workspace.keep(content), name)])
        values = {"epochs": 3, **training}
        return config.change(training=config.training.change(**values).model_dump())

    return make
