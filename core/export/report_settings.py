"""What was chosen, as a table with the sentence of help that each choice has."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from core.data.words import listed
from core.evaluation.nouns import in_words
from core.evaluation.words import count
from core.export.figures_style import INK
from core.export.report_facts import Facts
from core.export.report_html import Html, element, figure, section, table
from core.export.report_html import facts as facts_table
from core.network.image_blocks import size_words
from core.network.image_shapes import grown
from core.network.picture import in_words as network_in_words
from core.network.picture import svg, to_learn
from core.network.shapes import layer_shapes
from core.spec import LOSS_WORDS, AnyConfig, ImageConfig, Regularization, Spec, TrainingSpec
from core.spec.base import plain_number

NONE = "none"
COLUMNS = ("Choice", "Value", "What it means")


def network_section(facts: Facts, drawn: Html) -> Html:
    """The network's picture, layers and training; ``drawn`` is the picture of a network for pictures."""
    config = facts.shown.config
    if isinstance(config, ImageConfig):
        shapes = grown(config.network, config.training.loss, config.data.shape, len(facts.shown.class_names)).shapes
        picture = drawn
        layers = [
            (each.label, size_words(each.shape), f"{each.parameters:,}", f"{each.trainable:,}") for each in shapes
        ]
    else:
        own = layer_shapes(config.network, config.training.loss, facts.inputs, len(facts.shown.class_names))
        words = f"{to_learn(own)}. {network_in_words(own)}."
        picture = figure(svg(own, INK), words, "own")
        layers = [
            (each.label, count(each.units, "value"), f"{each.parameters:,}", f"{each.trainable:,}") for each in own
        ]
    return section(
        "Network and training",
        picture,
        table(("Layer", "What leaves it", "Parameters", "Learned"), layers, (2, 3), "Layer by layer"),
        facts_table(_in_short(facts)),
    )


def _in_short(facts: Facts) -> Iterator[tuple[str, str]]:
    """What holds the network back from memorising, and how it learned."""
    config, training = facts.shown.config, facts.shown.config.training
    yield "Regularization", config.network.regularization.words or "none besides the layers above"
    if isinstance(config, ImageConfig):
        idle = " (without effect on a frozen pretrained network)" if config.network.frozen else ""
        yield "Augmentation", f"{config.augmentation.words}{idle}" if config.augmentation.active else NONE
    yield (
        "Cost and optimizer",
        f"{LOSS_WORDS[training.loss]}; {value_in_words(training.optimizer, _extra(training, 'optimizer'))}, learning "
        f"rate {plain_number(training.learning_rate)}, batches of {count(training.batch_size, facts.shown.noun)}",
    )
    epochs, best, seconds = (facts.told.get(name) for name in ("epochs", "best_epoch", "seconds"))
    if epochs is not None:
        yield "Training", f"{count(int(epochs), 'epoch')} in {float(seconds or 0):,.1f} s; epoch {best} was kept"


def choices_section(facts: Facts) -> Html:
    """Everything that was chosen, with what it means."""
    config, noun, data = facts.shown.config, facts.shown.noun, facts.shown.config.data
    idle = {name for name in ("folds", "fold", "repeat", "learn_from_all") if not getattr(data.split, name)}
    about_data = [*choices(data, {"kind", "source", "join"}), *choices(data.split, idle)]
    return section(
        "All choices",
        table(COLUMNS, _told([row for row in about_data if row[1] != NONE], noun), caption="Data"),
        table(COLUMNS, _told(_network(config), noun), caption="Network"),
        table(COLUMNS, _told(_training(config.training), noun), caption="Training"),
    )


def choices(spec: Spec, skipped: Collection[str] = ()) -> Iterator[tuple[str, str, str]]:
    """Label, value in words and help of every choice of a spec that is no spec itself."""
    for name, info in type(spec).model_fields.items():
        value = getattr(spec, name)
        if name in skipped or isinstance(value, Spec) or not info.title or name == "layers":
            continue
        yield info.title, value_in_words(value, _extra(spec, name)), info.description or ""


def _extra(spec: Spec, name: str) -> dict[str, Any]:
    extra = type(spec).model_fields[name].json_schema_extra
    return extra if isinstance(extra, dict) else {}


def value_in_words(value: Any, extra: dict[str, Any]) -> str:
    """A value as a person reads it; ``extra`` holds the options and the unit of the choice."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value in ((), ""):
        return NONE
    if isinstance(value, tuple):
        single = all(isinstance(each, str) and len(each) < 60 for each in value)
        return listed(value) if single else f"{len(value):,}"
    options = extra.get("options") or {}
    if str(value) in options:
        return str(options[str(value)])
    words = f"{value:,}" if isinstance(value, int) else plain_number(value) if isinstance(value, float) else str(value)
    unit = extra.get("unit") or ""
    return f"{words} {unit[:-1] if value == 1 and unit.endswith('s') else unit}".strip()


def _network(config: AnyConfig) -> Iterator[tuple[str, str, str]]:
    network = config.network
    skipped = {"kind"}
    if isinstance(config, ImageConfig):
        if config.network.backbone == "none":
            skipped |= {"backbone", "fine_tune_blocks", "fine_tune_learning_rate"}
        elif not config.network.fine_tune_blocks:
            skipped.add("fine_tune_learning_rate")
    yield from choices(network, skipped)
    yield from _regularization(network.regularization)
    if isinstance(config, ImageConfig):
        if config.augmentation.active:
            zero = {name for name, strength in config.augmentation.model_dump().items() if not strength}
            for label, value, help in choices(config.augmentation, zero):
                yield f"Augmentation: {label[:1].lower()}{label[1:]}", value, help
        else:
            yield "Augmentation", "none", "How training pictures are varied at random."


def _regularization(chosen: Regularization) -> Iterator[tuple[str, str, str]]:
    idle = {name for name, rate in zip(("l1", "l2"), chosen.rates, strict=True) if not rate}
    yield from choices(chosen, idle)


def _training(training: TrainingSpec) -> Iterator[tuple[str, str, str]]:
    yield from choices(training, () if training.early_stopping else {"patience"})


def _told(rows: Iterator[tuple[str, str, str]] | list[tuple[str, str, str]], noun: str) -> list[tuple[str, str, Html]]:
    return [
        (label, in_words(noun, value), element("span", in_words(noun, help), class_="quiet"))
        for label, value, help in rows
    ]
