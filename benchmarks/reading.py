"""From a wide CSV file to a ready table: ours against bare pandas, time and peak memory in the same run."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROWS, COLUMNS, SEED = 1_000, 20_000, 0
REPEATS = 3
MEASURE = """
import json, resource, sys, time
start = time.perf_counter()
{body}
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({{"seconds": seconds, "megabytes": peak / 1e6, "check": float(total)}}))
"""
OURS = """
import tempfile
from pathlib import Path
from core.data.load import load_table
from core.data.sniff import sniff
from core.spec import TableSource
from core.workspace import Workspace
workspace = Workspace(sys.argv[2])
with open(sys.argv[1], "rb") as file:
    fingerprint = workspace.keep(file)
start = time.perf_counter()
path = workspace.upload(fingerprint)
table = load_table(workspace, TableSource(fingerprint=fingerprint, format=sniff(path)))
total = table.numbers.sum()
"""
PEER = """
import numpy as np, pandas as pd
start = time.perf_counter()
frame = pd.read_csv(sys.argv[1], low_memory=False)
total = frame.drop(columns="sample").to_numpy(np.float32).sum()
"""


def write_genes(path: Path, rows: int = ROWS, columns: int = COLUMNS) -> None:
    """Write a CSV of skewed positive values, a column of sample names first (about 180 MB)."""
    random = np.random.default_rng(SEED)
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(["sample", *(f"ENSG{gene:011d}" for gene in range(columns))]) + "\n")
        for row in range(rows):
            values = np.exp(random.normal(size=columns))
            file.write(f"sample {row}," + ",".join(f"{value:.6f}" for value in values) + "\n")


def measure(body: str, arguments: Sequence[str]) -> dict[str, float]:
    """Seconds (imports left out) and peak megabytes of a fresh process that runs ``body``."""
    script = MEASURE.format(body=body)
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def run() -> list[dict[str, Any]]:
    """Time and peak memory from file to ready table, 1,000 rows by 20,000 genes; medians of three."""
    ours, peers = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "genes.csv")
        write_genes(path)
        for repeat in range(REPEATS):
            peers.append(measure(PEER, [str(path)]))
            ours.append(measure(OURS, [str(path), str(Path(folder, f"workspace {repeat}"))]))
    if not np.isclose(ours[0]["check"], peers[0]["check"], rtol=1e-4):
        raise AssertionError(f"the two readers disagree: {ours[0]['check']} and {peers[0]['check']}")
    matrix = ROWS * COLUMNS * 4 / 1e6
    return [
        _result(
            "csv 1,000 x 20,000: seconds, against pandas", _median(ours, "seconds"), _median(peers, "seconds"), 1.5
        ),
        _result("csv 1,000 x 20,000: peak MB, against the float32 matrix", _median(ours, "megabytes"), matrix, 3.0),
    ]


def _median(measured: Sequence[dict[str, float]], name: str) -> float:
    return statistics.median(found[name] for found in measured)


def _result(name: str, ours: float, peer: float, most: float) -> dict[str, Any]:
    ratio = ours / peer
    return {
        "name": name,
        "ours": round(ours, 3),
        "peer": round(peer, 3),
        "ratio": round(ratio, 3),
        "goal": f"at most {most:g} times",
        "met": ratio <= most,
    }
