"""Studies: a hundred networks as one program against plain Keras fits of the same networks in a loop.

Ours is measured as a person meets it: from submit to the judged result on warm workers, files, baselines, ties and
compiling included. A hundred plain fits would take half an hour, so ten are timed and scaled, which the names say.
"""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.shape import data_shape
from core.engine import Engine
from core.progress import progress
from core.proposal import propose_files
from core.runs import Run
from core.spec import StudySpec
from core.study_plan import create_study
from core.study_progress import study_progress
from core.workspace import Workspace

ROWS, FEATURES, EPOCHS, BATCH, TIMES = 768, 8, 150, 10, 3
RATES = [0.0, *np.geomspace(1e-6, 1.0, 19).round(8).tolist()]
GENES, PATIENTS, GENE_EPOCHS = 5_000, 500, 30
PLAIN = """
import json, sys, time
import numpy as np, keras
data, plan = np.load(sys.argv[1]), json.loads(sys.argv[2])
x, y = data["x"], data["y"]
seconds = []
for fit in plan["fits"]:
    began = time.perf_counter()
    learn = np.ones(len(x), bool)
    learn[fit["held"]] = False
    mean, spread = x[learn].mean(0), x[learn].std(0) + 1e-9
    penalty = keras.regularizers.L2(fit["l2"]) if fit["l2"] else None
    layers = [keras.layers.Dense(units, "relu", kernel_regularizer=penalty) for units in plan["layers"]]
    last = keras.layers.Dense(1, plan["output"], kernel_regularizer=penalty)
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers, last])
    model.compile(optimizer="adam", loss=plan["loss"], metrics=plan["metrics"])
    z = (x - mean) / spread
    model.fit(z[learn], y[learn], epochs=plan["epochs"], batch_size=plan["batch"], verbose=0)
    model.evaluate(z[~learn], y[~learn], verbose=0)
    seconds.append(time.perf_counter() - began)
print(json.dumps(seconds))
"""


def run() -> list[dict[str, Any]]:
    """The classic script a hundred times, genes in folds, dropout, and how time grows."""
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Workspace(folder))
        for _ in range(2):
            _timed(engine, _classic(100), "binary", layers=[4], epochs=2)
        rows = [*_hundred(engine, Path(folder)), *_genes(engine, Path(folder)), *_growth(engine)]
        engine.client().shutdown()
    return rows


def _hundred(engine: Engine, folder: Path) -> list[dict[str, Any]]:
    frame = _classic(ROWS * 20 // 19)
    plan = {"layers": [12, 8], "output": "sigmoid", "loss": "binary_crossentropy", "metrics": ["accuracy"]}
    held = list(range(len(frame) - ROWS))
    fits = [{"l2": rate, "held": held} for rate in RATES[::2]]
    plain = _plain(folder, frame, plan | {"epochs": EPOCHS, "batch": BATCH, "fits": fits})
    ours, dropped = [], []
    for turn in range(TIMES):
        # Another width each time, so that nothing compiled before is used again.
        layers = [12, 8 + turn]
        ours.append(_timed(engine, frame, "binary", layers, EPOCHS, {"l2": RATES}))
        dropped.append(_timed(engine, frame, "binary", layers, EPOCHS, {"l2": RATES, "dropout": [0.2]}))
    ours_s, one, hundred = statistics.median(ours), statistics.median(plain), 10 * sum(plain)
    return [
        _row("100 networks, against 100 plain fits (10 timed, x 10), s", ours_s, hundred, hundred / ours_s, 200.0),
        _row("100 networks, against one plain fit, s", ours_s, one, one / ours_s, 1.0),
        _most("100 networks with dropout, against without, s", statistics.median(dropped), ours_s, 2.0),
    ]


def _genes(engine: Engine, folder: Path) -> list[dict[str, Any]]:
    random = np.random.default_rng(0)
    x = random.normal(size=(PATIENTS, GENES))
    y = x[:, :20].sum(axis=1) + 3 * random.normal(size=PATIENTS)
    frame = pd.DataFrame(x.round(4), columns=[f"g{i}" for i in range(GENES)]).assign(y=y.round(4))
    rates = [0.0, 1e-5, 1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.3]
    parts = np.array_split(random.permutation(PATIENTS), 5)
    fits = [{"l2": rate, "held": part.tolist()} for rate in rates[::4] for part in parts]
    plan = {"layers": [64, 32], "output": "linear", "loss": "mse", "metrics": [], "epochs": GENE_EPOCHS, "batch": 32}
    plain = _plain(folder, frame, plan | {"fits": fits})
    grid = {"l2": rates}
    ours = [
        _timed(engine, frame, "regression", [64, 32 + turn], GENE_EPOCHS, grid, folds=5, seeds=1, batch_size=32)
        for turn in range(TIMES)
    ]
    peer, mine = 40 / len(fits) * sum(plain), statistics.median(ours)
    name = f"8 x 5 folds, 500 x 5,000 genes, against 40 plain fits ({len(fits)} timed, x {40 / len(fits):g}), s"
    return [_row(name, mine, peer, peer / mine, 8.0)]


def _growth(engine: Engine) -> list[dict[str, Any]]:
    """How time grows with members, and with features; beside it what a time in proportion would be."""
    rows, frame = [], _classic(ROWS * 20 // 19)
    base = None
    for settings, seeds in ((1, 1), (5, 2), (20, 5), (50, 20)):
        rates = [0.0, *np.geomspace(1e-6, 1.0, 49).round(8).tolist()][:settings]
        seconds = _timed(engine, frame, "binary", [12, 8], 50, {"l2": rates}, seeds=seeds)
        members = settings * seeds
        base = base or (members, seconds)
        in_proportion = base[1] * members / base[0]
        rows.append(_most(f"{members:,} networks, 50 epochs, s (peer: in proportion)", seconds, in_proportion, 1.0))
    base = None
    for features in (10, 100, 1_000, 10_000):
        wide = _classic(200, features)
        seconds = _timed(engine, wide, "binary", [16], 20, {"l2": RATES[:10]}, folds=5, seeds=1, batch_size=32)
        base = base or (features, seconds)
        in_proportion = base[1] * features / base[0]
        rows.append(_most(f"50 networks, {features:,} features, s (peer: in proportion)", seconds, in_proportion, 1.0))
    return rows


def _classic(rows: int, features: int = FEATURES) -> pd.DataFrame:
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, features))
    score = x[:, 0] + x[:, 1] * x[:, 2] + random.normal(size=rows)
    return pd.DataFrame(x.round(5), columns=[f"x{i}" for i in range(features)]).assign(
        y=np.where(score > 0, "yes", "no")
    )


def _plain(folder: Path, frame: pd.DataFrame, plan: dict[str, Any]) -> list[float]:
    """Seconds of each plain fit, imports left out."""
    file = folder / "plain.npz"
    y = frame["y"].eq("yes") if frame["y"].dtype.kind not in "fi" else frame["y"]
    np.savez(file, x=frame.drop(columns="y").to_numpy(np.float32), y=y.to_numpy(np.float32))
    arguments = [sys.executable, "-c", PLAIN, str(file), json.dumps(plan)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _timed(
    engine: Engine,
    frame: pd.DataFrame,
    task: str,
    layers: list[int],
    epochs: int,
    grid: dict[str, Any] | None = None,
    folds: int = 1,
    seeds: int = 5,
    batch_size: int = BATCH,
) -> float:
    """Seconds from submit to the judged result; one network alone is a run."""
    workspace = engine._workspace
    upload = workspace.keep(io.BytesIO(frame.to_csv(index=False).encode()))
    config, table = propose_files(workspace, [(upload, "study.csv")])
    data = config.data.change(target="y", task=task, split={"validation": 0.05, "test": 0.0})
    run = config.change(
        data=data.model_dump(),
        network={"preset": "custom", "layers": [{"kind": "Dense", "units": units} for units in layers]},
        training={
            "loss": "mean_squared_error" if task == "regression" else "binary_crossentropy",
            "epochs": epochs, "batch_size": batch_size, "early_stopping": False,
        },
    )  # fmt: skip
    began = time.perf_counter()
    if len((grid or {}).get("l2", "12")) * folds * seeds == 1:
        single = Run.create(workspace, run)
        engine.submit(single)
        return _seconds(began, lambda: progress(single).ended, lambda: single.metrics() is not None)
    spec = StudySpec.parse({"run": run.model_dump(), "grid": grid or {}, "folds": folds, "seeds": seeds})
    shape = data_shape(table, run.data)
    study = create_study(workspace, spec, shape.train + shape.validation, shape.inputs, shape.classes)
    engine.submit_study(study)
    return _seconds(began, lambda: study_progress(study).done, lambda: study.result() is not None)


def _seconds(began: float, ended: Callable[[], bool], well: Callable[[], bool]) -> float:
    while not ended():
        # A page asks once a second; asking all the time would take a core from the workers.
        time.sleep(0.25)
    seconds = time.perf_counter() - began
    if not well():
        raise RuntimeError("the training failed; see the log in its folder")
    return seconds


def _row(name: str, ours: float, peer: float, ratio: float, goal: float) -> dict[str, Any]:
    return {
        "name": name, "ours": round(ours, 2), "peer": round(peer, 2), "ratio": round(ratio, 2),
        "goal": f"at least {goal:g} times faster", "met": ratio >= goal,
    }  # fmt: skip


def _most(name: str, ours: float, peer: float, goal: float) -> dict[str, Any]:
    ratio = ours / peer
    return {
        "name": name, "ours": round(ours, 2), "peer": round(peer, 2), "ratio": round(ratio, 3),
        "goal": f"at most {goal:g} times", "met": ratio <= goal,
    }  # fmt: skip
