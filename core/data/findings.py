"""Everything worth knowing about a table before learning from it, heaviest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.data import findings_columns, findings_rows, findings_target
from core.data.dataset import check_columns
from core.data.finding import Finding, View
from core.data.findings_leak import leaks
from core.data.findings_left_out import left_out
from core.data.splits import ENOUGH_ROWS
from core.data.table import Table
from core.errors import UserError
from core.spec import DataSpec

__all__ = ["Finding", "findings"]

SEVERITIES = ("problem", "warning", "note")
Check = Callable[[View], Iterator[Finding]]

# Among findings of the same severity, earlier checks are heavier.
ABOUT_TARGET: tuple[Check, ...] = (findings_target.unfit_target, leaks)
ABOUT_CLASSES: tuple[Check, ...] = (
    findings_target.many_classes,
    findings_target.few_rows_in_class,
    findings_target.imbalance,
)
ABOUT_ALL: tuple[Check, ...] = (
    findings_rows.few_rows,
    findings_rows.repeated_ids,
    findings_rows.few_groups,
    findings_columns.id_like,
    findings_columns.useless_texts,
    findings_columns.missing,
    findings_columns.infinite,
    findings_rows.duplicate_rows,
    findings_rows.wide,
    findings_columns.skew,
    findings_columns.scales,
    findings_columns.empty,
    findings_columns.constant,
    findings_columns.duplicates,
    findings_columns.many_categories,
    left_out,
)


def findings(table: Table, spec: DataSpec) -> list[Finding]:
    """What is wrong, weak or good to know, at most one finding a kind; never raises for a bad table."""
    unknown = list(_unknown_columns(table, spec))
    if unknown:
        return unknown
    view = View(table, spec)
    checks: list[Check] = []
    if view.has_target:
        checks.append(findings_target.missing_target)
        if len(view.rows) >= ENOUGH_ROWS:
            checks += ABOUT_TARGET if spec.task == "regression" else (*ABOUT_TARGET, *ABOUT_CLASSES)
    found = [finding for check in (*checks, *ABOUT_ALL) for finding in check(view)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def _unknown_columns(table: Table, spec: DataSpec) -> Iterator[Finding]:
    try:
        check_columns(table, spec)
    except UserError as error:
        there = set(table.names)
        changes: dict[str, object] = {
            "drop": tuple(name for name in spec.drop if name in there and name != spec.target)
        }
        for use in ("target", "id_column", "group_column"):
            name = getattr(spec, use)
            if name and (name not in there or (use != "target" and name == spec.target)):
                changes[use] = "" if use == "target" else None
        yield Finding(
            kind="unknown_columns", severity="problem", title="The choices do not fit this table", meaning=str(error),
            remedy="Clear what does not fit", changes=changes,
        )  # fmt: skip
