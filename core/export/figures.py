"""Every chart of a run's or a study's results as PNG (300 dpi), as SVG and as numbers, in one zip."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.errors import UserError
from core.evaluation.answers import predicted_classes
from core.evaluation.words import printable
from core.export import figures_classes, figures_scores, figures_study
from core.export.csv import safe_csv
from core.export.figures_style import Picture, png_of, svg_of
from core.network.image_shapes import grown
from core.run_opened import Opened, class_probabilities, open_run
from core.runs import Run
from core.spec import ImageConfig
from core.studies import Study
from core.study_opened import Answer, open_study

# A fixed time, so that the same figures give the same bytes.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def make_figures(run: Run, target: Path) -> None:
    """Write the zip of a run's figures; raises `UserError` where the run holds no results."""
    shown = open_run(run)
    answer = study_of(shown)
    pictures = [*pictures_of(shown), *([] if answer is None else study_pictures(answer))]
    _write(pictures, target, run.name)


def make_study_figures(study: Study, target: Path) -> None:
    """The same of a study; raises `UserError` where it has no answer."""
    answer = open_study(study)
    if answer is None:
        raise UserError("This comparison has no answer.", "Wait until it has finished, or start it again.")
    _write(study_pictures(answer), target, study.name)


def pictures_of(shown: Opened) -> list[Picture]:
    """Figures of a run: curves, scores, what is right and wrong on validation rows, features, the opened test."""
    return [picture for picture in _all(shown) if picture is not None]


def study_pictures(answer: Answer) -> list[Picture]:
    """Figures of a study."""
    found = figures_study.path(answer)
    return [] if found is None else [found]


def study_of(shown: Opened) -> Answer | None:
    """The study that a run comes from, if it is still there and has an answer."""
    if shown.config.origin is None:
        return None
    with contextlib.suppress(UserError):
        return open_study(Study(shown.run.workspace, shown.config.origin.study))
    return None


def _all(shown: Opened) -> Iterator[Picture | None]:
    regression = shown.task == "regression"
    if isinstance(shown.config, ImageConfig):
        config, shape = shown.config, shown.config.data.shape
        yield figures_study.network(grown(config.network, config.training.loss, shape, len(shown.class_names)).shapes)
    yield figures_scores.learning_curves(shown.told.history, shown.told.facts.get("best_epoch"), regression)
    yield figures_scores.scores(shown.metrics, "validation")
    if len(shown.rows):
        yield from _numbers(shown) if regression else _classes(shown)
    found = shown.run.importance()
    if found and found["features"]:
        yield figures_scores.importance(found["features"], regression)
    yield from _sealed(shown)


def _numbers(shown: Opened) -> list[Picture]:
    rows = shown.rows["row"].to_numpy()
    return figures_scores.predicted_numbers(rows, shown.truth, shown.values, shown.config.data.target)


def _classes(shown: Opened) -> Iterator[Picture]:
    threshold, names = float(shown.metrics["threshold"]), shown.class_names
    yield figures_classes.confusion(shown.truth, shown.answers(threshold), names)
    area = shown.metrics["parts"].get("validation", {}).get("metrics", {}).get("roc_auc", {}).get("value")
    yield from figures_classes.curves(shown.truth, shown.probabilities, names, area, threshold)
    if len(names) == 2:
        probability = shown.probabilities[:, 1]
        yield figures_classes.reliability(shown.truth, probability)
        yield figures_classes.histogram(shown.truth, probability, names, threshold)


def _sealed(shown: Opened) -> Iterator[Picture | None]:
    """What was found on the sealed rows, once they were opened."""
    found, rows = shown.run.test(), shown.run.predictions(sealed=True)
    if found is None or rows is None or not len(rows):
        return
    yield figures_scores.scores(found, "test", "test_scores")
    if shown.task == "regression":
        truth, values = rows["y_true"].to_numpy(float), rows["prediction"].to_numpy(float)
        target = shown.config.data.target
        yield figures_scores.predicted_numbers(rows["row"].to_numpy(), truth, values, target, "test_")[0]
        return
    probabilities = class_probabilities(rows, len(shown.class_names))
    answered = predicted_classes(probabilities, float(found["threshold"]))
    yield figures_classes.confusion(rows["y_true"].to_numpy("int64"), answered, shown.class_names, "test_confusion")


def _write(pictures: Sequence[Picture], target: Path, name: str) -> None:
    listed = "\n".join(f"{each.name}: {each.title}." for each in pictures)
    about = "Each as PNG (300 dots an inch), as SVG and as numbers (CSV)."
    readme = f"Figures of {printable(name, 200)}\n\n{about}\n\n{listed}\n"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "README.txt", readme.encode())
        for each in pictures:
            _add(archive, f"{each.name}.png", png_of(each.figure))
            _add(archive, f"{each.name}.svg", svg_of(each.figure, label=each.title).encode())
            _add(archive, f"{each.name}.csv", safe_csv(each.data))


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, ZIP_TIME), content, zipfile.ZIP_DEFLATED)
