"""From uploaded files to a complete run that is ready to train, and back to a fitting one after each change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import get_args

from core.data.join import join
from core.data.load import check_file, load_table
from core.data.propose import propose
from core.data.propose_join import fits_turned, propose_join
from core.data.propose_transpose import propose_transpose
from core.data.shape import data_shape
from core.data.sniff import sniff
from core.data.table import Table
from core.errors import UserError
from core.network.presets import Preset, PresetName, preset, suitable
from core.spec import LOSSES, DataSpec, Join, RunConfig, TableSource, TrainingSpec
from core.workspace import Workspace

Step = Callable[[float], None]
Read = tuple[TableSource, Table]
MOST_FILES = 2


def propose_source(
    workspace: Workspace, fingerprint: str, name: str, transpose: bool | None = None, progress: Step | None = None
) -> Read:
    """How one uploaded file should be read, and the table that it becomes.

    Args:
        workspace: Where the upload is.
        fingerprint: SHA-256 of its bytes.
        name: The name that it had.
        transpose: Whether to swap rows and columns; None: decide by looking.
        progress: Called with the share that is done.
    """
    check_file(workspace, fingerprint)
    format = sniff(workspace.upload(fingerprint), name).change(transpose=bool(transpose))
    source = TableSource(fingerprint=fingerprint, name=name[:200] or "table", format=format)
    table = load_table(workspace, source, progress)
    if transpose is None and propose_transpose(table):
        return _turned(workspace, source, progress)
    return source, table


def turned_to_fit(workspace: Workspace, first: Read, second: Read, progress: Step | None = None) -> tuple[Read, Read]:
    """Both tables; rows and columns of one are swapped if only then its rows belong to those of the other."""
    if fits_turned(first[1], second[1]):
        return _turned(workspace, first[0], progress), second
    if fits_turned(second[1], first[1]):
        return first, _turned(workspace, second[0], progress)
    return first, second


def _turned(workspace: Workspace, source: TableSource, progress: Step | None) -> Read:
    format = source.format.change(transpose=not source.format.transpose)
    source = source.change(format=format.model_dump())
    return source, load_table(workspace, source, progress)


def propose_files(
    workspace: Workspace, files: Sequence[tuple[str, str]], progress: Step | None = None
) -> tuple[RunConfig, Table]:
    """A complete run for one table, or for two whose rows belong together; the wider one holds the features.

    Args:
        workspace: Where the uploads are.
        files: (fingerprint, name) of each.
        progress: Called with the share that is done.
    """
    if not 1 <= len(files) <= MOST_FILES:
        raise UserError(
            f"Give one table, or two whose rows belong together; got {len(files)} files.",
            "Upload the table with the features, and if the answer is in another file, that one too.",
        )
    read = [propose_source(workspace, fingerprint, name, progress=progress) for fingerprint, name in files]
    if len(read) == 1:
        source, table = read[0]
        return propose_run(propose(table, source), table), table
    first, second = sorted(turned_to_fit(workspace, read[0], read[1], progress), key=lambda pair: -len(pair[1].names))
    return propose_joined(*first, *second)


def propose_joined(source: TableSource, table: Table, other: TableSource, right: Table) -> tuple[RunConfig, Table]:
    """A complete run for ``table`` with the columns of ``right`` beside it; the target is looked for in ``right``."""
    joined = Join(source=other, on=propose_join(table, right))
    both = join(table, right, joined.on)
    added = set(both.names) - set(table.names)
    in_right = propose(right, other).target
    target = in_right if in_right in added else None
    data = propose(both, source, joined, target)
    return propose_run(data, both), both


def propose_run(data: DataSpec, table: Table) -> RunConfig:
    """The preset network and training that suit the data; plain defaults where the data cannot be learned yet."""
    training = TrainingSpec(loss=LOSSES[data.task][0])
    try:
        network, training = _preset(data, table, None)
    except UserError:
        return RunConfig(data=data, training=training)
    return RunConfig(data=data, network=network, training=training)


def with_preset(config: RunConfig, name: str, table: Table) -> RunConfig:
    """The same data with another preset; ``custom`` keeps the layers as they are."""
    if name == "custom":
        return config.change(network=config.network.change(preset="custom").model_dump())
    network, training = _preset(config.data, table, name)
    return RunConfig(version=config.version, name=config.name, data=config.data, network=network, training=training)


def _preset(data: DataSpec, table: Table, name: str | None) -> Preset:
    shape = data_shape(table, data)
    chosen = name or suitable(shape.train, shape.inputs)
    if chosen not in get_args(PresetName):
        raise UserError(f"There is no preset {chosen[:60]!r}.", "Choose small, medium, wide or custom.")
    return preset(chosen, data.task, shape.train, shape.inputs)  # type: ignore[arg-type]
