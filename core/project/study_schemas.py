"""What the JSON files of a study may hold (see `core.project.schemas`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from core.evaluation.registry import METRICS
from core.project.schemas import Count, Interval, Kept, Outcome, Text
from core.spec import StudySpec, Task
from core.spec.study import MOST_MEMBERS

Scores = Annotated[tuple[float | None, ...], Field(max_length=MOST_MEMBERS)]


class ChunkPlan(Kept):
    """Members that train together."""

    settings: Annotated[tuple[Count, ...], Field(min_length=1, max_length=MOST_MEMBERS)]
    groups: Annotated[tuple[tuple[Count, Count], ...], Field(min_length=1, max_length=MOST_MEMBERS)]


class Plan(Kept):
    """``plan.json``."""

    chunks: Annotated[tuple[ChunkPlan, ...], Field(min_length=1, max_length=MOST_MEMBERS)]

    def check(self, spec: StudySpec) -> None:
        """Raise ValueError unless every member of the study is in exactly one chunk."""
        planned = [(s, *group) for chunk in self.chunks for s in chunk.settings for group in chunk.groups]
        if len(planned) != len(spec.members) or set(planned) != set(spec.members):
            raise ValueError("the plan does not hold every network of the study once")


class SettingResult(Kept):
    """How a setting did."""

    score: Interval
    standard_error: float | None
    train: float | None
    scores: Scores
    train_scores: Scores
    versus_best: Interval | None = None
    result: Literal["best", "tied", "worse", "diverged", "missing"]


class BaselineResult(Kept):
    """How a baseline did."""

    key: Text
    label: Text
    score: Interval
    scores: Scores
    versus_best: Interval
    result: Outcome


class SettingWeights(Kept):
    """What the weights of a setting became; of each feature its number, and in which share of networks it survives."""

    near_zero: float | None
    counts: tuple[float, ...]
    kept_features: float | None
    features: Annotated[tuple[tuple[Count, float, float], ...], Field(max_length=10_000)]


class Weights(Kept):
    """What all weights became."""

    edges: Annotated[tuple[float, ...], Field(min_length=2, max_length=1_000)]
    near_zero_below: float
    settings: tuple[SettingWeights | None, ...]
    feature_names: tuple[str, ...]
    features: Count

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        known = [each for each in self.settings if each is not None]
        if any(len(each.counts) != len(self.edges) - 1 for each in known):
            raise ValueError("the histogram of the weights does not fit its edges")
        if any(row[0] >= len(self.feature_names) for each in known for row in each.features):
            raise ValueError("a surviving feature has no name")
        if list(self.edges) != sorted(self.edges):
            raise ValueError("the edges of the histogram are not in order")
        return self


class Result(Kept):
    """``result.json``, as `core.evaluation.study.judge` and `core.training.study_end` describe."""

    task: Task
    metric: str
    label: Text
    higher_is_better: bool
    folds: Count
    seeds: Count
    settings: tuple[SettingResult, ...]
    best: Count | None
    simplest: Count | None
    tied: tuple[Count, ...]
    baselines: Annotated[tuple[BaselineResult, ...], Field(max_length=20)]
    corrected: Interval | None
    sentence: Text
    points: tuple[Text, ...]
    method: Text
    weights: Weights
    best_epochs: tuple[Count | None, ...]
    members: Count
    diverged: Count
    seconds: Annotated[float, Field(ge=0)]

    def check(self, spec: StudySpec) -> None:
        """Raise ValueError unless it is the answer to this study's question."""
        count, groups = len(spec.settings), spec.folds * spec.seeds
        metric = METRICS.get(self.metric)
        if self.task != spec.run.data.task or metric is None or self.task not in metric.tasks:
            raise ValueError("the score is not one of this study's task")
        if not len(self.settings) == len(self.best_epochs) == len(self.weights.settings) == count:
            raise ValueError("the answer is not about this study's settings")
        if any(place is not None and place >= count for place in (self.best, self.simplest, *self.tied)):
            raise ValueError("the answer names a setting that is not there")
        if (self.best is None) != (self.simplest is None):
            raise ValueError("the best setting or the simplest one is missing")
        if any(not _of_length(groups, each.scores, each.train_scores) for each in self.settings):
            raise ValueError("the scores are not those of this study's parts and repeats")
        if any(not _of_length(groups, each.scores) for each in self.baselines):
            raise ValueError("the scores of a baseline are not those of this study's parts and repeats")
        if self.best is not None and self.settings[self.best].score.value is None:
            raise ValueError("the best setting has no score")


def _of_length(length: int, *rows: Sequence[object]) -> bool:
    return all(len(row) == length for row in rows)
