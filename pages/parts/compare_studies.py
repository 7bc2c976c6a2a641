"""Studies as lists and links name them; quick to import, since the header is on every page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import UserError
from core.evaluation.words import shorten
from core.spec import StudySpec
from core.studies import Study
from core.study_draft import AXIS_NAMES
from pages.parts.labels import distinct
from pages.parts.session import workspace

if TYPE_CHECKING:
    from core.study_progress import StudyProgress

NEW = "new"
MOST_CHOICES = 30


def progress_of(study: Study) -> StudyProgress:
    """How a study stands."""
    from core.study_progress import study_progress

    return study_progress(study)


def newest_studies() -> Iterator[Study]:
    """Readable studies, newest first, each read when it is asked for."""
    for name in workspace().studies():
        try:
            study = Study(workspace(), name)
            study.spec  # noqa: B018
        except UserError:
            continue
        yield study


def study_labels(studies: list[Study]) -> dict[str, str]:
    """Studies by their ids for a list to choose from; no two look the same."""
    labels = distinct(
        f"{shorten(study.name, 40)} · {question_words(study.spec)} · "
        f"{datetime.strptime(study.id[:15], '%Y%m%d-%H%M%S'):%d %b %Y, %H:%M}"
        for study in studies
    )
    return dict(zip((study.id for study in studies), labels, strict=True))


def question_words(spec: StudySpec) -> str:
    """What is varied, such as ``L2 x dropout``."""
    return " x ".join(AXIS_NAMES[axis] for axis in spec.grid.varied) or "one setting"
