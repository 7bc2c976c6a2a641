"""A run or study from outside: every file is read by what knows it, and what comes out is written anew from that.

Nothing is copied as it came but uploads, and arrays once they were read. No network comes along:
`core.training.restore_questions` builds it again from the choices and the weights.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from typing import TypeVar

import numpy as np
import pandas as pd
from pydantic import ValidationError

from core.errors import UserError
from core.evaluation.novelty import Novelty, View
from core.network.image_shapes import image_layer_shapes
from core.network.shapes import layer_shapes
from core.project.arrays import MOST_CELLS, read_npz, read_predictions
from core.project.events import checked_events
from core.project.files import ENDED_WELL, TOGETHER
from core.project.schemas import ImageFacts, Importance, Kept, Metrics, Robustness, TableFacts, Title
from core.spec import AnyConfig, ImageConfig, RunConfig, parse_config

T = TypeVar("T")
Facts = TableFacts | ImageFacts
File = tuple[str, bytes]
SEALED = ("test.json", "test.parquet")
_COPIED_BADLY = "Write the project file again, and copy it as a whole."


@dataclass(frozen=True)
class Source:
    """The files of one run or study in a project file.

    Attributes:
        called: What it is called in a sentence.
        names: Names of its files.
        read: The bytes of one of them.
        ids: New ids of studies, by their old ones.
        most_cells: Rows x columns of predictions at most.
    """

    called: str
    names: Collection[str]
    read: Callable[[str], bytes]
    ids: Mapping[str, str] = field(default_factory=dict)
    most_cells: int = MOST_CELLS

    def checked(self, name: str, check: Callable[[bytes], T]) -> T:
        """What ``check`` makes of a file; raises `UserError` that names the file where it cannot."""
        if name not in self.names:
            raise UserError(f"In this project file, {self.called} has no file {name}.", _COPIED_BADLY)
        try:
            return check(self.read(name))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))[:80]
            reason = f"{place}: {first['msg'][:200]}".removeprefix(": ")
        except UserError as error:
            reason = error.problem
        # Whatever a decompressor or a reader of tables raises about bytes that somebody made up.
        except Exception as error:
            reason = f"{type(error).__name__}: {str(error)[:200]}"
        raise UserError(f"In this project file, {name} of {self.called} is damaged ({reason}).", _COPIED_BADLY)

    def json(self, name: str, model: type[Kept]) -> File:
        """A JSON file as its model holds it."""
        return name, dumped(self.checked(name, model.model_validate_json))


def checked_run(source: Source) -> Iterator[File]:
    """The files of a run, as they are written; raises `UserError` where one is not as it should be."""
    config = source.checked("config.json", parse_config)
    yield "config.json", _with_new_ids(config, source.ids).model_dump_json(indent=1).encode()
    if "title.json" in source.names:
        yield source.json("title.json", Title)
    events, state = source.checked("events.jsonl", partial(checked_events, "run"))
    yield "events.jsonl", events
    if state not in ENDED_WELL or not any(name in source.names for name in TOGETHER):
        return
    facts = source.checked("dataset.json", partial(_facts, config))
    yield "dataset.json", dumped(facts)
    yield "weights.npz", source.checked("weights.npz", partial(_weights, config, facts))
    yield from _judged(source, config, facts, "metrics.json", "predictions.parquet", ("train", "validation"))
    if any(name in source.names for name in SEALED):
        yield from _judged(source, config, facts, *SEALED, ("test",))
    yield from _extras(source, facts)


def dumped(model: Kept) -> bytes:
    """A model as the app writes it."""
    return model.model_dump_json(by_alias=True, exclude_unset=True).encode()


def _with_new_ids(config: AnyConfig, ids: Mapping[str, str]) -> AnyConfig:
    if config.origin is None:
        return config
    study = ids.get(config.origin.study, config.origin.study)
    return config.change(origin=config.origin.change(study=study).model_dump())


def _facts(config: AnyConfig, content: bytes) -> Facts:
    """What prediction needs, for this kind of task."""
    pictures = isinstance(config, ImageConfig)
    facts: Facts = (ImageFacts if pictures else TableFacts).model_validate_json(content)
    classes, task = len(facts.class_names), config.data.task
    if (classes == 2) != (task == "binary") or (classes == 0) != (task == "regression") or classes == 1:
        raise ValueError("the classes are not those of the task")
    if isinstance(config, ImageConfig) and isinstance(facts, ImageFacts) and facts.shape != config.data.shape:
        raise ValueError("the pictures have another shape than was chosen")
    return facts


def _weights(config: AnyConfig, facts: Facts, content: bytes) -> bytes:
    """The weights; as many numbers as the network has, so that no other is ever built."""
    arrays = read_npz(content)
    loss, classes = config.training.loss, len(facts.class_names)
    wanted = 0
    if isinstance(config, RunConfig) and isinstance(facts, TableFacts):
        wanted = sum(
            each.parameters for each in layer_shapes(config.network, loss, facts.preprocessing.inputs, classes)
        )
    elif isinstance(config, ImageConfig):
        shapes = image_layer_shapes(config.network, loss, config.data.shape, classes)
        wanted = sum(each.parameters for each in shapes)
    if list(arrays) != [f"{number:03d}" for number in range(len(arrays))]:
        raise ValueError("the weights are not in order")
    if sum(array.size for array in arrays.values()) != wanted:
        raise ValueError("the weights are not those of the network")
    if not all(array.dtype == np.float32 and np.isfinite(array).all() for array in arrays.values()):
        raise ValueError("a weight is not a finite number of single precision")
    return content


def _judged(
    source: Source, config: AnyConfig, facts: Facts, scores: str, answers: str, parts: tuple[str, ...]
) -> Iterator[File]:
    """Scores and the predictions that they are of."""
    metrics = source.checked(scores, Metrics.model_validate_json)
    if metrics.task != config.data.task or (parts == ("test",)) != ("test" in metrics.parts):
        raise UserError(f"In this project file, {scores} of {source.called} is about another task.", _COPIED_BADLY)
    yield scores, dumped(metrics)
    classes, pictures = len(facts.class_names), isinstance(config, ImageConfig)
    check = partial(read_predictions, classes=classes, parts=parts, pictures=pictures, most_cells=source.most_cells)
    frame = source.checked(answers, check)
    yield answers, _parquet(frame)


def _extras(source: Source, facts: Facts) -> Iterator[File]:
    """What was worked out because somebody asked."""
    if isinstance(facts, TableFacts) and "importance.json" in source.names:
        found = source.checked("importance.json", Importance.model_validate_json)
        if not {each.feature for each in found.features} <= {each.name for each in facts.schema_.features}:
            raise UserError(f"In this project file, {source.called} has features that matter and are not there.")
        yield "importance.json", dumped(found)
    if isinstance(facts, ImageFacts) and "robustness.json" in source.names:
        yield source.json("robustness.json", Robustness)
    if isinstance(facts, ImageFacts) and "novelty.npz" in source.names:
        yield "novelty.npz", source.checked("novelty.npz", _novelty)


def _novelty(content: bytes) -> bytes:
    arrays = read_npz(content)
    novelty = Novelty.of(arrays)
    expected = len(fields(View)) * len(novelty.views) + 3
    if len(arrays) != expected or novelty.typical.ndim != 1 or novelty.reference.ndim != 1 or novelty.threshold.ndim:
        raise ValueError("arrays of another kind")
    for view in novelty.views:
        values = len(view.centre)
        if view.centre.shape != view.scale.shape or view.axes.shape[1:] != (values,):
            raise ValueError("a view that does not fit together")
        if view.points.ndim != 2 or view.points.shape[1] != len(view.axes) + 1:
            raise ValueError("points that do not lie in their view")
    return content


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()
