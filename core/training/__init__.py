"""Arrays to history and weights. Importing this package is cheap; TensorFlow comes with the work."""

from __future__ import annotations


def start_training(root: str, run_id: str) -> str:
    """What the engine submits: train the run in workspace ``root``."""
    from core.training.job import train_run

    return train_run(root, run_id)
