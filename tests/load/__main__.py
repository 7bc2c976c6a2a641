"""``python -m tests.load --visitors 30 --minutes 5``: many visitors at once, each in a websocket session of its own.

Serves the app on this machine, lets simulated visitors upload, train and look, and prints one JSON object with the
figures; the exit code is 0 only where every goal is met: no error, nobody sees anything of anybody else's, page reruns'
95th percentile under a second, web process under 600 MB, every run ended.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from core.engine import Engine
from core.progress import progress
from core.runs import all_runs
from core.training import answer
from core.workspace import Workspace
from tests.browser.serving import served
from tests.load.journey import visit
from tests.load.visitor import Visitor

GOAL_P95_MS = 1000
GOAL_MB = 600
PATIENCE = 300.0


def main() -> int:
    """Measure; 0 only where every goal is met."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--visitors", type=int, default=30, help="how many at once")
    parser.add_argument("--minutes", type=float, default=5.0, help="for how long")
    parser.add_argument("--think", type=float, default=6.0, help="average seconds between two actions of a visitor")
    parser.add_argument("--workers", type=int, default=1, help="workers of the local cluster")
    told = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), told.workers) as (address, process),
    ):
        workspace = Workspace(folder)
        engine = Engine(workspace)
        try:
            engine.ask(answer, "is_ready", seconds=PATIENCE)
            visitors, megabytes = asyncio.run(_crowd(address, process, told))
            states = _ends(workspace)
            mixed = _mixed(workspace, visitors)
        finally:
            engine.client().shutdown()
    found = figures(visitors, megabytes, states, mixed)
    print(json.dumps({**vars(told), "cores": len(os.sched_getaffinity(0)), **found}))
    return 0 if found["met"] else 1


async def _crowd(address: str, process: int, told: argparse.Namespace) -> tuple[list[Visitor], list[float]]:
    """All visitors at once; also the web process' resident megabytes, second by second."""
    until = time.monotonic() + 60 * told.minutes
    tasks = [asyncio.create_task(visit(address, number, until, told.think)) for number in range(told.visitors)]
    megabytes = []
    while not all(task.done() for task in tasks):
        megabytes.append(psutil.Process(process).memory_info().rss / 1e6)
        await asyncio.sleep(1)
    return [task.result() for task in tasks], megabytes


def _ends(workspace: Workspace) -> Counter[str]:
    """How many runs of all visitors are in which state, once all have ended or `PATIENCE` is over."""
    deadline = time.monotonic() + PATIENCE
    while True:
        runs = [run for own in workspace.everyone() for run in all_runs(own)]
        states: Counter[str] = Counter(progress(run).state for run in runs)
        if not states["queued"] + states["running"] or time.monotonic() > deadline:
            return states
        time.sleep(0.5)


def _mixed(workspace: Workspace, visitors: list[Visitor]) -> list[str]:
    """Workspaces that hold somebody else's runs; each visitor's own name stands in a folder of its own."""
    owners: Counter[str] = Counter()
    for own in workspace.everyone():
        names = {run.config.data.source.name for run in all_runs(own)}
        owners.update(names)
        if len(names) > 1 or (names and own.root == workspace.root):
            return sorted(names)
    known = {f"{visitor.name}.csv" for visitor in visitors}
    return [name for name, folders in owners.items() if folders > 1 or name not in known]


def figures(visitors: list[Visitor], megabytes: list[float], states: Counter[str], mixed: list[str]) -> dict[str, Any]:
    """The figures, and whether every goal is met."""
    reruns = sorted(1000 * took for visitor in visitors for took in visitor.seen.reruns)
    polls = sorted(1000 * took for visitor in visitors for took in visitor.seen.polls)
    errors = [f"{visitor.name}: {error}" for visitor in visitors for error in visitor.seen.errors]
    foreign = sorted({name for visitor in visitors for name in visitor.seen.foreign})
    for line in [*errors[:20], *(f"crossed over: {name}" for name in [*foreign, *mixed][:20])]:
        print(line, file=sys.stderr)
    slowest = max(visitor.seen.slowest for visitor in visitors)
    found: dict[str, Any] = {
        "reruns": len(reruns), "rerun_median_ms": _share(reruns, 50), "rerun_p95_ms": _share(reruns, 95),
        "rerun_max_ms": _share(reruns, 100), "slowest": slowest[1],
        "polls": len(polls), "poll_p95_ms": _share(polls, 95),
        "uploads": sum(visitor.seen.uploads for visitor in visitors),
        "runs": sum(states.values()), "states": dict(states), "started": sum(v.seen.trained for v in visitors),
        "web_mb_start": round(megabytes[0]), "web_mb_median": round(statistics.median(megabytes)),
        "web_mb_most": round(max(megabytes)),
        "errors": len(errors), "crossed_over": len(foreign) + len(mixed),
    }  # fmt: skip
    met = (
        not errors and not foreign and not mixed
        and found["rerun_p95_ms"] < GOAL_P95_MS and found["web_mb_most"] < GOAL_MB
        and states["finished"] == found["runs"] == found["started"] > 0
    )  # fmt: skip
    return {**found, "met": met}


def _share(values: list[float], percent: int) -> int:
    """The value that ``percent`` of the sorted values do not exceed."""
    return round(values[max(0, -(-len(values) * percent // 100) - 1)]) if values else 0


if __name__ == "__main__":
    sys.exit(main())
