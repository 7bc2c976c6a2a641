"""One case: the values of all features, where they come from, and what the person changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st

from core.data.schema import FeatureSchema, Schema
from pages.parts.results_opened import Opened
from pages.parts.tables import table_of

Value = float | str | None
Values = dict[str, Value]


@dataclass(frozen=True, eq=False)
class Known:
    """What the training rows showed of each feature, in the order of the schema."""

    schema: Schema

    @cached_property
    def features(self) -> dict[str, FeatureSchema]:
        """By name."""
        return {feature.name: feature for feature in self.schema.features}

    @cached_property
    def typical(self) -> Values:
        """The median of each number, the most frequent of each text, which may be none."""
        return {feature.name: _typical(feature) for feature in self.schema.features}


def known(shown: Opened) -> Known:
    """The features of a run, read once."""
    return _known(str(shown.run.workspace.root), shown.run.id, _shown=shown)


@st.cache_resource(max_entries=4, show_spinner=False)
def _known(root: str, run: str, _shown: Opened) -> Known:
    return Known(Schema.from_dict(_shown.facts["schema"]))


@dataclass
class Case:
    """What is asked about: a typical case or a validation row, and the person's changes to it.

    Attributes:
        place: Position among the validation rows, or None for a typical case.
        base: The values that it starts from.
        changes: Values that the person typed, by feature.
    """

    place: int | None
    base: Values
    changes: Values

    @property
    def values(self) -> Values:
        """All features as they are asked."""
        return {**self.base, **self.changes}

    @property
    def changed(self) -> bool:
        """Whether the person moved away from the base."""
        return any(self.base.get(name) != value for name, value in self.changes.items())


def case_of(shown: Opened) -> Case:
    """The case that this person looks at for this run; it survives leaving the page."""
    cases: dict[str, Case] = st.session_state.setdefault("predict_cases", {})
    if shown.run.id not in cases:
        cases[shown.run.id] = Case(None, known(shown).typical, {})
    return cases[shown.run.id]


def start_over(shown: Opened) -> None:
    """Back to a typical case."""
    _replace(shown, Case(None, known(shown).typical, {}))


def take_unseen_row(shown: Opened) -> None:
    """Take a random validation row, another one than before; raises `UserError` if the table is gone."""
    before = case_of(shown).place
    places = [place for place in range(len(shown.rows)) if place != before] or [0]
    place = int(np.random.default_rng().choice(places))
    _replace(shown, Case(place, row_values(shown, place), {}))


def row_values(shown: Opened, place: int) -> Values:
    """The features of a validation row as the network receives them; raises `UserError` if the table is gone."""
    table = table_of(shown.table_data)
    row = int(shown.rows["row"].iloc[place]) - 1
    numbers = table.numbers[row]
    values: Values = {}
    for name, feature in known(shown).features.items():
        if feature.kind == "number":
            values[name] = readable(float(numbers[table.number_index[name]]))
        else:
            text = table.texts[name]
            code = int(text.codes[row])
            values[name] = text.values[code] if code >= 0 else None
    return values


def readable(value: float | None) -> float | None:
    """A float32 as people write it: 0.3 for 0.30000001; None where there is none."""
    return None if value is None or not np.isfinite(value) else float(str(np.float32(value)))


def outside(feature: FeatureSchema, value: Value) -> str:
    """A sentence if the training rows never showed such a value, else empty."""
    if feature.kind == "text" or value is None or isinstance(value, str):
        unknown = isinstance(value, str) and value not in feature.categories
        return "the network has not learned this category; it counts as unknown" if unknown else ""
    low, high = readable(feature.minimum), readable(feature.maximum)
    if low is None or high is None:
        return "the network has never seen a value here"
    return "" if low <= value <= high else f"outside what the network has seen: {low:g} to {high:g}"


def words(value: Value) -> str:
    """A value for a chart or a sentence."""
    return "missing" if value is None else value if isinstance(value, str) else f"{value:g}"


def forget_fields(run_id: str) -> None:
    """Let every field of the form be filled anew."""
    for key in [key for key in st.session_state if str(key).startswith(f"predict:{run_id}:")]:
        del st.session_state[key]


def _replace(shown: Opened, case: Case) -> None:
    st.session_state["predict_cases"][shown.run.id] = case
    forget_fields(shown.run.id)


def _typical(feature: FeatureSchema) -> Value:
    if feature.kind == "text":
        return None if feature.mostly_missing else next(iter(feature.categories), None)
    middle = readable(feature.median)
    if middle is None:
        return None
    # The middle of two single-precision numbers has more digits than either was written with.
    return float(round(middle)) if feature.whole else float(f"{middle:.7g}")


def asked(values: Mapping[str, Value]) -> Values:
    """The values as a worker takes them, without those that are missing."""
    return {name: value for name, value in values.items() if value is not None}
