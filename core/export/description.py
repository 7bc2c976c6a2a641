"""What goes into an exported model and what comes out, for whoever has the file and not this project.

The same facts as JSON (``model.json``) for programs and as text (``README.txt``) for people.
"""

from __future__ import annotations

import json
from typing import Any

from core.data.schema import Schema
from core.errors import UserError
from core.export import readme
from core.runs import Run
from core.spec import OUTPUTS, ImageConfig

NUMBERS, CATEGORIES, PIXELS = "numbers", "categories", "pixels"
# Single precision tells numbers apart that differ by a ten-millionth of their size. Where the target is so far from
# zero that this is more than 1e-4 of its standard deviation, LiteRT answers with the distance from the average.
FAR_FROM_ZERO = 1000.0


def facts_of(run: Run) -> dict[str, Any]:
    """What the run keeps of its data; raises `UserError` where there is nothing yet."""
    facts = run.dataset()
    if facts is None:
        raise UserError("This run has no trained network (yet).", "Wait until it has finished, or train it again.")
    return facts


def describe(run: Run, codes: bool = False) -> dict[str, Any]:
    """Inputs and output of the exported model, JSON-able.

    Args:
        run: A trained run.
        codes: Whether texts go in as the places of categories in their lists, since the format knows no texts, and
            values come out in single precision.

    Returns:
        ``inputs``: for each its name, dtype, shape (None is the number of rows) and columns; ``output``: its name,
        dtype, shape, meaning and class names; ``example``: two rows of a table, where there is one.
    """
    facts = facts_of(run)
    picture = isinstance(run.config, ImageConfig)
    return {
        "name": run.name,
        "target": run.config.data.target,
        "task": run.config.data.task,
        "inputs": [_pixels(run, facts)] if picture else _columns(facts, codes),
        "output": _output(run.config.training.loss, run.config.data.task, facts, codes),
        **({} if picture else {"example": _example(facts, codes)}),
    }


def files_of(run: Run, key: str, codes: bool = False) -> dict[str, str]:
    """``model.json`` and ``README.txt`` that stand beside a model in its zip, by name."""
    told = describe(run, codes)
    return {"model.json": as_json(told), "README.txt": readme.readme(told, key)}


def as_json(told: dict[str, Any]) -> str:
    """JSON that people can read too."""
    return json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False)


def output_name(loss: str) -> str:
    """What comes out: ``probability`` of the second class, ``score`` (hinge), ``probabilities`` or ``value``."""
    if OUTPUTS[loss].per_class:
        return "probabilities"
    return {"binary_crossentropy": "probability", "hinge": "score"}.get(loss, "value")


def offset(facts: dict[str, Any]) -> float:
    """What has to be added, in double precision, to a value in single precision; 0 unless the target is far from 0."""
    return facts["centre"] if abs(facts["centre"]) > FAR_FROM_ZERO * facts["scale"] else 0.0


def in_double(facts: dict[str, Any]) -> bool:
    """Whether the model brings its answer back to the unit of a target, which it does in double precision."""
    return not facts["class_names"] and (facts["centre"], facts["scale"]) != (0.0, 1.0)


def _pixels(run: Run, facts: dict[str, Any]) -> dict[str, Any]:
    height, width, channels = facts["shape"]
    colour = "red, green, blue" if channels == 3 else "grey (0.299 red + 0.587 green + 0.114 blue)"
    return {
        "name": PIXELS,
        "dtype": "float32",
        "shape": [None, height, width, channels],
        "meaning": f"whole pictures, turned upright and scaled to {width} x {height} pixels (bilinear, averaging over "
        f"all pixels where they shrink); each pixel 0 to 255; channels last: {colour}",
    }


def _columns(facts: dict[str, Any], codes: bool) -> list[dict[str, Any]]:
    names, texts = facts["preprocessing"]["number_names"], facts["preprocessing"]["text_names"]
    numbers = {"name": NUMBERS, "dtype": "float32", "shape": [None, len(names)], "columns": names}
    categories = {
        "name": CATEGORIES,
        "dtype": "int32" if codes else "string",
        "shape": [None, len(texts)],
        "columns": texts,
        "categories": facts["preprocessing"]["categories"],
    }
    missing = "a missing number is NaN"
    unknown = (
        "each is the place of the category in the column's list, counted from 0; -1 is missing or not in the list"
        if codes
        else "each is a text; one that is not in the column's list, such as an empty one, counts as missing"
    )
    return [
        *([numbers | {"meaning": missing}] if names else []),
        *([categories | {"meaning": unknown}] if texts else []),
    ]


def _output(loss: str, task: str, facts: dict[str, Any], codes: bool) -> dict[str, Any]:
    name, classes = output_name(loss), facts["class_names"]
    told: dict[str, Any] = {"name": name, "dtype": "float32", "shape": [None, 1], "class_names": classes}
    if name == "probabilities":
        return told | {"shape": [None, len(classes)], "meaning": "the probability of each of class_names, in order"}
    if name == "value":
        return told | _value(facts, codes)
    second = json.dumps(classes[1], ensure_ascii=False)
    if name == "score":
        return told | {"meaning": f"a score; above 0 it says {second}, whose probability is 1 / (1 + exp(-2 * score))"}
    return told | {"meaning": f"the probability of {second}, the second of class_names"}


def _value(facts: dict[str, Any], codes: bool) -> dict[str, Any]:
    added = offset(facts) if codes else 0.0
    return {
        "dtype": "float64" if in_double(facts) and not codes else "float32",
        "meaning": "the target, in its own unit"
        + (f", less {added!r}, which is to be added in double precision" if added else ""),
        "offset": added,
    }


def _example(facts: dict[str, Any], codes: bool) -> dict[str, Any]:
    """An ordinary row, and one in which every cell is missing; a missing number is null."""
    features = Schema.from_dict(facts["schema"]).features
    numbers = [feature.median for feature in features if feature.kind == "number"]
    first = [kept[0] if kept else "" for kept in facts["preprocessing"]["categories"]]
    places = [0 if kept else -1 for kept in facts["preprocessing"]["categories"]]
    rows: dict[str, Any] = {NUMBERS: [numbers, [None] * len(numbers)]} if numbers else {}
    if first:
        rows[CATEGORIES] = [places, [-1] * len(first)] if codes else [first, [""] * len(first)]
    return rows
