"""Arrays to history and weights. Importing this package is cheap; TensorFlow comes with the work."""

from __future__ import annotations

import importlib
from typing import Any

from core.at_work import Work, at_work

QUESTIONS = (
    "questions",
    "image_questions",
    "image_seeing",
    "augment_questions",
    "export_questions",
    "restore_questions",
    "lesson_questions",
    "lesson_transfer",
)


def start_training(root: str, run_id: str) -> str:
    """What the engine submits: train the run in workspace ``root``."""
    from core.training.warm import load

    load()
    with at_work(Work("run", root, run_id)):
        return importlib.import_module("core.training.job").train_run(root, run_id)


def answer(question: str, *values: Any) -> Any:
    """What the engine asks: a function of one of the modules of questions, by its name."""
    from core.training.warm import load

    load()
    modules = (importlib.import_module(f"core.training.{name}") for name in QUESTIONS)
    with at_work(Work("question")):
        return next(getattr(module, question) for module in modules if hasattr(module, question))(*values)


def start_chunk(root: str, study_id: str, number: int) -> int:
    """What the engine submits for each chunk of a study."""
    from core.training.warm import load

    load()
    with at_work(Work("study", root, study_id, number)):
        return importlib.import_module("core.training.study_job").train_chunk(root, study_id, number)


def end_study(root: str, study_id: str, *chunks: int) -> str:
    """What the engine submits to follow a study's chunks."""
    from core.training.warm import load

    load()
    with at_work(Work("study", root, study_id)):
        return importlib.import_module("core.training.study_end").conclude_study(root, study_id, *chunks)
