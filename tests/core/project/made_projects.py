"""Project files with a bit of everything, made without training, and ways to tamper with them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

from core.evaluation.novelty import Novelty
from core.network.image_shapes import image_layer_shapes
from core.network.shapes import layer_shapes
from core.project import write_project
from core.runs import Run
from core.spec import RunConfig, Task
from core.studies import CURVES, Study
from core.study_draft import StudyDraft, save_study_draft
from core.workspace import Workspace
from tests.pages.made_images import image_config, image_run
from tests.pages.made_runs import config_for, write_results
from tests.pages.made_studies import finish, new_study, study_spec

Files = dict[str, bytes]


def made_run(workspace: Workspace, task: Task = "binary") -> Run:
    """A finished run on a table, with weights that fit its network."""
    config = config_for(workspace, task)
    run = Run.create(workspace, config)
    run.append("started", from_epoch=None)
    for epoch in range(3):
        run.append("epoch", epoch=epoch, loss=1 / (epoch + 1), metric=0.5, val_loss=0.9, val_metric=0.4)
    write_results(run, config)
    run.save_weights(made_weights(run, config))
    run.save_importance({"features": [{"feature": "Maths", "importance": 0.5, "low": 0.4, "high": 0.6}]})
    run.finish("finished", best_epoch=2, epochs=2, seconds=1.0)
    return run


def made_weights(run: Run, config: RunConfig) -> list[np.ndarray]:
    """One array of as many numbers as the network has."""
    facts = run.dataset() or {}
    own = facts["preprocessing"]
    inputs = len(own["number_names"]) + sum(map(len, own["categories"]))
    shapes = layer_shapes(config.network, config.training.loss, inputs, len(facts["class_names"]))
    return [np.linspace(-1, 1, sum(each.parameters for each in shapes), dtype=np.float32)]


def made_image_run(workspace: Workspace) -> Run:
    """A finished run on pictures, with weights that fit its network."""
    config = image_config(workspace, each=8)
    run = image_run(workspace, config)
    shapes = image_layer_shapes(config.network, config.training.loss, config.data.shape, 2)
    run.save_weights([np.linspace(-1, 1, sum(each.parameters for each in shapes), dtype=np.float32)])
    run.save_novelty(Novelty.fit([np.random.default_rng(0).normal(size=(20, 6))]).arrays())
    return run


def made_study(workspace: Workspace) -> Study:
    """A finished study of two settings, two parts and two repeats in two chunks."""
    study = new_study(workspace, study_spec(config_for(workspace, "binary"), folds=2, seeds=2, l2=[0.0, 0.1]), chunks=2)
    finish(study, epochs=4)
    for chunk in study.chunks:
        own = len(chunk.groups), len(chunk.settings)
        board = {"epoch": np.full(own, 4), "best_epoch": np.full(own, 2), "ended": np.ones(own, bool)}
        scores = np.full((len(CURVES), *own), 0.5, np.float32)
        study.save_board(chunk, board | {"diverged": np.zeros(own, bool), "scores": scores})
        answers = {}
        for group in range(own[0]):
            held = {"held": np.arange(6), "answers": np.full((own[1], 6, 2), 0.5), "train": np.full(own[1], 0.8)}
            held |= {"learned": np.array(20), "baseline-majority": np.full((6, 2), 0.5)}
            answers |= {f"{group}-{name}": array for name, array in held.items()}
        study.save_chunk(chunk, {"000": np.ones((*own, 3, 4), np.float32)}, answers)
    return study


def made_workspace(workspace: Workspace) -> Workspace:
    """A run on a table, one on pictures, a study, a run that trains, and a draft."""
    made_run(workspace)
    made_study(workspace)
    made_image_run(workspace)
    Run.create(workspace, config_for(workspace, "regression")).append("started", from_epoch=None)
    workspace.draft.write_text(config_for(workspace, "multiclass").model_dump_json())
    save_study_draft(workspace, StudyDraft(folds=7))
    return workspace


def project_of(workspace: Workspace, *records: Run | Study, with_data: bool = True) -> bytes:
    """A project file of some records, or of everything."""
    buffer = io.BytesIO()
    write_project(workspace, buffer, records or None, with_data)
    return buffer.getvalue()


def files_in(project: bytes) -> Files:
    """Its files by their names."""
    with zipfile.ZipFile(io.BytesIO(project)) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(files: Files | list[tuple[str | zipfile.ZipInfo, bytes]]) -> io.BytesIO:
    """A zip of such files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items() if isinstance(files, dict) else files:
            file.writestr(name, content)
    return buffer


def tampered(project: bytes, ending: str, change: Callable[[Any], Any] | bytes) -> io.BytesIO:
    """The same with other content in the only file whose name ends so: bytes, or what JSON values become."""
    files = files_in(project)
    (name,) = [name for name in files if name.endswith(ending)]
    if isinstance(change, bytes):
        files[name] = change
    else:
        values = json.loads(files[name])
        files[name] = json.dumps(change(values) or values).encode()
    return packed(files)
