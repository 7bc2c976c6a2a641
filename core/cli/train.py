"""``python -m core train DATA --target COLUMN``."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from core.cli.common import add_workspace, answer, column_name, tell, upload
from core.data.findings import findings
from core.data.join import join
from core.data.load import load_joined
from core.data.propose import propose
from core.data.propose_join import propose_join
from core.data.table import Table
from core.draft import set_values
from core.engine import Engine
from core.errors import UserError
from core.progress import Progress, progress
from core.proposal import propose_run, propose_source, with_data, with_preset
from core.runs import Run
from core.spec import DataSpec, Join, RunConfig
from core.training import answer as answer_question
from core.workspace import Workspace


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("train", help="train a network on a table")
    parser.add_argument("data", metavar="DATA", help="CSV, TSV, Excel or Parquet file")
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
    parser.add_argument("--open-test", action="store_true", help="also open the sealed test rows")
    add_workspace(parser)
    parser.set_defaults(run=train)


def train(options: argparse.Namespace) -> int:
    """Do what the pages would do; 0 when the run finished."""
    began = time.monotonic()
    workspace = Workspace(options.workspace)
    config, table = configure(options, workspace)
    found = findings(table, config.data)
    for finding in found:
        tell(f"{finding.severity}: {finding.title}")
    engine = Engine(workspace)
    run = Run.create(workspace, config)
    engine.submit(run)
    told = follow(engine, run)
    if told.state != "finished":
        raise UserError(told.problem or "The run was stopped.", told.remedy)
    test = None
    if options.open_test:
        test = engine.ask(answer_question, "open_test", str(workspace.root), run.id)
    metrics = run.metrics() or {}
    answer(
        {
            "run": run.id,
            "status": told.state,
            "metrics": {"validation": _values(metrics, "validation"), "test": _values(test, "test")},
            "baseline": {"validation": _baseline(metrics)},
            "findings": [finding.model_dump(mode="json") for finding in found],
            "seconds": round(time.monotonic() - began, 3),
        }
    )
    return 0


def configure(options: argparse.Namespace, workspace: Workspace) -> tuple[RunConfig, Table]:
    """The run that the options describe: what the pages would propose, then --config, then --set."""
    given = _given(options)
    data, table = _data(options, workspace, given)
    config = propose_run(data, table)
    name = given.pop("network.preset", None)
    if name is not None and name != config.network.preset:
        config = with_preset(config, str(name), table)
    if not given:
        return config, table
    changed = set_values(config, _loss_for_task(config, given))
    if changed.data != config.data and not any(key.startswith("network.") for key in given):
        changed = with_data(config, changed.data, table)
        changed = set_values(changed, _loss_for_task(changed, given))
    if any(key.startswith("network.layers") for key in given) and name is None:
        changed = set_values(changed, {"network.preset": "custom"})
    return changed, load_joined(workspace, changed.data)


def follow(engine: Engine, run: Run) -> Progress:
    """Tell the epochs until the run has ended."""
    shown = -1
    while True:
        told = progress(run)
        if told.history and told.epoch != shown:
            shown, last = told.epoch, told.history[-1]
            tell(f"epoch {shown}: loss {_short(last['loss'])}, validation loss {_short(last['val_loss'])}")
        if told.ended:
            return told
        engine.recover_silent(run)
        time.sleep(0.1)


def _data(options: argparse.Namespace, workspace: Workspace, given: dict[str, Any]) -> tuple[DataSpec, Table]:
    source, table = propose_source(workspace, *upload(workspace, options.data), options.transpose or None)
    format = {
        path.rpartition(".")[2]: given.pop(path) for path in list(given) if path.startswith("data.source.format.")
    }
    if format:
        from core.data.load import load_table

        source = source.change(format=source.format.change(**format).model_dump())
        table = load_table(workspace, source)
    joined = None
    if options.join:
        other, right = propose_source(workspace, *upload(workspace, options.join))
        on = column_name(table, options.on) if options.on else propose_join(table, right)
        joined = Join(source=other, on=on)
        table = join(table, right, on)
    wish = options.target or given.pop("data.target", None)
    if not wish:
        proposed = propose(table, source, joined)
        if not proposed.target:
            raise UserError("No column of this table looks like a target.", "Name one with --target.")
        tell(f"target: {proposed.target[:60]}")
    target = column_name(table, str(wish)) if wish else proposed.target
    data = propose(table, source, joined, target)
    changes: dict[str, Any] = {}
    if options.group:
        changes["group_column"] = column_name(table, options.group)
    if options.drop:
        changes["drop"] = tuple(dict.fromkeys([*data.drop, *(column_name(table, name) for name in options.drop)]))
    return (data.change(**changes) if changes else data), table


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """Settings from --config and then --set, by their paths."""
    given: dict[str, Any] = {}
    if options.config:
        try:
            values = json.loads(Path(options.config).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(f"{options.config[:200]} is not readable as JSON: {error}.", "Correct the file.") from None
        given = _paths(values)
    for item in options.set:
        path, equals, value = item.partition("=")
        if not equals:
            raise UserError(f"--set takes PATH=VALUE, got {item[:60]!r}.", "Such as --set training.epochs=50.")
        try:
            given[path] = json.loads(value)
        except ValueError:
            given[path] = value
    return given


def _paths(values: Any, before: str = "") -> dict[str, Any]:
    """Nested settings as paths; which file is read comes from the command line, never from a config."""
    if not isinstance(values, dict):
        raise UserError("A config file holds a JSON object of settings.", "See the config.json of any run.")
    found: dict[str, Any] = {}
    for key, value in values.items():
        path = f"{before}{key}"
        if path in ("version", "data.join", "data.source.fingerprint", "data.source.name"):
            continue
        if isinstance(value, dict):
            found |= _paths(value, f"{path}.")
        else:
            found[path] = value
    return found


def _loss_for_task(config: RunConfig, given: dict[str, Any]) -> dict[str, Any]:
    """A changed task brings its own loss, unless one is given."""
    from core.spec import LOSSES

    task = given.get("data.task", config.data.task)
    loss = given.get("training.loss", config.training.loss)
    if task in LOSSES and loss not in LOSSES[task] and "training.loss" not in given:
        return {**given, "training.loss": LOSSES[task][0]}
    return given


def _values(report: dict[str, Any] | None, part: str) -> dict[str, Any] | None:
    if report is None:
        return None
    return {key: found["value"] for key, found in report["parts"][part]["metrics"].items()}


def _baseline(report: dict[str, Any]) -> dict[str, Any]:
    """Scores of each baseline on the validation rows."""
    return {
        line["key"]: {key: found["value"] for key, found in line["parts"].get("validation", {}).items()}
        for line in report.get("baselines", [])
    }


def _short(value: float | None) -> str:
    return "not a number" if value is None else f"{value:.4f}"
