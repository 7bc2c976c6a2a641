"""Write the synthetic samples: ``python sample_data/make_samples.py [FOLDER [FASHION_MNIST]]``.

The same seed gives the same files. Nothing in the tables was measured: students, genes and drug responses are
drawn from the formulas below. The photos of clothes are real; they are only chosen and packed here, from the folder
that holds Fashion-MNIST's ``train-images-idx3-ubyte.gz`` and ``train-labels-idx1-ubyte.gz``.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

SEED = 20260
SUBJECTS = ("History", "Math", "Science", "English", "Geography", "Art")
TRACKS = {"general": 0.0, "science": 1.0, "languages": -1.0}
LEANING = np.array([-2.0, 6.0, 6.0, -5.0, 0.0, -1.0])
MODULES = 25
GENES_PER_MODULE = 40
PATHWAY_GENES = 30
HELD_BACK = 8
# Hard to tell apart at 28 x 28 pixels: logistic regression gets about seven of ten right.
CLOTHES = {"pullover": 2, "coat": 4, "shirt": 6}
PHOTOS_A_CLASS = 115

Cell = str | int | float


def main(folder: Path) -> None:
    """Write every synthetic sample into ``folder``."""
    random = np.random.default_rng(SEED)
    write(folder / "grades.csv", grades(random, students=400, first=1, with_result=True))
    write(folder / "grades_new.csv", grades(random, students=60, first=501, with_result=False))
    write(folder / "lecture_grades.csv", lecture_grades())
    write(folder / "lecture_grades_new.csv", lecture_grades_new())
    expression, response = rna(np.random.default_rng(SEED + 1), samples=200)
    write(folder / "rna_expression.csv", expression)
    write(folder / "doxorubicin_response.csv", response)


def clothes(target: Path, folder: Path) -> None:
    """Pack the first photos of three classes of Fashion-MNIST as PNG files in folders, without a date in the zip."""
    with gzip.open(folder / "train-images-idx3-ubyte.gz") as file:
        photos = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(folder / "train-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for name, code in CLOTHES.items():
            for number in np.flatnonzero(labels == code)[:PHOTOS_A_CLASS]:
                content = io.BytesIO()
                Image.fromarray(photos[number]).save(content, "PNG", optimize=True)
                packed.writestr(zipfile.ZipInfo(f"{name}/{number}.png"), content.getvalue())


def write(path: Path, rows: Iterable[Sequence[Cell]]) -> None:
    """Write a plain comma-separated file with Unix line ends."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def grades(random: np.random.Generator, students: int, first: int, with_result: bool) -> list[list[Cell]]:
    """A table of students; some cells are empty, as they are in any real register."""
    tracks = random.choice(list(TRACKS), size=students, p=[0.5, 0.3, 0.2])
    ability = random.normal(size=students)
    diligence = 0.4 * ability + random.normal(scale=0.9, size=students)
    leaning = np.array([TRACKS[track] for track in tracks])
    marks = 64 + 10 * ability[:, None] + leaning[:, None] * LEANING + random.normal(scale=8, size=(students, 6))
    marks = np.clip(np.round(marks), 5, 100)
    absences = random.poisson(np.exp(1.7 - 0.45 * diligence))
    hours = np.clip(np.round(2 * (7 + 2.5 * diligence + random.normal(scale=2, size=students))) / 2, 0, 20)
    passed = random.random(students) < 1 / (1 + np.exp(-chance_of_passing(marks, absences, hours)))
    lost = random.random((students, 8)) < np.array([0.005] * 6 + [0.03, 0.05])
    header: list[Cell] = ["student", "track", *SUBJECTS, "absences", "study_hours"]
    table = [header + ["result"] * with_result]
    for row in range(students):
        numbers = [*map(int, marks[row]), int(absences[row]), float(hours[row])]
        cells: list[Cell] = ["" if gone else number for number, gone in zip(numbers, lost[row], strict=True)]
        result: list[Cell] = ["pass" if passed[row] else "fail"] * with_result
        table.append([f"S{first + row:03d}", str(tracks[row]), *cells, *result])
    return table


def chance_of_passing(marks: np.ndarray, absences: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Log-odds of passing the year, ``(students,)``.

    Good marks help, but no average rescues two very weak subjects; absences hurt beyond a week and hurt less
    whoever studies at home; studying helps up to about ten hours a week. A straight line sees only part of this.
    """
    average = (marks.mean(axis=1) - 60) / 10
    second_weakest = np.sort(marks, axis=1)[:, 1]
    weak = np.clip((55 - second_weakest) / 4, 0, 3)
    missed = np.clip(absences - 5, 0, None) * np.where(hours < 7, 0.5, 0.15)
    study = 1.8 - ((hours - 10) / 4) ** 2
    return 2.6 + 1.6 * average - 2.2 * weak - 1.3 * missed + 0.9 * study


def lecture_grades() -> list[list[Cell]]:
    """The three students of the lecture."""
    return [
        ["student", "History", "Math", "Science", "result"],
        ["S1", 80, 60, 70, "pass"],
        ["S2", 50, 45, 51, "fail"],
        ["S3", 60, 70, 50, "pass"],
    ]


def lecture_grades_new() -> list[list[Cell]]:
    """The lecture's three students whose result is asked for."""
    return [["student", "History", "Math", "Science"], ["S4", 88, 87, 65], ["S5", 64, 57, 78], ["S6", 65, 32, 46]]


def rna(random: np.random.Generator, samples: int) -> tuple[list[list[Cell]], list[list[Cell]]]:
    """Expression with genes in rows, and the response of most of these samples in another order."""
    genes = MODULES * GENES_PER_MODULE
    shared = np.repeat(random.normal(size=(samples, MODULES)), GENES_PER_MODULE, axis=1)
    loading = random.uniform(0.2, 0.9, size=genes) * random.choice([1.0, 1.0, 1.0, -1.0], size=genes)
    standard = shared * loading + random.normal(size=(samples, genes)) * np.sqrt(1 - loading**2)
    level = random.normal(1.8, 1.6, size=genes)
    tpm = np.exp(level + random.uniform(0.3, 0.9, size=genes) * standard)
    tpm[random.random(tpm.shape) < 0.9 * np.exp(-tpm / 0.25)] = 0.0
    pathway = np.arange(PATHWAY_GENES)
    weights = np.sign(loading[pathway]) * random.uniform(0.5, 1.5, PATHWAY_GENES)
    signal = standard[:, pathway] @ weights
    response = 0.4 + 1.1 * (signal / signal.std() * 0.75 + random.normal(scale=0.66, size=samples))
    names = [f"CL{number:03d}" for number in random.permutation(np.arange(1, samples + 1))]
    order = random.permutation(genes)
    ids = [f"ENSG{number:011d}" for number in np.sort(random.choice(99_999, genes, replace=False)) + 900_000]
    expression: list[list[Cell]] = [["sample", *names]]
    expression += [[name, *map(shortest, tpm[:, gene])] for name, gene in zip(ids, order, strict=True)]
    return expression, responses(random, names, response)


def responses(random: np.random.Generator, names: list[str], response: np.ndarray) -> list[list[Cell]]:
    """ln IC50 of a drug; some samples of the other table are missing here, and some are only here."""
    known: list[list[Cell]] = [[name, f"{value:.3f}"] for name, value in zip(names, response, strict=True)]
    known = known[HELD_BACK:]
    last = len(names)
    known += [[f"CL{last + extra:03d}", f"{random.normal(0.4, 1.1):.3f}"] for extra in range(1, 7)]
    return [["sample", "doxorubicin_ln_ic50"], *(known[place] for place in random.permutation(len(known)))]


def shortest(value: float) -> str:
    """Three significant digits, and never more than two after the point."""
    if value >= 100:
        return str(round(value))
    text = f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return text.rstrip("0").rstrip(".") or "0"


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    main(chosen)
    if len(sys.argv) > 2:
        clothes(chosen / "clothes.zip", Path(sys.argv[2]))
