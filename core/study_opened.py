"""A study that has an answer, read once: what Compare and reports show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.nouns import BASELINE_WORDS, in_words, noun_of
from core.evaluation.words import count, format_difference, format_interval, format_number, format_percent
from core.progress import stopped_by
from core.record import ENDED, State
from core.spec import Setting, StudySpec
from core.spec.study import Member
from core.studies import Board, Study
from core.study_axes import Line, Point

POINTS = " percentage points"
PERCENT = ("accuracy", "balanced_accuracy")
RESULT_WORDS = {
    "best": "best",
    "tied": "tied with the best",
    "worse": "worse than the best",
    "diverged": "diverged: its cost ran away",
    "missing": "not finished",
}


@dataclass(frozen=True, eq=False)
class Answer:
    """A study that has an answer.

    Attributes:
        study: Its folder.
        spec: What was asked.
        result: As ``core/studies.py`` keeps it.
        board: How every member stands.
        state: Whether it finished or was stopped.
        problem: What else than the person's wish stopped it.
    """

    study: Study
    spec: StudySpec
    result: dict[str, Any]
    board: Board
    state: State = "finished"
    problem: str = ""

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        """All settings."""
        return self.spec.settings

    @cached_property
    def varied(self) -> tuple[str, ...]:
        """Axes with more than one value, the one with most values first."""
        axes = self.spec.grid.varied
        return tuple(sorted(axes, key=lambda axis: -len(set(getattr(self.spec.grid, axis)))))

    def said(self, words: str) -> str:
        """A sentence about rows, said of pictures where the comparison is about pictures."""
        return in_words(noun_of(self.spec.run), words)

    @property
    def percent(self) -> bool:
        """Whether scores are shares."""
        return self.result["metric"] in PERCENT

    @property
    def best_diverged(self) -> bool:
        """Whether even the best setting has a network that ran away, so that nothing should be built on it."""
        best = self.result["best"]
        return best is not None and bool(self.board.diverged[best * self.groups :][: self.groups].any())

    @property
    def cut_short(self) -> str:
        """A sentence on what stopped it before its end; empty where nothing did."""
        if self.state != "stopped":
            return ""
        training, board = self.spec.run.training, self.board
        waited = training.early_stopping & (board.epoch >= board.best_epoch + training.patience)
        through = int((board.ended & (board.diverged | waited | (board.epoch >= training.epochs))).sum())
        return (
            f"The comparison was stopped {stopped_by(self.problem)} before its end: {through:,} of "
            f"{count(len(self.members), 'network')} had ended; the others are judged as far as they had learned."
        )

    @property
    def groups(self) -> int:
        """How often each setting was trained."""
        return self.spec.folds * self.spec.seeds

    def score_words(self, found: dict[str, float | None] | None) -> str:
        """A score with its interval."""
        found = found or {}
        value, low, high = (found.get(name) for name in ("value", "low", "high"))
        return format_interval(value, low, high, percent=self.percent)

    def range_words(self, found: dict[str, float | None] | None) -> str:
        """The interval alone, such as ``79.0 % to 83.1 %``."""
        low, high = ((found or {}).get(name) for name in ("low", "high"))
        return "" if low is None or high is None else f"{self.value_words(low)} to {self.value_words(high)}"

    def difference_words(self, found: dict[str, float | None] | None) -> str:
        """A difference with its interval."""
        found = found or {}
        value, low, high = (found.get(name) for name in ("value", "low", "high"))
        words = format_difference(value, low, high, percent=self.percent)
        return "" if value is None else words.removesuffix(POINTS)

    def value_words(self, value: float | None) -> str:
        """A single score."""
        return format_percent(value, 1) if self.percent else format_number(self.readable(value))

    def readable(self, value: float | None) -> float | None:
        """R² without digits that mean nothing, so that it is 0 and not -4.9e-05; other scores as they are."""
        return value if value is None or self.result["metric"] != "r2" else round(value, 4) + 0.0

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """All networks."""
        return self.spec.members

    def member_words(self, place: int) -> str:
        """A member in words: its setting, the part held out from it, and the repeat."""
        setting, fold, seed = self.members[place]
        part = f"part {fold + 1}, " if self.spec.folds > 1 else ""
        return f"{self.spec.words[setting]} · {part}repeat {seed + 1}"

    def along(self, axis: str, held: dict[str, Any]) -> list[int]:
        """Settings whose other axes have the values in ``held``, with growing value on ``axis``."""
        found = [
            place
            for place, setting in enumerate(self.settings)
            if all(getattr(setting, name) == value for name, value in held.items() if name != axis)
        ]
        return sorted(found, key=lambda place: getattr(self.settings[place], axis))

    def points(self, axis: str, path: list[int]) -> list[Point]:
        """The path as the chart takes it."""
        return [self._point(axis, place) for place in path]

    def baselines(self) -> list[Line]:
        """The baselines that have a score."""
        found = [
            (BASELINE_WORDS.get(each["key"], each["label"]), self.readable(each["score"]["value"]))
            for each in self.result.get("baselines", ())
        ]
        return [Line(label, value) for label, value in found if value is not None]

    def _point(self, axis: str, place: int) -> Point:
        told = self.result["settings"][place]
        score = told["score"]
        value = float(getattr(self.settings[place], axis))
        mean, low, high = (self.readable(score[name]) for name in ("value", "low", "high"))
        return Point(value, mean, low, high, self.readable(told["train"]), told["result"])


def open_study(study: Study) -> Answer | None:
    """What an ended study holds, or None where it has no answer."""
    result = study.result()
    if result is None or not any(each["score"]["value"] is not None for each in result["settings"]):
        return None
    noun = noun_of(study.spec.run)
    told = {
        "sentence": in_words(noun, result["sentence"]),
        "points": [in_words(noun, each) for each in result["points"]],
    }
    end = next((event for event in study.events() if event["event"] in ENDED), {})
    state, problem = end.get("event", "finished"), end.get("problem", "")
    return Answer(study, study.spec, result | told, study.board(), state, problem)


def settings_table(answer: Answer) -> pd.DataFrame:
    """A row a setting, in the order of the grid."""
    told = answer.result["settings"]
    factor = 100 if answer.percent else 1
    return pd.DataFrame(
        {
            "Setting": list(answer.spec.words),
            "Result": [RESULT_WORDS[each["result"]] for each in told],
            "Score": [_times(each["score"]["value"], factor) for each in told],
            "95 % interval": [answer.range_words(each["score"]) for each in told],
            "On learned rows": [_times(each["train"], factor) for each in told],
            "Minus the best": [_against(answer, each) for each in told],
        }
    )


def members_table(answer: Answer, setting: int) -> pd.DataFrame:
    """A row a network of a setting."""
    told = answer.result["settings"][setting]
    factor, start = (100 if answer.percent else 1), setting * answer.groups
    places = range(start, start + answer.groups)
    diverged, best = answer.board.diverged[start:][: answer.groups], answer.board.best_epoch[start:][: answer.groups]
    return pd.DataFrame(
        {
            "Part held out": [answer.members[place].fold + 1 for place in places],
            "Repeat": [answer.members[place].seed + 1 for place in places],
            "Score": [_times(value, factor) for value in told["scores"]],
            "On learned rows": [_times(value, factor) for value in told["train_scores"]],
            "Best epoch": [int(epoch) if epoch > 0 else None for epoch in best],
            "State": [
                "diverged" if lost else "not finished" if score is None else "finished"
                for lost, score in zip(diverged, told["scores"], strict=True)
            ],
        }
    )


def all_members_table(answer: Answer) -> pd.DataFrame:
    """Every network of the study, its setting in words before it."""
    frames = [members_table(answer, place).assign(Setting=words) for place, words in enumerate(answer.spec.words)]
    table = pd.concat(frames, ignore_index=True)
    return table[["Setting", *(name for name in table.columns if name != "Setting")]]


def _against(answer: Answer, told: dict[str, Any]) -> str:
    return "" if told["result"] == "best" else answer.difference_words(told["versus_best"])


def _times(value: float | None, factor: float) -> float:
    return np.nan if value is None else factor * value
