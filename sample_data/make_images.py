"""Write the samples of pictures: ``python -m sample_data.make_images [FOLDER]``.

``chihuahua_or_muffin.zip`` is drawn here from seeds; no animal and no pastry was photographed. Both classes are round
golden-brown shapes with dark spots, on the same grounds, in the same light and colours, with about as many spots. Only
the arrangement differs, and what peeps out from behind: on a chihuahua two of the spots are eyes, one below is a nose.
``digits.zip`` holds real handwritten digits, which scikit-learn brings along.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from sample_data.painting import SIZE, Random, Scene, clouds, muted

SEED = 20264
CLASSES = ("chihuahua", "muffin")
PICTURES_A_CLASS = 200
QUALITY = 82
DIGITS_A_CLASS = 60
DIGIT_SIZE, MARGIN = 32, 4


def main(folder: Path) -> None:
    """Write both zips into ``folder``."""
    files = {
        f"{name}/{name}_{number:03d}.jpg": saved(draw(name, number), "JPEG", quality=QUALITY)
        for name in CLASSES
        for number in range(PICTURES_A_CLASS)
    }
    pack(folder / "chihuahua_or_muffin.zip", files)
    pack(folder / "digits.zip", digits())


def saved(picture: Image.Image, kind: str, **options: int | bool) -> bytes:
    """The bytes of a file."""
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def pack(target: Path, files: dict[str, bytes]) -> None:
    """Write a zip without dates, so that the same files give the same zip."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content)


def digits() -> dict[str, bytes]:
    """The first handwritten digits of each kind, white on black, enlarged smoothly threefold and given a margin."""
    from sklearn.datasets import load_digits

    strokes, kinds = load_digits(return_X_y=True)
    files = {}
    for kind in range(10):
        for number in np.flatnonzero(kinds == kind)[:DIGITS_A_CLASS]:
            small = Image.fromarray(np.rint(strokes[number].reshape(8, 8) * 255 / 16).astype(np.uint8))
            side = DIGIT_SIZE - 2 * MARGIN
            picture = Image.new("L", (DIGIT_SIZE, DIGIT_SIZE))
            picture.paste(small.resize((side, side), Image.Resampling.BICUBIC), (MARGIN, MARGIN))
            files[f"{kind}/{number:04d}.png"] = saved(picture, "PNG", optimize=True)
    return files


def draw(name: str, number: int) -> Image.Image:
    """The ``number``-th picture of a class."""
    random = np.random.default_rng([SEED, CLASSES.index(name), number])
    scene = Scene(random)
    (chihuahua if name == "chihuahua" else muffin)(scene)
    if random.random() < 0.25:
        cover_part(scene)
    return photographed(scene)


def chihuahua(scene: Scene) -> None:
    """A head, with ears, a light muzzle or a jumper perhaps; two eyes, a nose below, perhaps dark marks in the fur."""
    random = scene.random
    body(scene, ears)
    aside, apart, eyes = random.normal(scale=0.09), random.uniform(0.27, 0.42), random.uniform(-0.32, -0.08)
    nose = eyes + random.uniform(0.40, 0.62)
    extras(scene, (1.3 * aside, nose + 0.08))
    size, look = random.uniform(0.12, 0.18), spot_look(random)
    for side in (-1, 1):
        narrow = 1 - 1.2 * aside * side
        spot(scene, (aside + side * apart * narrow, eyes + random.normal(scale=0.03)), size * narrow**0.5, look)
    spot(scene, (1.5 * aside, nose), size * random.uniform(0.8, 1.25), look)
    for _ in range(random.choice([0, 0, 0, 1])):
        spot(scene, anywhere(random), size * random.uniform(0.7, 1.1), look)


def muffin(scene: Scene) -> None:
    """A top, with dough over the edge, sugar or a paper cup perhaps; blueberries anywhere, rarely two in one place."""
    random = scene.random
    body(scene, lumps)
    extras(scene, anywhere(random))
    size, look = random.uniform(0.12, 0.18), spot_look(random)
    places: list[tuple[float, float]] = []
    for _ in range(random.choice([2, 3, 3, 4, 4])):
        tried = (anywhere(random) for _ in range(50))
        free = (place for place in tried if all(np.hypot(*np.subtract(place, other)) > 0.3 for other in places))
        places.append(next(free, (0.0, 0.0)))
        spot(scene, places[-1], size * random.uniform(0.8, 1.2), look)


def body(scene: Scene, behind: Callable[[Scene, np.ndarray], None]) -> None:
    """A round golden-brown body with grain and light from one side; in half of all pictures with something behind."""
    random = scene.random
    hue, bright = random.uniform(0, 1), random.uniform(0.7, 1.05)
    brown = bright * np.array([0.86, 0.60 + 0.10 * hue, 0.28 + 0.22 * hue])
    if random.random() < 0.5:
        behind(scene, brown * random.uniform(0.75, 1.0))
    angle = np.arctan2(scene.v, scene.u)
    edge = 1 + sum(
        random.normal(scale=0.035) * np.cos(waves * angle + random.uniform(0, 2 * np.pi)) for waves in (2, 3, 4, 5)
    )
    away = np.hypot(scene.u, scene.v) / edge
    light = random.uniform(0, 2 * np.pi)
    lit = 0.9 + 0.16 * (np.cos(light) * scene.u + np.sin(light) * scene.v) - 0.28 * np.clip(away, 0, 1) ** 4
    grain = 1 + random.uniform(0.05, 0.16) * clouds(random, int(random.integers(10, 50)))
    scene.paint(scene.soft(1 - away), brown * (lit * grain)[..., None])


def ears(scene: Scene, colour: np.ndarray) -> None:
    """Two pointed ears behind the head, paler inside."""
    long, wide, apart = (scene.random.uniform(*ends) for ends in ((1.25, 1.6), (0.3, 0.5), (0.4, 0.8)))
    for turn in (-apart, apart):
        up = np.sin(turn) * scene.u - np.cos(turn) * scene.v
        across = np.cos(turn) * scene.u + np.sin(turn) * scene.v
        for part, shade in ((1.0, 1.0), (0.6, 1.25)):
            inside = part * wide * np.minimum(1.6 * (1 - up / (0.94 + 0.06 * part) / long), 1) - np.abs(across)
            scene.paint(scene.soft(inside) * (up > 0), np.minimum(colour * shade, 1))


def lumps(scene: Scene, colour: np.ndarray) -> None:
    """Two flat bits of crust over the edge, anywhere."""
    for turn in scene.random.uniform(0, 2 * np.pi, size=2):
        long, flat = scene.random.uniform(0.3, 0.5), scene.random.uniform(0.15, 0.3)
        place = 0.95 * np.cos(turn), 0.95 * np.sin(turn)
        scene.paint(scene.ellipse(place, flat, long, turn), colour)


def extras(scene: Scene, light_place: tuple[float, float]) -> None:
    """In half of all pictures each: a light patch (muzzle, sugar), and pleated cloth or paper below."""
    random = scene.random
    if random.random() < 0.5:
        wide, high = random.uniform(0.25, 0.45, size=2)
        pale = np.array([0.96, 0.88, 0.74]) * random.uniform(0.75, 1.0)
        scene.paint(random.uniform(0.4, 0.8) * scene.ellipse(light_place, wide, high, sharpness=0.15), pale)
    if random.random() < 0.5:
        top, folds = random.uniform(0.55, 0.8), random.uniform(12, 26)
        cover = scene.soft(np.minimum(np.minimum(scene.v - top, 1.5 - scene.v), 1.1 - 0.3 * scene.v - np.abs(scene.u)))
        pleats = 0.9 + 0.1 * np.sin(folds * scene.u)
        scene.paint(cover, muted(random) * pleats[..., None])


def spot_look(random: Random) -> tuple[np.ndarray, float, float]:
    """Colour, how oval, and how bright the gleam is; shared by the spots of a picture."""
    dark = np.array([0.10, 0.08, 0.10]) + random.uniform(0, 0.16) * np.array([0.7, 0.55, 1.0])
    return dark, random.uniform(0.8, 1.0), max(0.0, random.uniform(-0.4, 0.9))


def spot(scene: Scene, place: tuple[float, float], size: float, look: tuple[np.ndarray, float, float]) -> None:
    """An eye, a nose or a blueberry: dark, slightly oval, perhaps with a gleam."""
    colour, oval, gleam = look
    turn = scene.random.uniform(0, np.pi)
    scene.paint(scene.ellipse(place, size, size * oval, turn, sharpness=0.6), colour)
    beside = place[0] - 0.3 * size, place[1] - 0.35 * size
    scene.paint(gleam * scene.ellipse(beside, 0.28 * size, 0.28 * size), np.ones(3))


def anywhere(random: Random) -> tuple[float, float]:
    """A place inside the body."""
    angle, away = random.uniform(0, 2 * np.pi), 0.72 * random.uniform() ** 0.5
    return away * np.cos(angle), away * np.sin(angle)


def cover_part(scene: Scene) -> None:
    """Something lies in front: a leaf, a finger, a fork."""
    random = scene.random
    angle = random.uniform(0, 2 * np.pi)
    place = 0.75 * np.cos(angle), 0.75 * np.sin(angle)
    wide, high = random.uniform(0.15, 0.4), random.uniform(0.4, 0.8)
    scene.paint(scene.ellipse(place, wide, high, random.uniform(0, np.pi)), muted(random))


def photographed(scene: Scene) -> Image.Image:
    """The picture under some light, by a camera that is not quite sharp and has some noise."""
    random = scene.random
    light = random.uniform(0.75, 1.15) * (1 + random.uniform(-0.1, 0.1, size=3))
    shadow = 1 + random.uniform(0, 0.3) * clouds(random, 3)[..., None]
    noise = random.normal(scale=random.uniform(0.005, 0.03), size=(SIZE, SIZE, 1))
    levels = np.clip((scene.colour * light * shadow + noise) * 255, 0, 255)
    sharp = Image.fromarray(np.rint(levels).astype(np.uint8))
    return sharp.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.2)))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
