"""A plain Keras script that trains the network of a run again on the exported data, and scores it beside the app.

It is written for this one run: nothing is in it that the run did not use. It needs tensorflow, pandas and scikit-learn.
"""

from __future__ import annotations

import re
from pathlib import Path

import keras
import tensorflow as tf

from core.export.formats import FORMATS
from core.export.script_cells import Cell, Code, Name, Text, as_script
from core.export.script_evaluation import evaluation_cells, score_functions
from core.export.script_facts import Facts, facts_of
from core.export.script_images import image_cells, image_prediction
from core.export.script_network import convolutional_network, dense_network
from core.export.script_table import table_cells, table_prediction
from core.export.script_training import fine_tuning_cells, training_cells
from core.runs import Run
from core.spec import TASK_WORDS, ImageConfig

_IMPORTS = {
    "import zipfile": r"\bzipfile\.",
    "\nimport keras": r"\bkeras\.",
    "import numpy as np": r"\bnp\.",
    "import pandas as pd": r"\bpd\.",
    "import tensorflow as tf": r"\btf\.",
    "from keras import layers": r"\blayers\.",
}
_CLASS_WEIGHT = "from sklearn.utils.class_weight import compute_class_weight"


def make_script(run: Run, target: Path) -> None:
    """Write the script; raises `UserError` where the run has no results, or its data is gone."""
    target.write_text(as_script(script_cells(run)), encoding="utf-8")


def script_cells(run: Run) -> list[Cell]:
    """Explanations and code from setup to prediction.

    Raises:
        UserError: The run has no results, or its data is not there any more.
    """
    facts = facts_of(run)
    after = [*_network_and_training(facts), *evaluation_cells(facts)]
    if isinstance(facts.config, ImageConfig):
        after = [*image_cells(facts, facts.config), *after, *image_prediction(facts, facts.config)]
    else:
        after = [*table_cells(facts, run.table_config), *after, *table_prediction(facts)]
    return [_introduction(facts), Text("Setup"), _setup(facts, after), *after]


def _network_and_training(facts: Facts) -> list[Cell]:
    config = facts.config
    if not isinstance(config, ImageConfig):
        return [*dense_network(facts, "model", "x.shape[1]"), *training_cells(facts, "model")]
    if config.network.backbone == "none":
        return [*convolutional_network(facts, config), *training_cells(facts, "model")]
    head = "head" if config.network.fine_tune_blocks else "model"
    cells = [*dense_network(facts, head, "x.shape[1]"), *training_cells(facts, head)]
    return [*cells, *fine_tuning_cells(facts, config)] if config.network.fine_tune_blocks else cells


def _introduction(facts: Facts) -> Text:
    data, files = facts.config.data, FORMATS["data"].file_name
    learns: list[str | Name] = ["It learns to predict ", Name(data.target), f": {TASK_WORDS[data.task]}."]
    return Text(
        Name(facts.run.name),
        (
            "A network that was trained with Muffin, as plain Keras code, which trains it again from the start.",
            [*learns, " The data comes from ", Name(data.source.name), "."],
            f"Put {files}, which was exported from the same run, beside it. It needs: pip install tensorflow pandas "
            f"scikit-learn. It was written for Keras {keras.__version__} and TensorFlow {tf.__version__}.",
        ),
    )


def _setup(facts: Facts, cells: list[Cell]) -> Code:
    training = facts.config.training
    constants = [
        f"SEED = {training.seed}",
        f"LEARNING_RATE = {training.learning_rate!r}",
        f"BATCH_SIZE = {training.batch_size}",
        f"EPOCHS = {facts.epochs}",
    ]
    if facts.stops:
        constants.append(f"PATIENCE = {training.patience}")
    source = "\n".join(cell.source for cell in cells if isinstance(cell, Code))
    lines = [line for line, used in _IMPORTS.items() if re.search(used, source)]
    lines.append(f"from sklearn.metrics import {', '.join(score_functions(facts))}")
    if "compute_class_weight" in source:
        lines.append(_CLASS_WEIGHT)
    seeded = "\n\nkeras.utils.set_random_seed(SEED)" if facts.differs.startswith("Dropout") else ""
    return Code("\n".join(lines) + "\n\n" + "\n".join(constants) + seeded)
