"""``python -m core train DATA --target COLUMN``, and ``python -m core train IMAGES.zip``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.cli.common import add_workspace, answer, tell
from core.cli.image_settings import configure_images
from core.cli.kind import holds_pictures
from core.cli.settings import add_choices, configure
from core.data.finding import Finding
from core.data.findings import findings
from core.data.images.findings import image_findings
from core.engine import Engine
from core.errors import UserError
from core.progress import Progress, progress
from core.runs import Run
from core.spec import AnyConfig
from core.training import answer as answer_question
from core.workspace import Workspace

READING = "reading"


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("train", help="train a network on a table or on pictures")
    add_choices(parser)
    parser.add_argument("--open-test", action="store_true", help="also open the sealed test rows")
    add_workspace(parser)
    parser.set_defaults(run=train)


def train(options: argparse.Namespace) -> int:
    """Do what the pages would do; 0 when the run finished. The closing JSON object comes whatever happened."""
    outcome = Outcome(time.monotonic())
    try:
        _train(options, outcome)
    except BaseException:
        answer(outcome.values())
        raise
    answer(outcome.values())
    return 0


@dataclass
class Outcome:
    """What is known so far of what the closing JSON object tells."""

    began: float
    run: Run | None = None
    found: list[Finding] = field(default_factory=list)
    test: dict[str, Any] | None = None

    def values(self) -> dict[str, Any]:
        """The closing JSON object; what there is not (yet) is null, and a run that never began has failed."""
        state = progress(self.run).state if self.run else "failed"
        metrics = self.run.metrics() if self.run and state in ("finished", "stopped") else None
        return {
            "run": self.run.id if self.run else None,
            "status": state,
            "metrics": {"validation": _values(metrics, "validation"), "test": _values(self.test, "test")},
            "baseline": {"validation": _baseline(metrics)},
            "findings": [finding.model_dump(mode="json") for finding in self.found],
            "seconds": round(time.monotonic() - self.began, 3),
        }


def _train(options: argparse.Namespace, outcome: Outcome) -> None:
    workspace = Workspace(options.workspace)
    config, found, notes = _chosen(options, workspace)
    if options.open_test and not config.data.split.test:
        raise UserError(
            "There are no sealed test rows to open: their share is 0.", "Give them a share: data.split.test."
        )
    for note in notes:
        tell(f"reading: {note}")
    outcome.found = [*found, *_reading(notes)]
    for finding in outcome.found:
        if finding.kind != READING:
            tell(f"{finding.severity}: {finding.title}")
    engine = Engine(workspace)
    outcome.run = run = Run.create(workspace, config)
    told = _follow_or_stop(engine, run)
    if told.state != "finished":
        raise UserError(told.problem or "The run was stopped.", told.remedy)
    if options.open_test:
        outcome.test = engine.ask(answer_question, "open_test", str(workspace.root), run.id)


def _chosen(options: argparse.Namespace, workspace: Workspace) -> tuple[AnyConfig, list[Finding], Sequence[str]]:
    """The run that the options describe, findings about its data, and what was done while they were read."""
    if holds_pictures(options.data):
        images, image_set = configure_images(options, workspace)
        return images, image_findings(image_set, images.data), image_set.notes
    config, table = configure(options, workspace)
    return config, findings(table, config.data), table.notes


def _reading(notes: Sequence[str]) -> list[Finding]:
    """What the reader did to the files, as the last of the findings."""
    title = "What was done to the file while it was read"
    return [Finding(kind=READING, severity="note", title=title, meaning=" ".join(notes))] if notes else []


def _follow_or_stop(engine: Engine, run: Run) -> Progress:
    """Train; Ctrl+C stops the run, which keeps what was learned so far, and a second one leaves at once."""
    try:
        engine.submit(run)
        return follow(engine, run)
    except KeyboardInterrupt:
        tell("Stopping. What was learned so far is kept.")
        engine.stop(run)
        return follow(engine, run)


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


def _values(report: dict[str, Any] | None, part: str) -> dict[str, Any] | None:
    if report is None:
        return None
    return {key: found["value"] for key, found in report["parts"][part]["metrics"].items()}


def _baseline(report: dict[str, Any] | None) -> dict[str, Any] | None:
    """Scores of each baseline on the validation rows."""
    if report is None:
        return None
    return {
        line["key"]: {key: found["value"] for key, found in line["parts"].get("validation", {}).items()}
        for line in report.get("baselines", [])
    }


def _short(value: float | None) -> str:
    return "not a number" if value is None else f"{value:.4f}"
