"""Makes a Dask worker warm while the person is still choosing data.

``PYTHONPATH=. dask worker … --preload core.training.warm`` does the same on a cluster of one's own.
"""

from __future__ import annotations

import os
import threading
from typing import Any

# Before TensorFlow is imported: its start-up messages are of no use to anybody here.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_loading = threading.Lock()


def dask_setup(worker: Any) -> None:
    """Called by Dask when a worker starts."""
    threading.Thread(target=warm, daemon=True, name="warm").start()


def load() -> None:
    """Import what training and questions need; one thread at a time, since TensorFlow's import is not made for two."""
    with _loading:
        import core.training.job
        import core.training.questions
        import core.training.study_end  # noqa: F401


def warm() -> None:
    """Load, and compile a first small program."""
    load()
    import numpy as np

    from core.spec import NetworkSpec, TrainingSpec
    from core.training.fit import Watch, fit
    from core.training.initial import initial_weights
    from core.training.shape import Group, Rates, Rows, StackShape
    from core.training.stack import Stack

    network, training = NetworkSpec(), TrainingSpec(epochs=2)
    stack = Stack(StackShape.of([network], training, 2, 1))
    stack.prepare(Rates.of([network]), 1e-3, initial_weights(network, 2, np.zeros((1, 1)), [0]))
    every = np.arange(40)
    rows = Rows.one(np.zeros((40, 2), np.float32), np.zeros(40, np.float32))
    fit(stack, rows, [Group(every, every)], training, Watch())
