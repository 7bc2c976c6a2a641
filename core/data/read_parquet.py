"""Parquet files as grids of text cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.data.read_blocks import Progress
from core.data.read_grid import CHUNK_CELLS, Grid, check_size
from core.data.table import quoted
from core.errors import UserError

LARGEST_UNPACKED = 8 << 30


def parquet_grid(path: Path, progress: Progress | None = None, most: float | None = None) -> Grid:
    """Read a Parquet file of at most so many cells; its columns of texts stay texts.

    Raises:
        UserError: It cannot be read, or is too large.
    """
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(error) from None
    schema = file.schema_arrow
    rows = file.metadata.num_rows
    check_size(rows, len(schema), most)
    if sum(file.metadata.row_group(group).total_byte_size for group in range(file.num_row_groups)) > LARGEST_UNPACKED:
        raise UserError("This file unpacks to more than 8 GB.", "Leave out columns or rows, and upload it again.")
    kept = [name for name, kind in zip(schema.names, schema.types, strict=True) if not pa.types.is_nested(kind)]
    left_out = [name for name, kind in zip(schema.names, schema.types, strict=True) if pa.types.is_nested(kind)]
    if not kept:
        raise UserError("This Parquet file has no column of numbers or texts.", "Choose another file.")
    notes = [f"Columns that hold lists or records were left out: {quoted(left_out)}."] if left_out else []
    texts = frozenset(place for place, name in enumerate(kept) if _is_text(schema.field(name).type))
    return Grid(kept, len(kept), _chunks(file, kept, rows, progress), notes, texts)


def _damaged(error: Exception) -> UserError:
    return UserError(
        f"This Parquet file cannot be read ({str(error)[:80]}).", "Write it again, or save the table as CSV."
    )


def _is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return not (pa.types.is_integer(value) or pa.types.is_floating(value) or pa.types.is_decimal(value))


def _chunks(file: pq.ParquetFile, names: list[str], rows: int, progress: Progress | None) -> Iterator[pa.Array]:
    done = 0
    try:
        for batch in file.iter_batches(max(1, CHUNK_CELLS // len(names)), columns=names, use_threads=False):
            columns = [_as_text(batch.column(place)) for place in range(len(names))]
            order = np.arange(len(names) * len(batch)).reshape(len(names), len(batch)).T.ravel()
            yield pa.concat_arrays(columns).take(pa.array(order))
            done += len(batch)
            if progress:
                progress(done / max(rows, 1))
    except (pa.ArrowException, OSError) as error:
        raise _damaged(error) from None


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_floating(column.type) and column.type.bit_width == 16:
        column = column.cast(pa.float32())
    return column.cast(pa.string())
