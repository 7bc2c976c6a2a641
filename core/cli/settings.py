"""What the options of ``train`` describe: what the pages would propose, then --config, then options, then --set."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from core.cli.common import column_name, tell, upload
from core.data.join import join, partner
from core.data.load import load_joined, load_table
from core.data.propose import propose
from core.data.propose_join import propose_join
from core.data.table import Table
from core.draft import set_values
from core.errors import UserError
from core.proposal import Read, propose_run, propose_source, turned_to_fit, with_preset
from core.spec import LOSSES, DataSpec, Join, RunConfig, TrainingSpec
from core.workspace import Workspace

Given = dict[str, Any]
FORMAT = "data.source.format."
JOINED_FORMAT = "data.join.source.format."
# Which files are read, and in which version of the format, is said on the command line and never by a config.
NOT_FROM_CONFIG = ("version", "data.join", "data.source.fingerprint", "data.source.name")


def add_choices(parser: argparse.ArgumentParser) -> None:
    """The table, and everything that can be chosen about it and the network."""
    parser.add_argument("data", metavar="DATA", help="CSV, TSV, Excel or Parquet file; for pictures, a zip or folder")
    parser.add_argument("--target", metavar="COLUMN", help="what to predict: a column's name, or its position from 1")
    parser.add_argument("--group", metavar="COLUMN", help="rows with the same value stay on one side of the split")
    parser.add_argument("--drop", metavar="COLUMN", action="append", default=[], help="leave a column out (repeatable)")
    parser.add_argument("--join", metavar="FILE", help="a second table whose rows belong to the first one's")
    parser.add_argument(
        "--on", metavar="COLUMN", help="the column that both tables share (default: found, or by order)"
    )
    parser.add_argument("--transpose", action="store_true", help="swap rows and columns of DATA")
    parser.add_argument("--config", metavar="FILE", help="settings as JSON, as in a run's config.json, or a part of it")
    parser.add_argument(
        "--set", metavar="PATH=VALUE", action="append", default=[], help="one setting, e.g. training.epochs=50"
    )


def configure(options: argparse.Namespace, workspace: Workspace) -> tuple[RunConfig, Table]:
    """The run that the options describe, and its table: first the data, then a network that suits them."""
    given = given_settings(options)
    data, table = _data(options, workspace, given)
    if about_data := {path: given.pop(path) for path in list(given) if path.startswith("data.")}:
        config = RunConfig(data=data, training=TrainingSpec(loss=LOSSES[data.task][0]))
        data = set_values(config, _loss_for_task(about_data)).data
        table = load_joined(workspace, data)
    preset = given.pop("network.preset", None)
    config = propose_run(data, table)
    if preset is not None:
        config = with_preset(config, str(preset), table)
    changed = set_values(config, given)
    if changed.network.layers != config.network.layers:
        changed = set_values(changed, {"network.preset": "custom"})
    return changed, table


def given_settings(options: argparse.Namespace) -> Given:
    """Settings by their paths: those of --config, replaced by the other options, replaced by --set."""
    given = _config(options.config) if options.config else {}
    if options.transpose:
        given[f"{FORMAT}transpose"] = True
    if options.target:
        given["data.target"] = options.target
    if options.group:
        given["data.group_column"] = options.group
    for item in options.set:
        path, equals, value = item.partition("=")
        if not equals:
            raise UserError(f"--set takes PATH=VALUE, got {item[:60]!r}.", "Such as --set training.epochs=50.")
        try:
            given[path] = json.loads(value)
        except ValueError:
            given[path] = value
    return given


def _config(name: str) -> Given:
    try:
        values = json.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{name[:200]} is not readable as JSON: {error}.", "Correct the file.") from None
    return _paths(values)


def _paths(values: Any, before: str = "") -> Given:
    """Nested settings as paths."""
    if not isinstance(values, dict):
        raise UserError("A config file holds a JSON object of settings.", "See the config.json of any run.")
    found: Given = {}
    for key, value in values.items():
        path = f"{before}{key}"
        if path in NOT_FROM_CONFIG:
            continue
        if isinstance(value, dict):
            found |= _paths(value, f"{path}.")
        else:
            found[path] = value
    return found


def _data(options: argparse.Namespace, workspace: Workspace, given: Given) -> tuple[DataSpec, Table]:
    """The table and what is proposed for it, around the columns that were named."""
    turned = any(f"{prefix}transpose" in given for prefix in (FORMAT, JOINED_FORMAT))
    source, table = first = _source(workspace, options.data, given, FORMAT)
    joined = None
    if options.join:
        second = _source(workspace, options.join, given, JOINED_FORMAT)
        (source, table), (other, right) = (first, second) if turned else turned_to_fit(workspace, first, second)
        joined = Join(source=other, on=_key(options.on, table, right))
        table = join(table, right, joined.on)
    wish = given.pop("data.target", None)
    data = propose(table, source, joined, column_name(table, str(wish)) if wish else None)
    if not data.target:
        raise UserError("No column of this table looks like a target.", "Name one with --target.")
    if not wish:
        tell(f"target: {data.target[:60]}")
    return data.change(**_columns(data, table, options.drop, given)), table


def _key(wish: str | None, left: Table, right: Table) -> str | None:
    """The column of ``left`` by which both are matched; a person may name that of either table."""
    if not wish:
        return propose_join(left, right)
    if wish in left.names or wish not in right.names:
        return column_name(left, wish)
    return partner(left, right, wish)


def _source(workspace: Workspace, name: str, given: Given, prefix: str) -> Read:
    """A file as it looks, except for what was said about its format."""
    format = {path.removeprefix(prefix): given.pop(path) for path in list(given) if path.startswith(prefix)}
    transpose = format.get("transpose")
    source, table = propose_source(
        workspace, *upload(workspace, name), transpose if transpose in (True, False) else None
    )
    if not format:
        return source, table
    source = source.change(format=source.format.change(**format).model_dump())
    return source, load_table(workspace, source)


def _columns(data: DataSpec, table: Table, drop: list[str], given: Given) -> Given:
    """Columns that were given by name or position, as fields of `DataSpec`; --drop adds to what is left out anyway."""
    changes: Given = {}
    for field in ("group_column", "id_column"):
        if f"data.{field}" in given:
            wish = given.pop(f"data.{field}")
            changes[field] = None if wish is None else column_name(table, str(wish))
    left_out = data.change(drop=given.pop("data.drop", data.drop)).drop
    changes["drop"] = tuple(dict.fromkeys([*left_out, *(column_name(table, name) for name in drop)]))
    return changes


def _loss_for_task(given: Given) -> Given:
    """A given task brings a loss that suits it; the one that was wished for comes with the training."""
    task = given.get("data.task")
    return {**given, "training.loss": LOSSES[task][0]} if task in LOSSES else given
