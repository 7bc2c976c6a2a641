"""Networks on photos: a run of ours against the ways of notebooks, in the same run; and how soon Predict answers.

Ours are runs as a person starts them, on a warm worker of the engine. Images a second are those of whole epochs after
the first, scoring of the validation images included, as `fit` with ``validation_data`` has it.
"""

from __future__ import annotations

import io
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.images import HEIGHT, WIDTH, scene
from core.data.images.dataset import build_image_dataset
from core.data.images.image_set import ImageSet
from core.data.images.pixels import pixels, pixels_of
from core.engine import Engine
from core.image_proposal import propose_image_files, with_image_preset
from core.progress import progress
from core.runs import Run
from core.spec import ImageConfig
from core.training import answer
from core.workspace import Workspace

PHOTOS, DIFFERENT, SEED = 800, 20, 0
EPOCHS, BATCH, TIMES = 4, 32, 3
LOOK_SECONDS = 0.25  # As pages do: looking more often takes time from the training.
TRANSFER_PHOTOS, TRANSFER_SIZE, TRANSFER_EPOCHS, TRANSFER_BATCH = 400, 160, 10, 16
LAYERS = [
    *({"kind": kind} | more for filters in (16, 32, 64) for kind, more in
      (("Conv2D", {"filters": filters}), ("MaxPooling2D", {}))),
    {"kind": "Flatten"},
    {"kind": "Dense", "units": 64},
]  # fmt: skip
CLOCK = """
import os, statistics, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, keras
from keras import layers

class Clock(keras.callbacks.Callback):
    def on_train_begin(self, logs=None): self.times = []
    def on_epoch_end(self, epoch, logs=None): self.times.append(time.perf_counter())

def network():
    model = keras.Sequential([keras.Input((64, 64, 3)), layers.Rescaling(1 / 255)])
    for filters in (16, 32, 64):
        model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    for layer in (layers.Flatten(), layers.Dense(64, "relu"), layers.Dense(1, "sigmoid")):
        model.add(layer)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model
"""
NOTEBOOK = """
learn, watch = keras.utils.image_dataset_from_directory(
    sys.argv[1], validation_split=0.2, subset="both", seed=0, image_size=(64, 64), batch_size=32, verbose=False)
clock = Clock()
network().fit(learn, validation_data=watch, epochs=int(sys.argv[2]), verbose=0, callbacks=[clock])
print(statistics.median(np.diff(clock.times)))
"""
IN_MEMORY = """
data, clock = np.load(sys.argv[1]), Clock()
network().fit(data["x"], data["y"], validation_data=(data["vx"], data["vy"]), epochs=int(sys.argv[2]),
              batch_size=32, verbose=0, callbacks=[clock])
print(statistics.median(np.diff(clock.times)))
"""
# The recipe of https://keras.io/guides/transfer_learning: the backbone frozen in the model, and `fit`.
RECIPE = """
from core.network.backbone import build_backbone
data = np.load(sys.argv[1])
pixels = keras.Input(data["x"].shape[1:])
model = keras.Model(pixels, layers.Dense(1, "sigmoid")(layers.Dropout(0.2)(build_backbone()(pixels, training=False))))
began = time.perf_counter()
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(data["x"], data["y"], validation_data=(data["vx"], data["vy"]), epochs=int(sys.argv[2]), batch_size=16,
          verbose=0)
print(time.perf_counter() - began)
"""


@dataclass(frozen=True, eq=False)
class _Photos:
    """Photos in a workspace of their own, read, and the network that shall learn them."""

    workspace: Workspace
    config: ImageConfig
    image_set: ImageSet


def run() -> list[dict[str, Any]]:
    """Rows (a) throughput, (b) transfer learning, (d) predictions."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        many, few = root / "many.zip", root / "few.zip"
        write_photos(many, PHOTOS)
        write_photos(few, TRANSFER_PHOTOS)
        engine = Engine(Workspace(root / "engine"))
        try:
            return [*_throughput(engine, root, many), *_transfer(engine, root, few)]
        finally:
            engine.client().shutdown()


def write_photos(path: Path, photos: int) -> None:
    """Write a zip with two folders of photos of one megapixel (JPEG, quality 90), no two alike."""
    random = np.random.default_rng(SEED)
    scenes = [scene(random, WIDTH, HEIGHT) for _ in range(DIFFERENT)]
    with zipfile.ZipFile(path, "w") as target:
        for number in range(photos):
            across, down = random.integers(0, (WIDTH, HEIGHT))
            content = io.BytesIO()
            shifted = np.roll(scenes[number % DIFFERENT], (int(down), int(across)), axis=(0, 1))
            Image.fromarray(shifted).save(content, "JPEG", quality=90)
            target.writestr(f"{'cats' if number % 2 else 'dogs'}/{number:05d}.jpg", content.getvalue())


def _throughput(engine: Engine, root: Path, photos: Path) -> list[dict[str, Any]]:
    with zipfile.ZipFile(photos) as packed:
        packed.extractall(root / "photos")
    chosen = _read(root / "throughput", photos)
    training = {"epochs": EPOCHS, "batch_size": BATCH, "early_stopping": False, "learning_rate": 1e-3}
    config = _changed(chosen.config, {"preset": "custom", "backbone": "none", "layers": LAYERS}, training, 64)
    chosen = _Photos(chosen.workspace, config, chosen.image_set)
    learned, arrays = _arrays(root / "memory.npz", chosen, 64)
    ours, notebook, memory = [], [], []
    _trained(engine, chosen)
    for _ in range(TIMES):
        notebook.append(learned / _plain(NOTEBOOK, root / "photos", EPOCHS))
        memory.append(learned / _plain(IN_MEMORY, arrays, EPOCHS))
        history = progress(_trained(engine, chosen)[0]).history
        ours.append(learned / statistics.median(np.diff([row["time"] for row in history if row["epoch"] > 0])))
    label = "16-32-64 CNN at 64 x 64 from photos of 1 megapixel, images a second"
    return [
        _row(f"{label}, against image_dataset_from_directory + fit", ours, notebook, 2.0),
        _row(f"{label}, against fit on data in memory", ours, memory, 0.95),
    ]


def _transfer(engine: Engine, root: Path, photos: Path) -> list[dict[str, Any]]:
    """Seconds from submit to the last epoch of ours, for which features are computed anew each time."""
    content = zipfile.ZipFile(photos).read("cats/00001.jpg")
    ours, recipe, first, following = [], [], [], []
    for turn in range(TIMES):
        chosen = _read(root / f"transfer {turn}", photos)
        config = with_image_preset(chosen.config, "transfer", chosen.image_set)
        training = {"epochs": TRANSFER_EPOCHS, "batch_size": TRANSFER_BATCH, "early_stopping": False}
        chosen = _Photos(chosen.workspace, _changed(config, {}, training, TRANSFER_SIZE), chosen.image_set)
        run, began = _trained(engine, chosen)
        ours.append(progress(run).history[-1]["time"] - began)
        asked = [_asked(engine, run, content) for _ in range(6)]
        first.append(asked[0])
        following += asked[1:]
        _, arrays = _arrays(root / "transfer.npz", chosen, TRANSFER_SIZE)
        recipe.append(_plain(RECIPE, arrays, TRANSFER_EPOCHS))
    label = f"{TRANSFER_EPOCHS} epochs on {TRANSFER_PHOTOS} images at {TRANSFER_SIZE} px"
    seconds, peer = statistics.median(ours), statistics.median(recipe)
    return [
        {
            "name": f"frozen backbone, {label}: seconds, against Keras' own recipe", "ours": round(seconds, 3),
            "peer": round(peer, 3), "ratio": round(peer / seconds, 3), "goal": "at least 5 times",
            "met": peer / seconds >= 5,
        },
        _within("first prediction, transfer learning, warm worker: seconds", first, 2.0),
        _within("next predictions: seconds", following, 0.3),
    ]  # fmt: skip


def _read(root: Path, photos: Path) -> _Photos:
    workspace = Workspace(root)
    with photos.open("rb") as file:
        fingerprint = workspace.keep(file)
    return _Photos(workspace, *propose_image_files(workspace, [(fingerprint, photos.name)]))


def _changed(config: ImageConfig, network: dict[str, Any], training: dict[str, Any], size: int) -> ImageConfig:
    """The same settings as the peer's; a fifth of the images validates, none is sealed."""
    data = config.data.change(size=size, split={"validation": 0.2, "test": 0.0})
    return config.change(
        data=data.model_dump(),
        network={**config.network.model_dump(), **network, "regularization": {}},
        augmentation={},
        training={**config.training.model_dump(), **training},
    )


def _arrays(path: Path, chosen: _Photos, size: int) -> tuple[int, Path]:
    """The number of training images, and a file with the same images as arrays."""
    dataset = build_image_dataset(chosen.image_set, chosen.config.data)
    images = pixels(chosen.workspace, chosen.image_set, size)[dataset.indices]
    learn, watch = dataset.split.train, dataset.split.validation
    y = dataset.y.astype(np.float32)
    np.savez(path, x=images[learn], y=y[learn], vx=images[watch], vy=y[watch])
    return len(learn), path


def _trained(engine: Engine, chosen: _Photos) -> tuple[Run, float]:
    """A finished run, and the clock when it was submitted."""
    began, run = time.time(), Run.create(chosen.workspace, chosen.config)
    engine.submit(run)
    while not progress(run).ended:
        time.sleep(LOOK_SECONDS)
    if progress(run).state != "finished":
        raise RuntimeError(progress(run).problem)
    return run, began


def _asked(engine: Engine, run: Run, content: bytes) -> float:
    """Seconds from the bytes of a photo to its probabilities."""
    began = time.perf_counter()
    photo = pixels_of(content, "photo.jpg", run.image_config.data.size)
    found = engine.ask(answer, "predict_pixels", str(run.workspace.root), run.id, photo[None])
    if not np.isfinite(found["probabilities"]).all():
        raise RuntimeError("no probabilities")
    return time.perf_counter() - began


def _plain(script: str, data: Path, epochs: int) -> float:
    done = subprocess.run(
        [sys.executable, "-c", CLOCK + script, str(data), str(epochs)], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def _row(name: str, ours: Sequence[float], peer: Sequence[float], goal: float) -> dict[str, Any]:
    """Rates: more is better."""
    mine, other = float(statistics.median(ours)), float(statistics.median(peer))
    return {
        "name": name, "ours": round(mine, 1), "peer": round(other, 1), "ratio": round(mine / other, 3),
        "goal": f"at least {goal:g} times", "met": mine / other >= goal,
    }  # fmt: skip


def _within(name: str, seconds: Sequence[float], most: float) -> dict[str, Any]:
    found = statistics.median(seconds)
    return {
        "name": name, "ours": round(found, 3), "peer": None, "ratio": None, "goal": f"under {most:g} s",
        "met": found < most,
    }  # fmt: skip
