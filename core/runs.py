"""The only reader and writer of run folders (and see `core.record`).

config.json          what was chosen; never changes
dataset.json         what a new table must have, class names, preprocessing, the target's unit
checkpoint.npz       enough to resume exactly; removed at the end
model.keras          the trained model, preprocessing included
weights.npz          the weights of the plain network
predictions.parquet  train and validation rows: what was true and what was predicted
metrics.json         metrics with intervals, baselines, verdict
importance.json      which features matter, once somebody asked
novelty.npz          pictures: what tells whether a new one is unlike all training pictures
robustness.json      pictures: how good it stays as they are changed, once somebody asked
test.json, test.parquet   the sealed part, once it was opened
exports/             files for other tools, each made when somebody asked for it
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.errors import UserError
from core.export.formats import FORMATS
from core.limits import check_disk, check_epochs, check_queued, check_runs
from core.record import Record
from core.run_files import NOT_HERE, config_of, npz
from core.spec import AnyConfig, ImageConfig, RunConfig
from core.workspace import Workspace, new_id, write_file


class Run(Record):
    """One run folder. Whoever can read the folder can show the run.

    Args:
        workspace: Where runs live.
        run: The run's id; raises `UserError` where there is no such run.
    """

    formats = FORMATS

    def __init__(self, workspace: Workspace, run: str) -> None:
        super().__init__(workspace, run, workspace.run(run))
        if not (self.folder / "config.json").is_file():
            raise UserError(*NOT_HERE)

    @classmethod
    def create(cls, workspace: Workspace, config: AnyConfig, waits: bool = True) -> Run:
        """A new folder in state queued.

        Args:
            workspace: Where it will live.
            config: What was chosen.
            waits: Whether it will be trained; a network that was trained in a study is not trained again.

        Raises:
            UserError: Something is over a limit.
        """
        check_epochs(workspace, config.training.epochs)
        check_runs(workspace)
        check_disk(workspace)
        if waits:
            check_queued(workspace)
        run = new_id()
        Record(workspace, run, workspace.run(run))._begin("config.json", config.model_dump_json(indent=1))
        return cls(workspace, run)

    @property
    def config(self) -> AnyConfig:
        """What was chosen; raises `UserError` where the run was deleted meanwhile."""
        return config_of(self.folder / "config.json")

    @property
    def table_config(self) -> RunConfig:
        """The same of a run that learned from a table; raises `UserError` where it learned from pictures."""
        config = self.config
        if not isinstance(config, RunConfig):
            raise UserError("This run learned from pictures, not from a table.", "Choose a run on a table.")
        return config

    @property
    def image_config(self) -> ImageConfig:
        """The same of a run that learned from pictures; raises `UserError` where it learned from a table."""
        config = self.config
        if not isinstance(config, ImageConfig):
            raise UserError("This run learned from a table, not from pictures.", "Choose a run on pictures.")
        return config

    @property
    def name(self) -> str:
        """The name shown on Home."""
        return self.title or self.config.name or self.config.data.source.name

    def save_checkpoint(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep the arrays that training resumes from."""
        write_file(self.folder / "checkpoint.npz", npz(arrays))

    def load_checkpoint(self) -> dict[str, np.ndarray] | None:
        """The newest checkpoint, or None."""
        return self._read_npz("checkpoint.npz")

    def save_weights(self, arrays: list[np.ndarray]) -> None:
        """Keep the trained weights of the plain network, in Keras' order."""
        write_file(self.folder / "weights.npz", npz({f"{i:03d}": array for i, array in enumerate(arrays)}))

    def load_weights(self) -> list[np.ndarray]:
        """The trained weights, in Keras' order."""
        arrays = self._read_npz("weights.npz")
        if arrays is None:
            raise UserError("This run has no trained network.", "Train it again.")
        return [arrays[key] for key in sorted(arrays)]

    def save_model(self, save: Any) -> None:
        """Let ``save(path)`` write the model, then put it in place in one step."""
        temporary = self.folder / ".new-model.keras"
        save(temporary)
        os.replace(temporary, self.folder / "model.keras")

    @property
    def model(self) -> Path:
        """The model file (it may not be there)."""
        return self.folder / "model.keras"

    def save_dataset(self, facts: dict[str, Any]) -> None:
        """Keep what prediction on new rows needs."""
        self._write_json("dataset.json", facts)

    def dataset(self) -> dict[str, Any] | None:
        """What `save_dataset` kept, or None."""
        return self._read_json("dataset.json")

    def save_predictions(self, frame: pd.DataFrame, sealed: bool = False) -> None:
        """Keep predictions: of train and validation rows, or of the sealed test rows once opened."""
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        write_file(self.folder / ("test.parquet" if sealed else "predictions.parquet"), buffer.getvalue())

    def predictions(self, sealed: bool = False) -> pd.DataFrame | None:
        """Predictions, or None where there are none (yet)."""
        path = self.folder / ("test.parquet" if sealed else "predictions.parquet")
        try:
            return pd.read_parquet(path)
        except (FileNotFoundError, ValueError):  # A damaged file counts as none.
            return None

    def save_metrics(self, metrics: dict[str, Any]) -> None:
        """Keep the evaluation."""
        self._write_json("metrics.json", metrics)

    def metrics(self) -> dict[str, Any] | None:
        """The evaluation of train and validation rows, or None."""
        return self._read_json("metrics.json")

    def save_test(self, metrics: dict[str, Any]) -> None:
        """Keep the evaluation of the sealed test rows."""
        self._write_json("test.json", metrics)

    def test(self) -> dict[str, Any] | None:
        """The evaluation of the sealed test rows, or None while sealed."""
        return self._read_json("test.json")

    def save_importance(self, importance: dict[str, Any]) -> None:
        """Keep which features matter."""
        self._write_json("importance.json", importance)

    def importance(self) -> dict[str, Any] | None:
        """Which features matter, or None where it was not worked out yet."""
        return self._read_json("importance.json")

    def save_novelty(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep what tells whether a new picture is unlike all training pictures."""
        write_file(self.folder / "novelty.npz", npz(arrays))

    def novelty(self) -> dict[str, np.ndarray] | None:
        """What `save_novelty` kept, or None."""
        return self._read_npz("novelty.npz")

    def save_robustness(self, robustness: dict[str, Any]) -> None:
        """Keep how good the network stays on changed pictures."""
        self._write_json("robustness.json", robustness)

    def robustness(self) -> dict[str, Any] | None:
        """How good the network stays on changed pictures, or None where it was not worked out yet."""
        return self._read_json("robustness.json")

    def finish(self, event: Literal["finished", "stopped"], **fields: Any) -> None:
        """End well, and remove what only a running run needs."""
        self.append(event, **({**self.stop_reason, **fields} if event == "stopped" else fields))
        for name in ("checkpoint.npz", "reserve", "stop"):
            (self.folder / name).unlink(missing_ok=True)

    def withdraw(self) -> None:
        """End a run that waits. The request to stop stays, for a worker that begins in this very moment."""
        self.append("stopped", best_epoch=0, epochs=0, seconds=0.0)
        (self.folder / "reserve").unlink(missing_ok=True)


def all_runs(workspace: Workspace) -> list[Run]:
    """Every readable run, newest first."""
    return list(_readable(workspace))


def newest_run(workspace: Workspace) -> Run | None:
    """The newest readable run; no other is read."""
    return next(_readable(workspace), None)


def _readable(workspace: Workspace) -> Iterator[Run]:
    for run in workspace.runs():
        with contextlib.suppress(UserError):
            found = Run(workspace, run)
            config_of(found.folder / "config.json")
            yield found
