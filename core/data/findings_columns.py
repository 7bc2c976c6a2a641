"""What is worth knowing about the columns that are learned from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.data.blocks import row_blocks, usable
from core.data.columns import holds_dates, is_free_text, is_id_like
from core.data.copies import duplicate_columns
from core.data.dataset import missing_anywhere
from core.data.finding import Finding, View
from core.data.preprocess import MOST_CATEGORIES
from core.data.propose import propose_scaling
from core.data.words import counted, listed, quoted

MUCH = 0.5
SOME = 0.2
SCALES = 1000


def _columns(names: Sequence[str]) -> str:
    return counted(len(names), "column")


def _leave_out(names: Sequence[str]) -> str:
    return "Leave it out" if len(names) == 1 else "Leave them out"


def empty(view: View) -> Iterator[Finding]:
    """Columns without any value."""
    numbers = view.numbers_where(view.profile.numbers.distinct[view.number_places] == 0)
    names = [*numbers, *(column.name for column in view.text_features if column.distinct == 0)]
    if names:
        yield Finding(
            kind="empty", severity="note", title=f"{_columns(names)} without any value",
            meaning=f"{listed(names)}: nothing can be learned from empty cells, so the network does not get to see "
            "them.",
            columns=tuple(names), remedy=_leave_out(names), changes=view.without(names),
        )  # fmt: skip


def constant(view: View) -> Iterator[Finding]:
    """Columns that say the same in every row."""
    numbers = view.numbers_where(view.profile.numbers.distinct[view.number_places] == 1)
    names = [*numbers, *(column.name for column in view.text_features if column.distinct == 1 and not column.missing)]
    if names:
        yield Finding(
            kind="constant", severity="note", title=f"{_columns(names)} with one value only",
            meaning=f"{listed(names)}: what is the same in every row cannot tell rows apart, so the network does not "
            "get to see it.",
            columns=tuple(names), remedy=_leave_out(names), changes=view.without(names),
        )  # fmt: skip


def duplicates(view: View) -> Iterator[Finding]:
    """Columns that repeat another one."""
    known = view.profile.numbers.distinct
    varied = [name for name in view.features if name in view.table.texts or known[view.table.number_index[name]] > 1]
    copies = duplicate_columns(view.table, varied)
    if copies:
        first = next(iter(copies))
        yield Finding(
            kind="duplicate_columns", severity="note", title=f"{_columns(list(copies))} repeat another one",
            meaning=f"{listed(list(copies))} (for example {quoted(first)} equals {quoted(copies[first])} in every "
            "row). A copy teaches nothing new, and hides how much its original matters.",
            columns=tuple(copies), remedy="Leave the copies out", changes=view.without(list(copies)),
        )  # fmt: skip


def missing(view: View) -> Iterator[Finding]:
    """Cells without a value."""
    share = _missing_shares(view)
    if not share:
        return
    sparse = [name for name in share if share[name] > MUCH]
    lost = missing_anywhere(view.table, list(share))[view.rows].mean() if len(view.rows) else 1.0
    remedy, changes = "", {}
    if view.spec.missing_values == "drop_rows":
        remedy, changes = "Fill them instead", {"missing_values": "fill"}
    elif sparse:
        remedy, changes = f"Leave out {listed(sparse, 2)}", view.without(sparse)
    elif lost <= SOME:
        remedy, changes = "Leave those rows out", {"missing_values": "drop_rows"}
    dropping = view.spec.missing_values == "drop_rows"
    texts = " (texts: counted as unknown)" if any(name in view.table.texts for name in share) else ""
    done = "left out" if dropping else f"filled with the average of the training rows{texts}"
    yield Finding(
        kind="missing", severity="warning" if sparse or (dropping and lost > SOME) else "note",
        title=f"Missing values in {_columns(list(share))}",
        meaning=f"{_lacking_words(share)}. {_percent(lost)} of the rows are concerned; "
        f"{'they' if dropping else 'empty cells'} are {done}.",
        columns=tuple(share), remedy=remedy, changes=changes,
    )  # fmt: skip


def _lacking_words(share: dict[str, float]) -> str:
    """Which columns lack values, and how many of them."""
    most = max(share, key=lambda name: share[name])
    if len(share) == 1:
        return f"{quoted(most)} lacks {_percent(share[most])} of its values"
    return f"{listed(list(share))} lack values, {quoted(most)} most ({_percent(share[most])})"


def _percent(share: float) -> str:
    """A share in whole percent; neither none nor all unless it is."""
    if 0 < share < 0.005:
        return "less than 1%"
    return "more than 99%" if 0.995 <= share < 1 else f"{share:.0%}"


def _missing_shares(view: View) -> dict[str, float]:
    """Share of missing cells, among the rows with a target, of each feature that lacks some, but not all."""
    numbers = view.profile.numbers
    lacking = (numbers.missing[view.number_places] > 0) & (numbers.distinct[view.number_places] > 0)
    counts = {name: int(numbers.missing[view.table.number_index[name]]) for name in view.numbers_where(lacking)}
    counts |= {column.name: column.missing for column in view.text_features if column.missing and column.distinct}
    if 0 < len(view.rows) < view.table.rows:
        counts = _missing_with_target(view, list(counts))
    rows = len(view.rows) or view.table.rows
    return {name: counts[name] / rows for name in view.features if counts.get(name)}


def _missing_with_target(view: View, names: Sequence[str]) -> dict[str, int]:
    """Missing cells of each column among the rows whose target is known."""
    table, rows = view.table, view.rows
    numbers = [name for name in names if name not in table.texts]
    places = [table.number_index[name] for name in numbers]
    counts = np.zeros(len(places), np.int64)
    for block in row_blocks(len(rows), len(places)):
        counts += (~np.isfinite(usable(table.numbers[rows[block]][:, places]))).sum(axis=0)
    texts = {name: int((np.asarray(table.texts[name].codes)[rows] < 0).sum()) for name in names if name in table.texts}
    return dict(zip(numbers, counts.tolist(), strict=True)) | texts


def infinite(view: View) -> Iterator[Finding]:
    """Numbers that no network can take."""
    names = view.numbers_where(view.profile.numbers.infinite[view.number_places] > 0)
    if names:
        yield Finding(
            kind="infinite", severity="warning", title=f"Infinite or huge numbers in {_columns(names)}",
            meaning=f"{listed(names)} hold infinite numbers or some beyond 10 to the 37th, which often stand for a "
            "division by zero. Those cells count as missing.",
            columns=tuple(names), remedy=_leave_out(names), changes=view.without(names),
        )  # fmt: skip


def useless_texts(view: View) -> Iterator[Finding]:
    """Dates and free texts, which would be learned by heart."""
    dates = [column.name for column in view.text_features if holds_dates(view.table, column.name)]
    free = [
        column.name for column in view.text_features if is_free_text(view.table, column) and column.name not in dates
    ]
    for kind, names, what in (("dates", dates, "dates"), ("free_text", free, "free text")):
        if names:
            yield Finding(
                kind=kind, severity="warning", title=f"{_columns(names)} of {what}",
                meaning=f"{listed(names)}: the network takes every different text as a category of its own, which a "
                "new row will not have. Leave it out, or turn it into numbers first.",
                columns=tuple(names), remedy=_leave_out(names), changes=view.without(names),
            )  # fmt: skip


def id_like(view: View) -> Iterator[Finding]:
    """Columns that only name the rows."""
    columns = [*map(view.profile.column, view.number_features), *view.text_features] if view.features else []
    names = [
        column.name for column in columns
        if is_id_like(column, view.table.rows)
        and not holds_dates(view.table, column.name) and not is_free_text(view.table, column)
    ]  # fmt: skip
    if names:
        as_name = view.spec.id_column is None and len(names) == 1
        yield Finding(
            kind="id_like", severity="warning", title=f"{_columns(names)} that only name the rows",
            meaning=f"{listed(names)}: nearly every row has a value of its own. A network can learn such names by "
            "heart and understand nothing.",
            columns=tuple(names), remedy="Use it to name the rows" if as_name else _leave_out(names),
            changes={"id_column": names[0]} if as_name else view.without(names),
        )  # fmt: skip


def many_categories(view: View) -> Iterator[Finding]:
    """Texts with more categories than the network will see."""
    names = [
        column.name for column in view.text_features
        if column.distinct > MOST_CATEGORIES and not is_id_like(column, view.table.rows)
    ]  # fmt: skip
    if names:
        yield Finding(
            kind="many_categories", severity="note",
            title=f"{_columns(names)} with more than {MOST_CATEGORIES} categories",
            meaning=f"{listed(names)}: the {MOST_CATEGORIES} most frequent of the training rows are used, all others "
            "count as unknown.",
            columns=tuple(names), remedy=_leave_out(names), changes=view.without(names),
        )  # fmt: skip


def scales(view: View) -> Iterator[Finding]:
    """Features of very different size."""
    spread = view.profile.numbers.std[view.number_places]
    varied = spread > 0
    if not varied.any() or spread[varied].max() < SCALES * spread[varied].min():
        return
    small, large = (view.number_features[place] for place in (np.argmin(np.where(varied, spread, np.inf)),
                                                              np.argmax(np.where(varied, spread, 0))))  # fmt: skip
    unscaled = view.spec.scaling == "none"
    yield Finding(
        kind="scales", severity="warning" if unscaled else "note", title="Wildly different scales",
        meaning=f"{quoted(large)} varies more than {SCALES:,} times as much as {quoted(small)}. "
        + ("Large numbers drown small ones." if unscaled else "The chosen scaling brings them to the same size."),
        columns=(small, large), remedy="Standardise" if unscaled else "",
        changes={"scaling": "standard"} if unscaled else {},
    )  # fmt: skip


def skew(view: View) -> Iterator[Finding]:
    """Most features have a few very large values."""
    scaling, names = propose_scaling(view.profile, set(view.features))
    if scaling == "log" and view.spec.scaling != "log":
        yield Finding(
            kind="skew", severity="note", title="Most features are skewed",
            meaning=f"{listed(names)}: many small values and a few very large ones, to which the network would give "
            "most of its attention. The logarithm tames them.",
            columns=tuple(names), remedy="Take the logarithm first", changes={"scaling": "log"},
        )  # fmt: skip
