"""What a report, a methods paragraph and a model card are written from, gathered once."""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.finding import Finding
from core.data.findings import findings
from core.data.images.findings import image_findings
from core.data.images.read import load_images
from core.data.load import load_joined
from core.errors import UserError
from core.export.figures import study_of
from core.openings import Openings, openings
from core.record import Record
from core.run_opened import Opened, open_run
from core.runs import Run
from core.spec import DataSpec, ImageConfig, ImageData
from core.study_opened import Answer
from core.workspace import Workspace

# The first that is installed is named.
PACKAGES = (
    ("TensorFlow", ("tensorflow-cpu", "tensorflow")),
    ("Keras", ("keras",)),
    ("scikit-learn", ("scikit-learn",)),
    ("NumPy", ("numpy",)),
    ("pandas", ("pandas",)),
)


@dataclass(frozen=True, eq=False)
class Facts:
    """A run and everything around it.

    Attributes:
        shown: The run that ended.
        answer: The comparison that it comes from, or None.
        findings: What is worth knowing about its data; None where the data itself is not here.
    """

    shown: Opened
    answer: Answer | None
    findings: tuple[Finding, ...] | None

    @classmethod
    def of(cls, run: Run) -> Facts:
        """Gather them; raises `UserError` where the run holds no results."""
        shown = open_run(run)
        return cls(shown, study_of(shown), findings_of(run.workspace, shown.config.data))

    @property
    def pictures(self) -> bool:
        """Whether it learned from pictures."""
        return isinstance(self.shown.config, ImageConfig)

    @property
    def sizes(self) -> dict[str, int]:
        """Rows or pictures of each part: train, validation, test."""
        given = self.shown.facts.get("rows", {})
        return {part: int(given.get(part, 0)) for part in ("train", "validation", "test")}

    @property
    def parts_in_words(self) -> str:
        """Such as ``72 to learn from, 24 for validation, 24 sealed``."""
        sizes = self.sizes
        told = [f"{sizes['train']:,} to learn from"]
        told += [f"{sizes['validation']:,} for validation"] if sizes["validation"] else []
        return ", ".join([*told, f"{sizes['test']:,} sealed" if sizes["test"] else "none sealed"])

    @property
    def judged(self) -> int:
        """Rows that the score comes from."""
        return int(self.shown.metrics["parts"].get("validation", {}).get("rows", 0))

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Predictions of training and validation rows."""
        found = self.shown.run.predictions()
        return self.shown.rows if found is None else found

    @property
    def grouped(self) -> bool:
        """Whether some rows stay together on one side of the split."""
        return "group" in self.rows.columns

    @property
    def inputs(self) -> int:
        """Inputs of a network for tables."""
        told = self.shown.facts.get("preprocessing", {})
        return len(told.get("number_names", ())) + sum(map(len, told.get("categories", ())))

    @property
    def kinds(self) -> dict[str, int]:
        """How many features are numbers, and how many texts."""
        features = self.shown.facts.get("schema", {}).get("features", ())
        return {kind: sum(each["kind"] == kind for each in features) for kind in ("number", "text")}

    @cached_property
    def class_counts(self) -> dict[str, dict[str, int]]:
        """For each part that may be seen, rows of each class."""
        held = "held out, one after the other" if self.shown.config.data.split.learn_from_all else "validation"
        parts = {"train": "training", "validation": held}
        names, found = self.shown.class_names, {}
        for part, words in parts.items():
            own = self.rows.loc[self.rows["part"] == part, "y_true"].to_numpy()
            if names and len(own):
                counts = np.bincount(own.astype(np.int64), minlength=len(names))
                found[words] = dict(zip(names, counts.tolist(), strict=False))
        return found

    @property
    def score(self) -> dict[str, Any]:
        """Scores of the validation rows with intervals, by metric."""
        return self.shown.metrics["parts"].get("validation", {}).get("metrics", {})

    @cached_property
    def test(self) -> dict[str, Any] | None:
        """What was found on the sealed rows, once they were opened."""
        return self.shown.run.test()

    @cached_property
    def openings(self) -> Openings:
        """How often the sealed rows were scored."""
        return openings(self.shown.run)

    @property
    def told(self) -> Mapping[str, Any]:
        """How training ended: ``epochs``, ``best_epoch``, ``seconds``."""
        return self.shown.told.facts


def findings_of(workspace: Workspace, data: DataSpec | ImageData) -> tuple[Finding, ...] | None:
    """What is worth knowing about the data, heaviest first; None where it is not here."""
    sources = [data.source] + ([data.join.source] if isinstance(data, DataSpec) and data.join else [])
    if not all(workspace.upload(source.fingerprint).is_file() for source in sources):
        return None
    with contextlib.suppress(UserError):
        if isinstance(data, ImageData):
            return tuple(image_findings(load_images(workspace, data.source), data))
        return tuple(findings(load_joined(workspace, data), data))
    return None


def versions(model: Path | None = None) -> list[tuple[str, str]]:
    """Names and versions of the software; Keras' as the model file tells it, the others as they are installed now."""
    found = [("Muffin", muffin_version()), ("Python", platform.python_version())]
    for name, packages in PACKAGES:
        installed = (version_of(package) for package in packages)
        found.append((name, next((version for version in installed if version), "")))
    saved = keras_of(model)
    return [(name, saved if saved and name == "Keras" else version) for name, version in found if version]


def version_of(package: str) -> str:
    """Of an installed package; empty where it is not."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def muffin_version() -> str:
    """As pyproject.toml has it."""
    for line in (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("version = "):
            return line.split('"')[1]
    return ""


def keras_of(model: Path | None) -> str:
    """The version of Keras that wrote a model file; empty where it cannot be told."""
    if model is None or not model.is_file():
        return ""
    try:
        with zipfile.ZipFile(model) as archive:
            return str(json.loads(archive.read("metadata.json"))["keras_version"])[:20]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return ""


def fingerprints(record: Record, config: str, data: DataSpec | ImageData) -> list[tuple[str, str]]:
    """SHA-256 of the uploaded files and of the file that holds all choices."""
    found = [("Data", data.source.fingerprint)]
    if isinstance(data, DataSpec) and data.join:
        found.append(("Joined table", data.join.source.fingerprint))
    digest = hashlib.sha256((record.folder / config).read_bytes()).hexdigest()
    return [*found, (f"All choices ({config})", digest)]


def spoken(items: Sequence[str]) -> str:
    """``a``, ``a and b`` or ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
