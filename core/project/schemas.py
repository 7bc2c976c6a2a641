"""What the JSON files of a run or study may hold: the types, lengths and ranges that pages and workers rely on.

``config.json``, ``study.json`` and the drafts have models of their own in `core.spec`. These are for files from
outside; what is written here is read by `core.project.check` alone, which writes out what the models hold.
"""

from __future__ import annotations

from itertools import chain
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.evaluation.registry import METRICS
from core.spec import Task

Text = Annotated[str, Field(max_length=10_000)]
Count = Annotated[int, Field(ge=0, le=2**53)]
Part = Literal["train", "validation", "test"]
# From 1970 to 2100.
Time = Annotated[float, Field(ge=0, le=4_102_444_800)]
Outcome = Literal["better", "tied", "worse"]


class Kept(BaseModel):
    """A part of a file; what is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Title(Kept):
    """``title.json``."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


class Interval(Kept):
    """A number with its interval."""

    value: float | None
    low: float | None
    high: float | None


class Difference(Interval):
    """Network minus baseline."""

    result: Outcome


class PartScores(Kept):
    """The scores of one part."""

    rows: Count
    metrics: dict[str, Interval]


class BaselineScores(Kept):
    """The scores of a baseline in all parts."""

    key: Text
    label: Text
    note: Text
    parts: dict[Part, dict[str, Interval]]
    difference: dict[Part, dict[str, Difference]]


class VerdictWords(Kept):
    """The verdict."""

    sentence: Text
    points: tuple[Text, ...]
    level: Literal["good", "fair", "poor"]


class Metrics(Kept):
    """``metrics.json`` and ``test.json``, as `core.evaluation.report` describes."""

    task: Task
    threshold: Annotated[float, Field(ge=0, le=1)]
    main: str | None
    parts: dict[Part, PartScores]
    baselines: Annotated[tuple[BaselineScores, ...], Field(max_length=20)]
    verdict: VerdictWords | None
    note: Text = ""

    @model_validator(mode="after")
    def _scores_suit_the_task(self) -> Self:
        told = [own.metrics.keys() for own in self.parts.values()]
        for each in self.baselines:
            told += [own.keys() for own in each.parts.values()] + [own.keys() for own in each.difference.values()]
        known = {key for key, metric in METRICS.items() if self.task in metric.tasks}
        if not {*chain(*told)} <= known or self.main not in (None, *known):
            raise ValueError(f"a score is not one of a {self.task} task")
        judged = self.parts.get("validation") or self.parts.get("test")
        if self.main is not None and (judged is None or self.main not in judged.metrics):
            raise ValueError("the main score is missing")
        return self


class FeatureFacts(Kept):
    """One feature, as `core.data.schema.FeatureSchema`."""

    name: str
    kind: Literal["number", "text"]
    minimum: float | None = None
    maximum: float | None = None
    median: float | None = None
    whole: bool = False
    categories: Annotated[tuple[str, ...], Field(max_length=50)] = ()
    mostly_missing: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        known = [each for each in (self.minimum, self.median, self.maximum) if each is not None]
        if len(known) not in (0, 3) or known != sorted(known):
            raise ValueError("minimum, median and maximum are not in order")
        return self


class SchemaFacts(Kept):
    """All features, as `core.data.schema.Schema`."""

    features: tuple[FeatureFacts, ...]
    ignored: tuple[str, ...]


class PreprocessingFacts(Kept):
    """As `core.data.preprocess.Preprocessing` keeps itself."""

    number_names: tuple[str, ...]
    log: tuple[bool, ...]
    fill: tuple[float, ...]
    center: tuple[float, ...]
    scale: tuple[Annotated[float, Field(gt=0)], ...]
    text_names: tuple[str, ...]
    categories: tuple[Annotated[tuple[str, ...], Field(max_length=50)], ...]

    @property
    def inputs(self) -> int:
        """How many numbers the network receives."""
        return len(self.number_names) + sum(map(len, self.categories))

    @model_validator(mode="after")
    def _of_one_length(self) -> Self:
        numbers = {len(each) for each in (self.number_names, self.log, self.fill, self.center, self.scale)}
        if len(numbers) > 1 or len(self.text_names) != len(self.categories):
            raise ValueError("the preprocessing does not fit together")
        return self


class PartSizes(Kept):
    """Rows or pictures in each part."""

    train: Count
    validation: Count
    test: Count


class TableFacts(Kept):
    """``dataset.json`` of a run on a table."""

    schema_: SchemaFacts = Field(alias="schema")
    preprocessing: PreprocessingFacts
    class_names: Annotated[tuple[str, ...], Field(max_length=10_000)]
    centre: float
    scale: float
    input_mean: tuple[float, ...]
    rows: PartSizes

    @model_validator(mode="after")
    def _about_the_same_features(self) -> Self:
        kinds = {"number": self.preprocessing.number_names, "text": self.preprocessing.text_names}
        for kind, names in kinds.items():
            if tuple(each.name for each in self.schema_.features if each.kind == kind) != names:
                raise ValueError("the features are not those of the preprocessing")
        features = [each.name for each in self.schema_.features]
        if len({*features}) < len(features) or len(self.input_mean) != self.preprocessing.inputs or not features:
            raise ValueError("the features do not fit together")
        return self


class ImageFacts(Kept):
    """``dataset.json`` of a run on pictures."""

    kind: Literal["images"]
    class_names: Annotated[tuple[str, ...], Field(min_length=2, max_length=10_000)]
    shape: tuple[Count, Count, Count]
    rows: PartSizes


class FeatureImportance(Kept):
    """How much a feature matters."""

    feature: str
    importance: float
    low: float
    high: float


class Importance(Kept):
    """``importance.json``."""

    features: tuple[FeatureImportance, ...]


class Share(Kept):
    """A share with its interval."""

    value: Annotated[float, Field(ge=0, le=1)]
    low: float
    high: float


class Lost(Kept):
    """What is lost against untouched pictures."""

    value: float
    low: float
    high: float


class ChangeLevel(Share):
    """One strength of a change of pictures."""

    words: Text
    loss: Lost


class ChangeResult(Kept):
    """One change of pictures."""

    key: Text
    levels: Annotated[tuple[ChangeLevel, ...], Field(min_length=1, max_length=20)]


class Robustness(Kept):
    """``robustness.json``."""

    images: Count
    of: Count = 0
    untouched: Share
    changes: Annotated[tuple[ChangeResult, ...], Field(max_length=20)]
    seed: Count
