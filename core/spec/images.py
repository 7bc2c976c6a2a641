"""What was chosen about a folder of pictures: which of them, at what size, in which classes."""

from __future__ import annotations

from typing import Literal

from core.spec.base import Spec, choice
from core.spec.data import TASK_WORDS, SplitSpec

SIZES = (32, 64, 96, 128, 160, 224)
Color = Literal["rgb", "grey"]


class ImageSource(Spec):
    """One uploaded zip, by the SHA-256 of its bytes; the name is for display only."""

    fingerprint: str = choice(..., "File", "The file's SHA-256.", pattern=r"^[0-9a-f]{64}$")
    name: str = choice("images.zip", "Name", "The name that the file had.", max_length=200)


class ImageData(Spec):
    """From a zip of pictures to arrays of pixels and a class for each."""

    kind: Literal["images"] = choice("images", "Kind of data", "Pictures in folders.", depth="all")
    source: ImageSource
    task: Literal["binary", "multiclass"] = choice(
        "binary",
        "Kind of answer (task)",
        "Whether pictures are one of two classes, or one of several.",
        options={task: words for task, words in TASK_WORDS.items() if task != "regression"},
    )
    size: int = choice(
        64,
        "Image size",
        "Every picture is scaled to a square of this height and width, so that all have the same shape. Larger shows "
        "finer detail and takes longer: twice the size is four times the pixels.",
        unit="pixels",
        ladder=SIZES,
        ge=16,
        le=256,
    )
    color: Color = choice(
        "rgb",
        "Colour",
        "Colour pictures have three channels (red, green, blue); grey ones have one, and train faster.",
        options={"rgb": "colour (3 channels)", "grey": "grey (1 channel)"},
    )
    left_out: tuple[str, ...] = choice(
        (), "Pictures left out", "Ids of pictures that take no part.", max_length=200_000, depth="all"
    )
    leave_out_classes: tuple[str, ...] = choice(
        (), "Classes left out", "Pictures of these classes take no part.", max_length=10_000, depth="all"
    )
    relabelled: tuple[tuple[str, str], ...] = choice(
        (), "Corrected classes", "Pictures, by id, that were given another class.", max_length=200_000, depth="all"
    )
    duplicates: Literal["together", "drop"] = choice(
        "together",
        "Duplicate pictures",
        "Copies and near copies always stay on one side of the split; or keep only the first of each.",
        options={"together": "keep, on one side of the split", "drop": "keep only the first of each"},
    )
    folders_as_parts: bool = choice(
        False,
        "Folders train, val and test are the parts",
        "Divides the pictures as the zip's own folders do, instead of by chance.",
    )
    split: SplitSpec = SplitSpec()

    @property
    def target(self) -> str:
        """What is predicted."""
        return "class"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of each picture as the network gets it."""
        return self.size, self.size, 1 if self.color == "grey" else 3
