"""What is asked of a trained run, prepared without TensorFlow."""

from __future__ import annotations

from core.data.sniff import sniff
from core.runs import Run
from core.spec import TableSource


def source_for_prediction(run: Run, fingerprint: str, name: str) -> TableSource:
    """How a new table should be read: as it looks, transposed if the training's table was and names fit so."""
    from core.data.load import check_file, load_table

    check_file(run.workspace, fingerprint)
    format = sniff(run.workspace.upload(fingerprint), name)
    plain = TableSource(fingerprint=fingerprint, name=name[:200] or "table", format=format)
    facts = run.dataset() or {}
    wanted = {feature["name"] for feature in facts.get("schema", {}).get("features", [])}
    if wanted and not wanted & set(load_table(run.workspace, plain).names):
        turned = plain.change(format=format.change(transpose=True).model_dump())
        if wanted & set(load_table(run.workspace, turned).names):
            return turned
    return plain
