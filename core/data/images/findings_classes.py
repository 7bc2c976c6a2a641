"""What is worth knowing about the classes of pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.data.finding import Finding
from core.data.images.view import ImageView
from core.data.splits import ENOUGH_ROWS
from core.data.words import counted, listed, quoted
from core.spec import TASK_WORDS

FEW = 10
RARE = 0.25
VERY_RARE = 0.05
MANY_CLASSES = 20
FEW_IMAGES = 100


def one_class(view: ImageView) -> Iterator[Finding]:
    """Nothing to tell apart."""
    if len(view.classes) == 1:
        name = next(iter(view.classes))
        yield Finding(
            kind="one_class", severity="problem", title=f"All pictures are of one class, {quoted(name)}",
            meaning="A network learns to tell classes apart, so that it needs two at least. Add a folder with pictures "
            "of something else, even of anything else.",
        )  # fmt: skip
    elif not view.classes:
        out = bool(view.data.left_out or view.data.leave_out_classes)
        yield Finding(
            kind="one_class", severity="problem", title="No picture takes part",
            meaning="All of them are left out.", remedy="Take all back" if out else "",
            changes={"left_out": (), "leave_out_classes": ()} if out else {},
        )  # fmt: skip


def unfit_task(view: ImageView) -> Iterator[Finding]:
    """Two classes or several, against what was chosen."""
    fits = "binary" if len(view.classes) == 2 else "multiclass"
    if len(view.classes) > 1 and view.data.task != fits:
        yield Finding(
            kind="unfit_task", severity="problem", title=f"There are {len(view.classes):,} classes",
            meaning=f"The kind of answer that is chosen is {TASK_WORDS[view.data.task]}.",
            remedy=f"Learn {TASK_WORDS[fits]}", changes={"task": fits},
        )  # fmt: skip


def single_image(view: ImageView) -> Iterator[Finding]:
    """Classes of one picture cannot be learned and checked."""
    alone = [name for name, count in view.classes.items() if count == 1]
    if alone and sum(view.classes.values()) >= ENOUGH_ROWS:
        enough = len(view.classes) - len(alone) >= 2
        yield Finding(
            kind="single_image", severity="problem",
            title=f"{counted(len(alone), 'class has', 'classes have')} a single picture",
            meaning=f"{listed(alone)}: there is nothing to check it with. Add pictures of it, or leave it out.",
            columns=view.ids(np.isin(view.names, alone)),
            remedy=f"Leave out {counted(len(alone), 'class', 'classes')} with a single picture" if enough else "",
            changes=view.without(alone) if enough else {},
        )  # fmt: skip


def few_in_class(view: ImageView) -> Iterator[Finding]:
    """Classes whose score would be a guess."""
    small = [name for name, count in view.classes.items() if count < FEW]
    if any(view.classes[name] > 1 for name in small):
        enough = len(view.classes) - len(small) >= 2
        yield Finding(
            kind="few_in_class", severity="warning",
            title=f"{counted(len(small), 'class has', 'classes have')} very few pictures",
            meaning=f"{listed(small)}: {min(view.classes[name] for name in small)} at the least. After the split only "
            "one or two of them check the network. Add pictures, or leave those classes out.",
            columns=view.ids(np.isin(view.names, small)), remedy="Leave those classes out" if enough else "",
            changes=view.without(small) if enough else {},
        )  # fmt: skip


def imbalance(view: ImageView) -> Iterator[Finding]:
    """One class is much rarer than the others."""
    counts = view.classes
    if len(counts) < 2:
        return
    rarest = min(counts, key=lambda name: counts[name])
    if counts[rarest] < RARE * max(counts.values()):
        share = counts[rarest] / sum(counts.values())
        yield Finding(
            kind="imbalance", severity="warning" if share < VERY_RARE else "note",
            title=f"The class {quoted(rarest)} is rare",
            meaning=f"Only {share:.1%} of the pictures ({counts[rarest]:,}) are {quoted(rarest)}. A network that never "
            "says so is right nearly always, so look at balanced accuracy, and let rare classes count more.",
            remedy="Count rare classes more", changes={"training.class_weights": True},
        )  # fmt: skip


def many_classes(view: ImageView) -> Iterator[Finding]:
    """Many classes need many pictures."""
    if len(view.classes) > MANY_CLASSES:
        usual = int(np.median(list(view.classes.values())))
        yield Finding(
            kind="many_classes", severity="note", title=f"{len(view.classes):,} classes to tell apart",
            meaning=f"Each has about {counted(usual, 'picture')}. The more classes, the more pictures of each are "
            "needed, and the harder it is to be right by chance.",
        )  # fmt: skip


def few_images(view: ImageView) -> Iterator[Finding]:
    """Too few to trust a score."""
    count = len(view.images)
    if 0 < count < FEW_IMAGES:
        yield Finding(
            kind="few_images", severity="warning", title=f"Only {counted(count, 'picture')} to learn from",
            meaning="Scores on so few pictures are rough. Transfer learning and augmentation help most here.",
        )  # fmt: skip
