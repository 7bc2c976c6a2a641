"""What the network does not get to see, and why."""

from __future__ import annotations

from collections.abc import Iterator

from core.data.columns import holds_dates, is_free_text, is_id_like
from core.data.copies import duplicate_columns
from core.data.finding import Finding, View
from core.data.words import counted, listed


def left_out(view: View) -> Iterator[Finding]:
    """Columns that are left out, with what is to be seen of the reason."""
    names = view.spec.drop
    if not names:
        return
    beside = set(view.features).union(names)
    copies = duplicate_columns(view.table, [name for name in view.table.names if name in beside])
    reasons: dict[str, list[str]] = {}
    for name in names:
        reasons.setdefault("copies of others" if name in copies else _reason(view, name), []).append(name)
    unexplained = reasons.pop("", [])
    told = [f"{listed(found)} ({reason})" for reason, found in reasons.items()]
    told += [listed(unexplained)] if unexplained else []
    yield Finding(
        kind="left_out", severity="note", title=f"{counted(len(names), 'column')} left out",
        meaning=f"The network does not get to see {'; '.join(told)}.",
        columns=names, remedy="Use it again" if len(names) == 1 else "Use them again", changes={"drop": ()},
    )  # fmt: skip


def _reason(view: View, name: str) -> str:
    """Why nothing can be learned from a column; empty if something could."""
    column = view.profile.column(name)
    if column.distinct == 0:
        return "no value"
    if column.distinct == 1 and (column.kind == "number" or not column.missing):
        return "the same in every row"
    if holds_dates(view.table, name):
        return "dates, which a network of this kind cannot read"
    if is_free_text(view.table, column):
        return "sentences, not categories"
    return "another value in nearly every row" if is_id_like(column, view.table.rows) else ""
