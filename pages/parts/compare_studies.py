"""Studies as lists and links name them; quick to import, since the header is on every page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from core.errors import UserError
from core.evaluation.words import shorten
from core.spec import StudySpec
from core.studies import Study
from core.study_draft import AXIS_NAMES
from core.study_progress import StudyProgress, study_progress
from pages.parts.labels import distinct
from pages.parts.session import workspace

NEW = "new"
MOST_CHOICES = 30
MOST_KEPT = 500
_done: dict[tuple[str, tuple[int, int]], StudyProgress] = {}


def progress_of(study: Study) -> StudyProgress:
    """How a study stands; kept once nothing more will come, for lists ask often and of many."""
    key = str(study.folder), study.events_stamp
    found = _done.get(key)
    if found is None:
        found = study_progress(study)
        if found.done:
            _done[key] = found
            while len(_done) > MOST_KEPT:
                _done.pop(next(iter(_done)), None)
    return found


def newest_studies() -> Iterator[Study]:
    """Readable studies, newest first, each read when it is asked for."""
    for name in workspace().studies():
        try:
            study = Study(workspace(), name)
            study.spec  # noqa: B018
        except UserError:
            continue
        yield study


def short_name(study: Study) -> str:
    """Its name, or that of its file where it was given none."""
    return study.title or study.spec.name or study.spec.run.data.source.name


def study_labels(studies: list[Study]) -> dict[str, str]:
    """Studies by their ids for a list to choose from; no two look the same."""
    words = [f"{shorten(short_name(study), 40)} · {question_words(study.spec)}" for study in studies]
    times = [datetime.strptime(study.id[:15], "%Y%m%d-%H%M%S") for study in studies]
    short = [f"{each} · {time:%d %b %Y, %H:%M}" for each, time in zip(words, times, strict=True)]
    labels = distinct(
        f"{label}{time::%S}" if short.count(label) > 1 else label for label, time in zip(short, times, strict=True)
    )
    return dict(zip((study.id for study in studies), labels, strict=True))


def question_words(spec: StudySpec) -> str:
    """What is varied, such as ``L2 x dropout``."""
    return " x ".join(AXIS_NAMES[axis] for axis in spec.grid.varied) or "one setting"
