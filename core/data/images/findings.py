"""Everything worth knowing about pictures before learning from them, heaviest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.data.finding import Finding
from core.data.findings import SEVERITIES
from core.data.images import findings_classes, findings_files
from core.data.images.dataset import labelled
from core.data.images.image_set import ImageSet
from core.data.images.view import ImageView
from core.errors import UserError
from core.spec import ImageData

Check = Callable[[ImageView], Iterator[Finding]]
# Among findings of the same severity, earlier checks are heavier.
CHECKS: tuple[Check, ...] = (
    findings_classes.one_class,
    findings_classes.unfit_task,
    findings_classes.single_image,
    findings_files.label_conflict,
    findings_files.parts,
    findings_classes.few_in_class,
    findings_classes.few_images,
    findings_classes.imbalance,
    findings_files.exact_duplicates,
    findings_files.near_duplicates,
    findings_files.unreadable,
    findings_classes.many_classes,
    findings_files.small,
    findings_files.large,
    findings_files.converted,
    findings_files.left_out,
)


def image_findings(image_set: ImageSet, data: ImageData) -> list[Finding]:
    """What is wrong, weak or good to know, at most one finding a kind; never raises for bad pictures.

    ``changes`` are fields of `ImageData` (or, after ``training.``, of `TrainingSpec`); ``columns`` are ids of the
    pictures that a finding is about.
    """
    try:
        labelled(image_set, data)
    except UserError as error:
        there = image_set.index
        changes = {
            "left_out": tuple(id for id in data.left_out if id in there),
            "relabelled": tuple(pair for pair in data.relabelled if pair[0] in there),
        }
        return [
            Finding(
                kind="unknown_images", severity="problem", title="The choices do not fit these pictures",
                meaning=str(error), remedy="Clear what does not fit", changes=changes,
            )
        ]  # fmt: skip
    view = ImageView(image_set, data)
    found = [finding for check in CHECKS for finding in check(view)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))
