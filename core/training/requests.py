"""What is asked of a trained run, prepared without TensorFlow."""

from __future__ import annotations

from core.data.sniff import sniff
from core.runs import Run
from core.spec import TableSource
from core.workspace import Workspace


def source_for_prediction(run: Run, fingerprint: str, name: str, uploads: Workspace | None = None) -> TableSource:
    """How a new table should be read: as it looks, transposed if the training's table was and names fit so.

    ``uploads`` is the workspace where the table is, if it is another one than the run's.
    """
    from core.data.load import check_file, load_table

    workspace = uploads or run.workspace
    check_file(workspace, fingerprint)
    format = sniff(workspace.upload(fingerprint), name)
    plain = TableSource(fingerprint=fingerprint, name=name[:200] or "table", format=format)
    facts = run.dataset() or {}
    wanted = {feature["name"] for feature in facts.get("schema", {}).get("features", [])}
    if wanted and not wanted & set(load_table(workspace, plain).names):
        turned = plain.change(format=format.change(transpose=True).model_dump())
        if wanted & set(load_table(workspace, turned).names):
            return turned
    return plain
