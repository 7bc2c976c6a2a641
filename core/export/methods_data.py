"""The data, their split and their preprocessing in the words of a methods section."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.evaluation.words import count, shorten
from core.export.report_facts import Facts, spoken
from core.spec import DataSpec, ImageConfig, ImageData

MOST_NAMES = 6


def data_paragraph(facts: Facts) -> str:
    """What was learned from, and how it was divided."""
    data = facts.shown.config.data
    sentences = [_source(facts, data), *_left_out(data), *_target(facts), _divided(facts), *_together(facts)]
    return " ".join(sentences)


def preprocessing_paragraph(facts: Facts) -> str:
    """What was done to the values before they reached the network."""
    config = facts.shown.config
    if isinstance(config, ImageConfig):
        return " ".join(_pixels(config))
    return " ".join(_features(facts, config.data))


def name(text: str) -> str:
    """A name from data inside a sentence."""
    return f"“{shorten(text)}”"


def several(names: Sequence[str]) -> str:
    """Names from data inside a sentence, or the first few of them."""
    shown = [name(each) for each in names[:MOST_NAMES]]
    rest = len(names) - len(shown)
    return f"{', '.join(shown)} and {rest:,} more" if rest else spoken(shown)


def _source(facts: Facts, data: DataSpec | ImageData) -> str:
    if isinstance(data, ImageData):
        channels = "three colour channels" if data.color == "rgb" else "one grey channel"
        classes = count(len(facts.shown.class_names), "class", "classes")
        return (
            f"The data were pictures of {classes} from the file {name(data.source.name)}, each scaled to a square of "
            f"{data.size} × {data.size} pixels with {channels}."
        )
    joined = ""
    if data.join is not None:
        how = "row by row" if data.join.on is None else f"by the column {name(data.join.on)}"
        joined = f", joined {how} with {name(data.join.source.name)}"
    return f"The data were the table {name(data.source.name)}{joined}."


def _left_out(data: DataSpec | ImageData) -> Iterator[str]:
    noun = "Pictures" if isinstance(data, ImageData) else "Rows"
    if data.leave_out_classes:
        kinds = "class" if len(data.leave_out_classes) == 1 else "classes"
        yield f"{noun} of the {kinds} {several(data.leave_out_classes)} were left out."
    if isinstance(data, ImageData):
        if data.left_out:
            yield f"By hand, {count(len(data.left_out), 'picture')} {_was(len(data.left_out))} left out."
        if data.relabelled:
            yield f"The class of {count(len(data.relabelled), 'picture')} was corrected by hand."
        if data.duplicates == "drop":
            yield "Of copies and near copies only the first picture was kept."
        return
    if data.missing_values == "drop_rows":
        yield "Rows in which the value of a feature was missing were left out."
    if data.duplicate_rows == "drop":
        yield "Of rows that were equal in every feature and in the target only the first was kept."


def _target(facts: Facts) -> Iterator[str]:
    config, names = facts.shown.config, facts.shown.class_names
    if isinstance(config, ImageConfig):
        yield f"The network was to tell the classes {several(names)} apart."
        return
    learned = count(len(facts.shown.features), "feature")
    if not names:
        yield f"The network was to predict {name(config.data.target)}, a number, from {learned}."
        return
    yield (
        f"The network was to predict {name(config.data.target)}, one of {count(len(names), 'class', 'classes')} "
        f"({several(names)}), from {learned}."
    )


def _divided(facts: Facts) -> str:
    split, sizes, noun = facts.shown.config.data.split, facts.sizes, facts.shown.noun
    total = count(sum(sizes.values()), noun)
    sealed = (
        f"{sizes['test']:,} {_was(sizes['test'])} put aside as a sealed test set before anything was learned"
        if sizes["test"]
        else "none were put aside as a test set"
    )
    learned = f"{sizes['train']:,} {_was(sizes['train'])} learned from"
    how = _drawn(facts)
    if split.learn_from_all:
        both = f"training and validation {noun}s together, since the setting had been chosen before"
        return f"Of {total}, {learned}, {both}; {sealed} ({how})."
    if split.folds:
        held = f"{sizes['validation']:,} {_was(sizes['validation'])} held out and scored"
        return (
            f"Of the {noun}s, {learned}, {held}, and {sealed} ({how}); the {noun}s that only early stopping looked at "
            "are not among them."
        )
    watched = f"{sizes['validation']:,} {_was(sizes['validation'])} used for validation"
    return f"Of {total}, {learned}, {watched}, and {sealed} ({how})."


def _drawn(facts: Facts) -> str:
    data = facts.shown.config.data
    if isinstance(data, ImageData) and data.folders_as_parts:
        return "divided as the folders of the file say"
    what = "class" if facts.shown.class_names else "tenths of the target"
    stratified = f", stratified by {what}" if data.split.stratify else ""
    fold = ""
    if data.split.folds > 1:
        fold = f", part {data.split.fold + 1} of {data.split.folds}, repeat {data.split.repeat + 1}"
    return f"divided at random{stratified}, seed {data.split.seed}{fold}"


def _together(facts: Facts) -> Iterator[str]:
    data = facts.shown.config.data
    if isinstance(data, ImageData):
        if facts.grouped and data.duplicates == "together" and not data.folders_as_parts:
            yield "Copies and near copies of a picture always stood on the same side of the split."
        return
    same = [f"with the same value of {name(data.group_column)}"] if data.group_column else []
    if facts.grouped:
        same.append("that were equal in every feature")
    if same:
        yield f"Rows {' and rows '.join(same)} always stood on the same side of the split."


def _pixels(config: ImageConfig) -> Iterator[str]:
    if config.network.backbone == "none":
        yield "Pixel values were divided by 255."
    else:
        yield "Pixel values were scaled as the pretrained network expects them."
    if config.network.frozen or not config.augmentation.active:
        yield "Pictures were not varied at random while training (no augmentation)."
        return
    yield (
        "While training, pictures were varied at random (augmentation; strengths from 0 to 1): "
        f"{config.augmentation.words}."
    )


def _features(facts: Facts, data: DataSpec) -> Iterator[str]:
    numbers, texts = facts.kinds["number"], facts.kinds["text"]
    if numbers:
        yield f"{_numbers(numbers, data)}{_filled(data)}."
    if texts:
        yield (
            f"{_the(texts, 'categorical')} {_was(texts)} turned into one input for each category (one-hot, at most "
            "the 50 most frequent ones of a feature), all zero where the value was missing or new."
        )
    yield (
        f"All of this was fitted on the {count(facts.sizes['train'], 'training row')} alone; it gave the network "
        f"{count(facts.inputs, 'input')}."
    )
    if facts.shown.task == "regression":
        yield "The target was standardised by the training rows; scores are in its own unit."


def _numbers(numbers: int, data: DataSpec) -> str:
    kinds, was = _the(numbers, "numeric"), _was(numbers)
    done = {
        "standard": f"{was} standardised with the mean and the standard deviation of the training rows",
        "log": f"{was} transformed by log(1 + x) where never negative in the training rows, and standardised with the "
        "mean and the standard deviation of the training rows",
        "none": f"{was} left on {'its' if numbers == 1 else 'their'} own scale",
    }[data.scaling]
    return f"{kinds} {done}"


def _the(number: int, kind: str) -> str:
    return f"The {kind} feature" if number == 1 else f"The {number:,} {kind} features"


def _filled(data: DataSpec) -> str:
    words = "; missing values were replaced by the mean of the training rows"
    return "" if data.missing_values == "drop_rows" else words


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
