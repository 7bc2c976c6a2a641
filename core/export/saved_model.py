"""A TensorFlow SavedModel in a zip, with named inputs and a named output."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras
import tensorflow as tf

from core.export.description import files_of
from core.export.opened import Opened, open_run
from core.export.program import pictures, write_program
from core.runs import Run

FOLDER = "saved_model"


def make_saved_model(run: Run, target: Path) -> None:
    """A zip of the folder ``saved_model``; signature ``serving_default`` and method ``serve`` take inputs by name."""
    folder = target.with_name(FOLDER)
    write_saved_model(open_run(run), folder)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(target.parent))
        for name, text in files_of(run, "saved_model").items():
            archive.writestr(name, text)


def write_saved_model(opened: Opened, folder: Path) -> None:
    """The folder with the network as it is."""
    if opened.preprocessing is None:
        write_program(*pictures(opened), opened.output, folder)
    else:
        _write_table(opened, folder)


def _write_table(opened: Opened, folder: Path) -> None:
    """Keras' own way, which takes the lists of categories along."""
    names, model = opened.input_names, opened.model

    def serve(*inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        return {opened.output: model(list(inputs) if len(names) > 1 else inputs[0], training=False)}

    archive = keras.export.ExportArchive()
    archive.track(model)
    specs = [tf.TensorSpec(each.shape, each.dtype, name) for each, name in zip(model.inputs, names, strict=True)]
    archive.add_endpoint("serve", serve, specs)
    archive.write_out(folder, verbose=False)
