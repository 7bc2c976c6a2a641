"""Small pictures to learn from, and runs on them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from core.data.images.propose import propose_images
from core.data.images.read import load_images
from core.runs import Run
from core.spec import ImageConfig, ImageSource
from core.training.job import train_run
from core.workspace import Workspace
from tests.core.data.images.pictures import zipped

SIZE = 16
LAYERS = [{"kind": "Conv2D", "filters": 4}, {"kind": "MaxPooling2D"}, {"kind": "Flatten"}]
KINDS = "across", "down", "disc"


def drawn(kind: str, number: int) -> np.ndarray:
    """(16, 16, 3) uint8: a bright stripe across or down, or a disc, on dark grain; another one for each number."""
    random = np.random.default_rng([number, KINDS.index(kind)])
    pixels = random.integers(0, 90, (SIZE, SIZE, 3))
    place = random.integers(3, SIZE - 4)
    if kind == "across":
        pixels[place : place + 2] += 140
    elif kind == "down":
        pixels[:, place : place + 2] += 140
    else:
        y, x = np.ogrid[:SIZE, :SIZE]
        pixels[(y - 8) ** 2 + (x - 8) ** 2 < random.integers(20, 45)] += 140
    return pixels.astype(np.uint8)


def png(pixels: np.ndarray) -> bytes:
    """A picture as a file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def pictures(each: int = 24, kinds: tuple[str, ...] = KINDS[:2]) -> dict[str, bytes]:
    """Files by their paths, in a folder a kind."""
    return {f"{kind}/{number}.png": png(drawn(kind, number)) for number in range(each) for kind in kinds}


def image_config(workspace: Workspace, files: dict[str, bytes], **training: Any) -> ImageConfig:
    """A run on them with a network of four filters, two epochs unless told otherwise."""
    source = ImageSource(fingerprint=workspace.keep(io.BytesIO(zipped(files))), name="pictures.zip")
    data = propose_images(load_images(workspace, source), source).change(size=SIZE)
    loss = "binary_crossentropy" if data.task == "binary" else "categorical_crossentropy"
    values = {"epochs": 2, "batch_size": 8, "learning_rate": 0.01, "loss": loss, **training}
    network = {"preset": "custom", "layers": LAYERS}
    return ImageConfig.parse({"data": data.model_dump(), "network": network, "training": values})


def transfer(config: ImageConfig, **network: Any) -> ImageConfig:
    """The same behind the pretrained network, with a single layer to learn."""
    chosen = {"preset": "transfer", "backbone": "efficientnet_lite0", "layers": []}
    return config.change(network=chosen | network)


def trained(workspace: Workspace, config: ImageConfig) -> Run:
    """A run that has ended."""
    run = Run.create(workspace, config)
    train_run(str(workspace.root), run.id)
    return run
