"""The only reader and writer of run folders.

config.json          the RunConfig; never changes
title.json           the name that the person gave it, which may change
events.jsonl         one flushed line an event; a torn last line is ignored
dataset.json         what a new table must have, class names, preprocessing, the target's unit
checkpoint.npz       enough to resume exactly; removed at the end
model.keras          the trained model, preprocessing included
weights.npz          the weights of the plain network
predictions.parquet  train and validation rows: what was true and what was predicted
metrics.json         metrics with intervals, baselines, verdict
importance.json      which features matter, once somebody asked
test.json, test.parquet   the sealed part, once it was opened
stop                 there when the person asked to stop
reserve              some bytes, given up to say so when the disk is full
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.errors import UserError
from core.run_files import NOT_HERE, config_of, ends_whole, json_lines, line_of, npz
from core.spec import RunConfig
from core.workspace import Workspace, new_run_id, write_file

State = Literal["queued", "running", "finished", "stopped", "failed"]
ENDED: tuple[State, ...] = ("finished", "stopped", "failed")
RESERVE = 1 << 16


class Run:
    """One run folder. Whoever can read the folder can show the run.

    Args:
        workspace: Where runs live.
        run: The run's id; raises `UserError` where there is no such run.
    """

    def __init__(self, workspace: Workspace, run: str) -> None:
        self.workspace = workspace
        self.id = run
        self.folder = workspace.run(run)
        if not (self.folder / "config.json").is_file():
            raise UserError(*NOT_HERE)

    @classmethod
    def create(cls, workspace: Workspace, config: RunConfig) -> Run:
        """A new folder in state queued."""
        run = new_run_id()
        folder = workspace.run(run)
        folder.mkdir(parents=True, mode=0o700)
        write_file(folder / "reserve", b"\0" * RESERVE)
        write_file(folder / "config.json", config.model_dump_json(indent=1))
        created = cls(workspace, run)
        created.append("queued")
        return created

    @property
    def config(self) -> RunConfig:
        """What was chosen; raises `UserError` where the run was deleted meanwhile."""
        return config_of(self.folder / "config.json")

    @property
    def name(self) -> str:
        """The name shown on Home."""
        title = self._read_json("title.json")
        return str(title["name"]) if title else self.config.name or self.config.data.source.name

    def rename(self, name: str) -> None:
        """Give the run another name (at most 200 characters)."""
        name = " ".join(name.split())[:200]
        if not name:
            raise UserError("A name has at least one letter; got none.", "Type a name.")
        self._write_json("title.json", {"name": name})

    def append(self, event: str, **fields: Any) -> None:
        """Add one line to the events and flush it."""
        self.append_all([line_of(event, **fields)])

    def append_all(self, lines: Sequence[bytes]) -> None:
        """Add lines that `line_of` made, and flush them."""
        path = self.folder / "events.jsonl"
        with open(path, "ab") as file:
            # A process that died in mid-line leaves a torn line; a new line keeps it away from this one.
            file.write((b"" if ends_whole(path) else b"\n") + b"".join(lines))

    def events(self) -> list[dict[str, Any]]:
        """All whole lines, oldest first."""
        try:
            lines = (self.folder / "events.jsonl").read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        return [event for event in json_lines(lines) if isinstance(event, dict) and "event" in event]

    @property
    def events_stamp(self) -> tuple[int, int]:
        """Size and time of the events; another one when something was told."""
        try:
            found = (self.folder / "events.jsonl").stat()
        except FileNotFoundError:
            return 0, 0
        return found.st_size, found.st_mtime_ns

    def fail(self, problem: str, remedy: str) -> None:
        """End as failed, even on a full disk; a run that failed is never resumed, so its checkpoint goes."""
        for name in ("reserve", "checkpoint.npz"):
            (self.folder / name).unlink(missing_ok=True)
        self.append("failed", problem=problem, remedy=remedy)

    def request_stop(self) -> None:
        """Ask the worker to stop and to keep what was learned so far."""
        write_file(self.folder / "stop", b"")

    @property
    def stop_requested(self) -> bool:
        """Whether the person asked to stop."""
        return (self.folder / "stop").exists()

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
        return pd.read_parquet(path) if path.is_file() else None

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

    def finish(self, event: Literal["finished", "stopped"], **fields: Any) -> None:
        """End well, and remove what only a running run needs."""
        self.append(event, **fields)
        for name in ("checkpoint.npz", "reserve", "stop"):
            (self.folder / name).unlink(missing_ok=True)

    def withdraw(self) -> None:
        """End a run that waits. The request to stop stays, for a worker that begins in this very moment."""
        self.append("stopped", best_epoch=0, epochs=0, seconds=0.0)
        (self.folder / "reserve").unlink(missing_ok=True)

    def delete(self) -> None:
        """Remove the folder for good."""
        trash = self.folder.with_name(f".deleted-{self.id}")
        os.replace(self.folder, trash)
        shutil.rmtree(trash, ignore_errors=True)

    def _write_json(self, name: str, value: dict[str, Any]) -> None:
        write_file(self.folder / name, json.dumps(value, allow_nan=False))

    def _read_json(self, name: str) -> dict[str, Any] | None:
        try:
            return json.loads((self.folder / name).read_bytes())
        except FileNotFoundError:
            return None

    def _read_npz(self, name: str) -> dict[str, np.ndarray] | None:
        path = self.folder / name
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}


def all_runs(workspace: Workspace) -> list[Run]:
    """Every readable run, newest first."""
    runs = []
    for run in workspace.runs():
        with contextlib.suppress(UserError):
            found = Run(workspace, run)
            config_of(found.folder / "config.json")
            runs.append(found)
    return runs
