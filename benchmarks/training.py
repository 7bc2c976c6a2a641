"""The classic script (768 rows x 8, Dense 12-8-1, batch 10, 150 epochs): plain Keras against a run of ours.

Ours is measured as a person meets it: from submit to finished metrics on a warm worker, files, baselines, intervals
and the saved model included. Each repetition has another shape, so that nothing compiled earlier is used again.
"""

from __future__ import annotations

import io
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.engine import Engine
from core.progress import progress
from core.proposal import propose_files
from core.runs import Run
from core.spec import RunConfig
from core.workspace import Workspace

ROWS, FEATURES, EPOCHS, BATCH, TIMES = 768, 8, 150, 10, 3
PLAIN = """
import sys, time
import numpy as np, keras
data = np.load(sys.argv[1])
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(12, "relu"), keras.layers.Dense(8, "relu"),
                          keras.layers.Dense(1, "sigmoid")])
began = time.perf_counter()
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(data["x"], data["y"], epochs=150, batch_size=10, verbose=0)
model.evaluate(data["x"], data["y"], verbose=0)
print(time.perf_counter() - began)
"""


def run() -> list[dict[str, Any]]:
    """Rows (a) and (b)."""
    frame = _table()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.npz"
        np.savez(file, x=frame.drop(columns="y").to_numpy(np.float32), y=(frame["y"] == "yes").to_numpy(np.float32))
        engine = Engine(Workspace(folder))
        for _ in range(2):
            _timed(engine, Workspace(folder), frame.iloc[:100], 0)
        pairs = [(_plain(file), *_timed(engine, Workspace(folder), frame, turn)) for turn in range(TIMES)]
        again = [_timed(engine, Workspace(folder), frame, 0) for _ in range(TIMES)]
        engine.client().shutdown()
    peer, ours, first = (statistics.median(column) for column in zip(*pairs, strict=True))
    warm = statistics.median(seconds for seconds, _ in again)
    return [
        _row("(a) classic script, submit to finished metrics, seconds", ours, peer, 10.0),
        _row("(a) the same once more, shape already compiled, seconds", warm, peer, 10.0),
        {
            "name": "(b) submit to first epoch on a warm worker, seconds", "ours": first, "peer": None, "ratio": None,
            "goal": "under 1.5 s", "met": first < 1.5,
        },
    ]  # fmt: skip


def _row(name: str, ours: float, peer: float, goal: float) -> dict[str, Any]:
    ratio = peer / ours
    return {
        "name": name, "ours": ours, "peer": peer, "ratio": ratio,
        "goal": f"at least {goal:g} times faster", "met": ratio >= goal,
    }  # fmt: skip


def _table() -> pd.DataFrame:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(ROWS, FEATURES))
    score = x[:, 0] + x[:, 1] * x[:, 2] + generator.normal(size=ROWS)
    frame = pd.DataFrame(x.round(5), columns=[f"x{i}" for i in range(FEATURES)])
    return frame.assign(y=np.where(score > 0, "yes", "no"))


def _config(workspace: Workspace, frame: pd.DataFrame, turn: int) -> RunConfig:
    upload = workspace.keep(io.BytesIO(frame.to_csv(index=False).encode()))
    config, _ = propose_files(workspace, [(upload, "classic.csv")])
    # All rows but one validation share train in the plain script too; the last layer is wider by the turn.
    layers = [{"kind": "Dense", "units": 12}, {"kind": "Dense", "units": 8 + turn}]
    training = {"epochs": EPOCHS, "batch_size": BATCH, "early_stopping": False, "learning_rate": 1e-3}
    data = config.data.change(split={"validation": 0.05, "test": 0.0})
    return config.change(
        data=data.model_dump(),
        network={"preset": "custom", "layers": layers},
        training={**config.training.model_dump(), **training},
    )


def _timed(engine: Engine, workspace: Workspace, frame: pd.DataFrame, turn: int) -> tuple[float, float]:
    """Seconds to finished metrics, and to the first trained epoch."""
    config = _config(workspace, frame, turn)
    began, clock = time.perf_counter(), time.time()
    run = Run.create(workspace, config)
    engine.submit(run)
    while not progress(run).ended:
        time.sleep(0.005)
    seconds = time.perf_counter() - began
    told = progress(run)
    if told.state != "finished" or run.metrics() is None:
        raise RuntimeError(told.problem)
    first = next(row["time"] for row in told.history if row["epoch"] == 1) - clock
    return seconds, first


def _plain(file: Path) -> float:
    done = subprocess.run([sys.executable, "-c", PLAIN, str(file)], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])
