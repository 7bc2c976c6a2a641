"""From a zip of photos to pixels ready to train: ours against the plain loop, time and peak memory in the same run.

The promise is about 5,000 photos of one megapixel. Run are 300 of them, since the plain loop takes minutes for all and
both grow in proportion; of ours, starting and loading modules is left out, as it is of the plain loop.
"""

from __future__ import annotations

import io
import statistics
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.reading import measure

PHOTOS, DIFFERENT, SEED = 300, 12, 0
WIDTH, HEIGHT, SIZE = 1152, 864, 64
REPEATS = 3
SPARE_MB = 200
WRITE = """
from pathlib import Path
from benchmarks.images import write_photos
write_photos(Path(sys.argv[1]))
total = 0
"""
OURS = """
from core.data.images.pixels import pixels
from core.data.images.read import load_images
from core.spec import ImageSource
from core.workspace import Workspace
from PIL import Image
Image.init()
workspace = Workspace(sys.argv[2])
with open(sys.argv[1], "rb") as file:
    source = ImageSource(fingerprint=workspace.keep(file))
start = time.perf_counter()
ready = pixels(workspace, load_images(workspace, source), int(sys.argv[3]))
total = sum(block.mean() for block in ready)
"""
PEER = """
import zipfile
import numpy as np
from PIL import Image
Image.init()
size = int(sys.argv[3])
start = time.perf_counter()
rows = []
with zipfile.ZipFile(sys.argv[1]) as photos:
    for name in photos.namelist():
        with photos.open(name) as file:
            rows.append(np.asarray(Image.open(file).convert("RGB").resize((size, size))))
ready = np.stack(rows)
total = sum(block.mean() for block in ready)
"""


def write_photos(path: Path, photos: int = PHOTOS) -> None:
    """Write a zip with two folders of JPEGs as a camera makes them (quality 90), each with another margin."""
    random = np.random.default_rng(SEED)
    scenes = [scene(random) for _ in range(DIFFERENT)]
    with zipfile.ZipFile(path, "w") as target:
        for number in range(photos):
            shifted = np.roll(scenes[number % DIFFERENT], 37 * (number // DIFFERENT), axis=(0, 1))
            content = io.BytesIO()
            Image.fromarray(shifted).save(content, "JPEG", quality=90)
            target.writestr(f"{'cats' if number % 2 else 'dogs'}/{number:05d}.jpg", content.getvalue())


def scene(random: np.random.Generator, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """(height, width, 3) uint8 with as much detail at each scale as photos have: amplitude falls with frequency."""
    across, down = np.fft.fftfreq(width), np.fft.fftfreq(height)
    frequency = np.hypot(across[None], down[:, None])
    frequency[0, 0] = 1
    shared = random.normal(size=(height, width))
    channels = []
    for _ in range(3):
        noise = np.fft.fft2(shared + 0.4 * random.normal(size=shared.shape))
        values = np.fft.ifft2(noise / frequency**1.1).real
        channels.append((values - values.min()) / np.ptp(values))
    return (np.stack(channels, axis=-1) * 255).astype(np.uint8)


def run() -> list[dict[str, Any]]:
    """Seconds until ready to train at the size that is proposed first, and peak memory; medians of three."""
    ours, peers = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "photos.zip")
        # In a process of its own: a child's peak memory starts at what its parent holds.
        measure(WRITE, [str(path)])
        for repeat in range(REPEATS):
            peers.append(measure(PEER, [str(path), folder, str(SIZE)]))
            ours.append(measure(OURS, [str(path), str(Path(folder, f"workspace {repeat}")), str(SIZE)]))
    apart = abs(ours[0]["check"] - peers[0]["check"]) / PHOTOS
    if apart > 1:
        raise AssertionError(f"the two ways differ by {apart:.2f} levels on average")
    seconds, peer = (statistics.median(one["seconds"] for one in each) for each in (ours, peers))
    megabytes = statistics.median(one["megabytes"] for one in ours)
    most = PHOTOS * SIZE * SIZE * 3 / 1e6 + SPARE_MB
    label = f"{PHOTOS} photos of 1 megapixel (for 5,000)"
    return [
        {
            "name": f"{label}: seconds, against the plain loop", "ours": round(seconds, 3), "peer": round(peer, 3),
            "ratio": round(peer / seconds, 3), "goal": "at least 6 times", "met": peer / seconds >= 6,
        },
        {
            "name": f"{label}: peak MB, against dataset + {SPARE_MB}", "ours": round(megabytes, 1),
            "peer": round(most, 1), "ratio": round(megabytes / most, 3), "goal": "at most 1 times",
            "met": megabytes <= most,
        },
    ]  # fmt: skip
