"""The model file itself, with a description beside it inside."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from core.export.description import files_of
from core.runs import Run


def make_keras(run: Run, target: Path) -> None:
    """A copy of the run's ``model.keras``, which is a zip that Keras lets hold more: ``model.json``, ``README.txt``."""
    files = files_of(run, "keras")
    shutil.copyfile(run.model, target)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
