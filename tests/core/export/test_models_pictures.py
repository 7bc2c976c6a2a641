"""Exported models of pictures, in the runtimes of those who get them; and every layer that a network can have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.images.pixels import pixels_of
from core.export.make import make_export
from core.runs import Run
from core.training.image_questions import predict_pixels
from core.workspace import Workspace
from tests.core.data.images.pictures import picture
from tests.core.export.export_cases import HTML, WIDE, about, answer_of, as_app, run_on_pictures

CLOSE = 1e-5
LAYERS = [
    {"kind": "Conv2D", "filters": 4, "activation": "elu"},
    {"kind": "MaxPooling2D", "pool_size": 3, "padding": "same"},
    {"kind": "Conv2D", "filters": 5, "padding": "valid", "activation": "silu"},
    {"kind": "BatchNormalization"},
    {"kind": "AveragePooling2D", "pool_size": 3, "padding": "same"},
    {"kind": "Dropout"},
    {"kind": "Flatten"},
    {"kind": "Dense", "units": 6, "activation": "gelu"},
]
STRIDED = [
    {"kind": "Conv2D", "filters": 4, "kernel_size": 4, "strides": 2},
    {"kind": "AveragePooling2D"},
    {"kind": "Conv2D", "filters": 3, "kernel_size": 2, "strides": 3, "padding": "valid", "activation": "tanh"},
    {"kind": "MaxPooling2D", "pool_size": 2, "strides": 1},
    {"kind": "GlobalAveragePooling2D"},
]
HEAD = [{"kind": "Dense", "units": 4}]
CASES: dict[str, tuple[tuple[str, ...], dict[str, Any], dict[str, Any]]] = {
    "two classes": ((HTML, WIDE), {"size": 21}, {"layers": LAYERS}),
    "three classes, grey": (("a & b", WIDE, HTML), {"size": 32, "color": "grey"}, {"layers": STRIDED}),
    "transfer, grey": ((HTML, WIDE), {"size": 32, "color": "grey"}, {"backbone": "efficientnet_lite0", "layers": HEAD}),
}


@pytest.fixture(scope="module")
def workspace_of_module(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module", params=CASES)
def run(request: pytest.FixtureRequest, workspace_of_module: Workspace) -> Run:
    return run_on_pictures(workspace_of_module, *CASES[request.param])


def new_pictures(shape: tuple[int, int, int]) -> np.ndarray:
    """(4, height, width, channels) uint8."""
    colour = "grey" if shape[2] == 1 else "rgb"
    return np.stack([pixels_of(picture(seed, kind="JPEG"), "new.jpg", shape[0], colour) for seed in range(900, 904)])


@pytest.mark.parametrize("key", ["keras", "saved_model", "litert", "onnx"])
def test_file_says_what_the_app_says_about_new_pictures(run: Run, key: str, tmp_path: Path) -> None:
    path = make_export(run, key)
    told = about(path)
    pixels = new_pictures(tuple(told["inputs"][0]["shape"][1:]))
    expected = predict_pixels(str(run.workspace.root), run.id, pixels)["probabilities"]
    found = as_app(told, answer_of(key, path, told, {"pixels": pixels.astype(np.float32)}, tmp_path))
    print(key, np.abs(found - expected).max(), expected)
    np.testing.assert_allclose(found, expected, rtol=0, atol=CLOSE)
    assert np.std(expected, axis=0).max() > 100 * CLOSE
    assert told["output"]["class_names"] == run.dataset()["class_names"]
