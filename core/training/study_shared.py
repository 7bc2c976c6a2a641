"""What the groups of a study share, be it a table or pictures."""

from __future__ import annotations

from core.spec import ImageConfig
from core.studies import Study
from core.training.study_pictures import StudyPictures
from core.training.study_rows import StudyRows

Shared = StudyRows | StudyPictures


def rows_of(study: Study) -> Shared:
    """The table or the pictures of a study; raises `UserError` where nothing can be learned from it."""
    if isinstance(study.spec.run, ImageConfig):
        return StudyPictures.load(study.spec, study.workspace)
    return StudyRows.load(study.spec, study.workspace)
