"""What a frozen backbone says about each picture of a set: computed once, kept beside the set's pixels."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.data.images.image_set import ImageSet
from core.data.images.pixels import pixels
from core.network.backbone import IMAGES_AT_ONCE, features
from core.network.image_presets import TRANSFER_SIZE
from core.spec import ImageConfig
from core.workspace import Workspace


def kept_features(
    config: ImageConfig, workspace: Workspace, image_set: ImageSet, progress: Callable[[float], None]
) -> np.ndarray:
    """The features of every picture of the set, (n, features) float32.

    They depend on nothing but the set, the pictures' size and colour, and the backbone; so pictures can be left out,
    corrected or divided anew without computing them again.

    Args:
        config: What was chosen.
        workspace: Where the set is kept.
        image_set: n pictures.
        progress: Is called with the share that is done; what it raises ends the work.

    Raises:
        UserError: The backbone is not installed, or the upload is gone.
    """
    folder = workspace.image_set(image_set.folder.name)
    data, backbone = config.data, config.network.backbone
    path = folder / f"features-{backbone}-{int(data.size)}-{data.color}.npy"
    if (found := _read(path, len(image_set))) is not None:
        return found
    rows = pixels(workspace, image_set, data.size, data.color)
    at_once = IMAGES_AT_ONCE if data.size <= TRANSFER_SIZE else IMAGES_AT_ONCE // 4
    found = features(rows, at_once, progress, backbone)
    _publish(path, found)
    return found


def _read(path: Path, count: int) -> np.ndarray | None:
    """The kept features, unless the file is not there or not what it should be."""
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    whole = found.ndim == 2 and len(found) == count and found.dtype == np.float32 and np.isfinite(found).all()
    return found if whole else None


def _publish(path: Path, found: np.ndarray) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, found, allow_pickle=False)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
