"""Small runs of every kind, what they are exported to, and a process without this project that runs their scripts."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers

from core.data.read_names import clean_name
from core.export.data import make_data
from core.export.script import make_script
from core.network import backbone
from core.proposal import propose_files
from core.runs import Run
from core.spec import AnyConfig, RunConfig
from core.study_runs import refit_config
from core.training.job import train_run
from core.training.questions import open_member, open_test
from core.workspace import Workspace
from tests.conftest import grades, response
from tests.core.training.image_cases import image_config, pictures, transfer
from tests.core.training.study_cases import study_of, trained, visits

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "{x}{{",
    '"""',
    "'''",
    "\\",
    "\\N{BULLET}\\x41",
    "a\u2028import os",
    "<img src=x onerror=alert(1)> [a](http://b.c) `rm`",
    "'apostrophe",
    "-1+1",
    '" + str(1/0) + "',
    "#\u202e",
)
RUNNER = """
import importlib.util, json, os, runpy, sys
assert importlib.util.find_spec("core") is None
found = {}
for folder in sys.argv[1:]:
    os.chdir(folder)
    told = runpy.run_path("train.py")
    own = {}
    for part in told["IN_APP"]:
        rows = told["part"] == part
        answers = told["answers"](told["x"][rows])
        own[part] = {"answers": answers.tolist(), "scores": told["scores"](told["truth"][rows], answers)}
    found[folder] = {"in_app": told["IN_APP"], "own": own}
print("FOUND" + json.dumps(found, default=float))
"""


def drafted(workspace: Workspace, frame: pd.DataFrame, **training: Any) -> RunConfig:
    """What is proposed for a table, with few epochs."""
    config, _ = propose_files(workspace, [(workspace.keep(io.BytesIO(frame.to_csv(index=False).encode())), "t.csv")])
    values = {"epochs": 6, "learning_rate": 0.02, "batch_size": 8, "early_stopping": False, **training}
    return config.change(training=config.training.change(**values).model_dump())


def network(config: RunConfig, *kinds: dict[str, Any], **regularization: Any) -> RunConfig:
    """The same with other layers."""
    chosen = {"preset": "custom", "layers": kinds or [{"kind": "Dense", "units": 5}], "regularization": regularization}
    return config.change(network=chosen)


def hostile_table(rows: int = 60) -> pd.DataFrame:
    """Three classes; names, categories and classes that want to become code, formulas or markup."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            HOSTILE[0]: random.lognormal(0, 1, rows),
            HOSTILE[1]: random.normal(size=rows).round(3),
            HOSTILE[2]: random.choice(HOSTILE, rows),
            "part": random.choice(["0x1", "N", "x\ny"], rows),
            "never varies": np.r_[1.0, np.zeros(rows - 1)],
        }
    )
    frame.loc[::6, HOSTILE[1]] = np.nan
    frame.loc[::7, HOSTILE[2]] = None
    score = np.log(frame[HOSTILE[0]]) + frame[HOSTILE[1]].fillna(0)
    frame[HOSTILE[3]] = np.array([HOSTILE[4], HOSTILE[8], "=\n1"], object)[np.digitize(score, [-0.6, 0.6])]
    return frame


def small_backbone(channels: int) -> keras.Model:
    """A pretrained network that was never trained, with the names of layers that fine-tuning looks for."""
    inputs = x = keras.Input((None, None, channels), name="pixels")
    x = layers.Rescaling(1 / 128, -127 / 128)(x)
    for name, filters in (("block14_project", 4), ("block15_project", 4), ("top", 1280)):
        start = keras.initializers.GlorotUniform(filters)
        x = layers.Conv2D(filters, 3, 2, "same", use_bias=False, kernel_initializer=start, name=name)(x)
        x = layers.BatchNormalization(name=f"{name}_bn")(x)
        x = layers.ReLU(name=f"{name}_relu")(x)
    return keras.Model(inputs, layers.GlobalAveragePooling2D(name="features")(x), name="backbone")


@contextmanager
def small_backbone_alone() -> Iterator[None]:
    """Nothing knows another pretrained network inside, nor this one afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backbone, "_build_lite0", small_backbone)
        backbone.frozen_backbone.cache_clear()
        yield
    backbone.frozen_backbone.cache_clear()


def make_runs(workspace: Workspace) -> dict[str, Run]:
    """Finished runs by the name of what they stand for."""
    picture = image_config(workspace, pictures())
    varied = {name: 0.3 for name in ("mirror", "rotate", "zoom", "crop", "brightness", "contrast", "erase", "noise")}
    convolutions = [
        {"kind": "Conv2D", "filters": 4},
        {"kind": "MaxPooling2D"},
        {"kind": "BatchNormalization"},
        {"kind": "Flatten"},
        {"kind": "Dropout", "rate": 0.2},
    ]
    stopped = {"early_stopping": True, "epochs": 40, "patience": 3, "learning_rate": 0.1}
    tuned = transfer(picture, fine_tune_blocks=1, fine_tune_learning_rate=0.01).change(augmentation={"mirror": 0.5})
    configs = {
        "dropout": network(drafted(workspace, grades(), epochs=10, class_weights=True), dropout=0.3),
        "hostile": hostile(workspace, **stopped),
        "number": network(
            drafted(workspace, response(), loss="mean_absolute_error", optimizer="rmsprop"),
            {"kind": "Dense", "units": 5, "activation": "tanh"},
            {"kind": "BatchNormalization"},
            kernel_regularizer="l1",
        ),
        "pictures": picture.change(
            augmentation=varied,
            training=picture.training.change(optimizer="sgd", learning_rate=0.05).model_dump(),
            network={"preset": "custom", "layers": convolutions, "regularization": {"kernel_regularizer": "l2"}},
        ),
        "tuned": tuned.change(training=tuned.training.change(early_stopping=True, patience=4).model_dump()),
    }
    runs = {name: Run.create(workspace, config) for name, config in configs.items()}
    for run in runs.values():
        train_run(str(workspace.root), run.id)
    open_test(str(workspace.root), runs["number"].id)
    return runs | study_runs(workspace)


def hostile(workspace: Workspace, **training: Any) -> RunConfig:
    """Early stopping, L2, the logarithm, and class weights among hostile names."""
    config = network(
        drafted(workspace, hostile_table(), class_weights=True, **training), kernel_regularizer="l2", l2=0.03
    )
    data = config.data.change(target=clean_name(HOSTILE[3]), task="multiclass", scaling="log", drop=())
    chosen = config.training.change(loss="categorical_crossentropy").model_dump()
    return config.change(data=data.model_dump(), training=chosen, name="\n".join(HOSTILE))


def study_runs(workspace: Workspace) -> dict[str, Run]:
    """A member of a comparison whose parts know different categories and differ in size, and a setting refitted."""
    training = {"early_stopping": True, "patience": 3, "learning_rate": 0.05, "batch_size": 3, "loss": "hinge"}
    config = network(drafted(workspace, visits(), **training))
    data = config.data.change(group_column="person", drop=())
    study = trained(study_of(workspace, config.change(data=data.model_dump()), {"l2": [0.0, 0.02]}, folds=3, seeds=1))
    member = open_member(str(workspace.root), study.id, 5)
    again = Run.create(workspace, refit_config(study, 1))
    train_run(str(workspace.root), again.id)
    return {"member": Run(workspace, member), "refit": again}


def exported(run: Run, folder: Path) -> Path:
    """A folder with the run's script and its data."""
    folder.mkdir()
    make_data(run, folder / "data.zip")
    make_script(run, folder / "train.py")
    return folder


def pretended(
    workspace: Workspace, config: AnyConfig, state: Literal["finished", "stopped"] = "finished", **facts: Any
) -> Run:
    """A run that says that it has ended, with scores out of the air."""
    run = Run.create(workspace, config)
    run.append("started", from_epoch=None)
    names = ("r2", "mae") if config.data.task == "regression" else ("accuracy", "log_loss")
    values = {"value": 0.75, "low": 0.5, "high": None}, {"value": None, "low": None, "high": None}
    metrics = dict(zip(names, values, strict=True))
    run.save_metrics({"parts": {part: {"metrics": metrics} for part in ("train", "validation")}})
    run.finish(state, **{"best_epoch": 1, "epochs": config.training.epochs, **facts})
    return run


def untidy(folder: Path) -> str:
    """What a linter and a formatter find in the scripts of a folder."""
    options, found = ["--isolated", "--line-length", "120", "--no-cache", str(folder)], ""
    for command in (["check", "--select", "E,F,W,I,B"], ["format", "--diff"]):
        done = subprocess.run(["ruff", *command, *options], capture_output=True, text=True)
        found += done.stdout if done.returncode else ""
    return found


def run_scripts(folders: list[Path]) -> dict[str, Any]:
    """What each script finds, one after the other in a process that has never heard of this project."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "MUFFIN_WORKSPACE")}
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUNNER, *map(str, folders)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (found,) = [line for line in done.stdout.splitlines() if line.startswith("FOUND")]
    return {Path(folder).name: told for folder, told in json.loads(found.removeprefix("FOUND")).items()}
