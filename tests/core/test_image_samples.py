"""The samples of pictures are what their README says, and the script draws them again."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.samples import FOLDER
from sample_data.make_images import CLASSES, PICTURES_A_CLASS, digits, draw

CHIHUAHUAS, DIGITS = FOLDER / "chihuahua_or_muffin.zip", FOLDER / "digits.zip"


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixels (400, 128, 128, 3), class (400,), and size of the file (400,)."""
    with zipfile.ZipFile(CHIHUAHUAS) as file:
        names = file.namelist()
        pixels = np.stack([opened(file, name) for name in names])
        sizes = np.array([file.getinfo(name).file_size for name in names])
    return pixels, np.array([name.startswith("muffin/") for name in names]), sizes


def opened(file: zipfile.ZipFile, name: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(file.read(name))))


def accuracy(features: np.ndarray, y: np.ndarray) -> float:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1e-2, max_iter=1000))
    return float(cross_val_score(model, features, y, cv=5).mean())


def test_two_classes_of_drawings_are_small_and_alike_in_form(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    pixels, y, _ = drawn
    assert pixels.shape == (2 * PICTURES_A_CLASS, 128, 128, 3)
    assert y.sum() == PICTURES_A_CLASS == 200
    assert CHIHUAHUAS.stat().st_size + DIGITS.stat().st_size < 3_000_000


@pytest.mark.parametrize(("name", "number"), [(name, number) for name in CLASSES for number in (0, 57, 199)])
def test_script_draws_the_same_picture_again(name: str, number: int) -> None:
    with zipfile.ZipFile(CHIHUAHUAS) as file:
        kept = opened(file, f"{name}/{name}_{number:03d}.jpg").astype(float)
        other = opened(file, f"{name}/{name}_{number - 1 if number else 1:03d}.jpg").astype(float)
    again = np.asarray(draw(name, number), float)
    # What JPEG loses is all that may differ.
    assert np.abs(kept - again).mean() < 5 < np.abs(other - again).mean()


def test_neither_colour_nor_light_nor_ground_nor_size_tells_the_class(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    pixels, y, sizes = drawn
    colour = pixels.reshape(len(pixels), -1, 3)
    corners = np.concatenate([pixels[:, row, column] for row in (0, -1) for column in (0, -1)], axis=1)
    shortcuts = {
        "mean colour": colour.mean(axis=1),
        "contrast": colour.std(axis=1),
        "corners": corners,
        "bytes": sizes[:, None],
        "dark pixels": (pixels.max(axis=-1) < 60).mean(axis=(1, 2))[:, None],
    }
    scores = {name: accuracy(np.asarray(values, float), y) for name, values in shortcuts.items()}
    assert all(score < 0.6 for score in scores.values()), scores


def test_a_straight_line_on_pixels_sees_little(drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    pixels, y, _ = drawn
    coarse = pixels.reshape(len(pixels), 16, 8, 16, 8, 3).mean(axis=(2, 4)).reshape(len(pixels), -1)
    assert accuracy(coarse, y) < 0.68


def test_digits_are_those_of_scikit_learn() -> None:
    with zipfile.ZipFile(DIGITS) as file:
        names = file.namelist()
        kept = {name: opened(file, name) for name in names}
    assert Counter(name[0] for name in names) == dict.fromkeys("0123456789", 60)
    for name, content in digits().items():
        np.testing.assert_array_equal(kept[name], np.asarray(Image.open(io.BytesIO(content))))
    assert {pixels.shape for pixels in kept.values()} == {(32, 32)}
    assert all(pixels[0, 0] == 0 and pixels.max() > 200 for pixels in kept.values())


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.zip")), ids=lambda file: file.name)
def test_readme_names_every_zip(file: Path) -> None:
    assert f"| `{file.name}` |" in (FOLDER / "README.md").read_text()
