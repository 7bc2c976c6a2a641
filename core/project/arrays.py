"""Arrays and tables from outside: read without pickle, and only where their size says what it is.

All functions raise ValueError for anything that is not as it should be.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

MOST_ARRAYS = 5_000
MOST_CELLS = 400_000_000
MOST_TEXT = 1_000
ROWS_AT_ONCE = 1_000_000
_NUMBERS = "biuf"


def read_npz(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of an .npz file that NumPy wrote, numbers only, not compressed, and nothing beside them."""
    found: dict[str, np.ndarray] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        infos = file.infolist()
        if len(infos) > MOST_ARRAYS or len({info.filename for info in infos}) < len(infos):
            raise ValueError("too many arrays, or two of one name")
        # Not compressed, so that together they are larger than the file only where they lie over each other.
        if sum(info.file_size for info in infos) > len(content):
            raise ValueError("arrays that lie over each other")
        for info in infos:
            if info.compress_type != zipfile.ZIP_STORED or not info.filename.endswith(".npy"):
                raise ValueError("not as this app writes arrays")
            found[info.filename.removesuffix(".npy")] = _array(file.read(info))
    return found


def _array(content: bytes) -> np.ndarray:
    source = io.BytesIO(content)
    if np.lib.format.read_magic(source) != (1, 0):
        raise ValueError("an array of another format")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(source)
    if dtype.hasobject or dtype.kind not in _NUMBERS or dtype.itemsize > 8:
        raise ValueError("an array of something else than numbers")
    rest = memoryview(content)[source.tell() :]
    if math.prod(shape) * dtype.itemsize != len(rest) or min(shape, default=0) < 0 or len(shape) > 8:
        raise ValueError("an array of another size than it says")
    return np.frombuffer(rest, dtype).reshape(shape, order="F" if fortran else "C")


def read_predictions(
    content: bytes, classes: int, parts: Sequence[str], pictures: bool, most_cells: int = MOST_CELLS
) -> pd.DataFrame:
    """The predictions of a run, with the columns that `core.runs.Run.predictions` has and no others.

    Args:
        content: A Parquet file.
        classes: Number of classes; 0 for regression.
        parts: Which parts its rows may be in.
        pictures: Whether ids and file names must be there.
        most_cells: Rows x columns at most.
    """
    told = _opened(content).metadata
    if told.num_rows * max(told.num_columns, 1) > most_cells:
        raise ValueError("too many rows")
    columns = _columns(classes, pictures)
    names = told.schema.names
    if len(set(names)) < len(names) or not set(names) <= columns.keys():
        raise ValueError("columns that predictions do not have")
    if not columns.keys() - {"group", *(() if pictures else ("id",))} <= set(names):
        raise ValueError("columns are missing")
    # Coded texts stay coded, so that a long one that is repeated takes its room only once.
    file = _opened(content, [name for name in names if columns[name] in (_part, _text)])
    table = _rows(file, most_cells // max(len(names), 1))
    found = pd.DataFrame({name: columns[name](table.column(name), classes, parts) for name in names})
    for name in ("row", "id") if pictures else ("row",):
        if found.duplicated(["part", name]).any():
            raise ValueError(f"the same {name} twice in a part")
    return found


def _opened(content: bytes, coded: Sequence[str] = ()) -> pq.ParquetFile:
    return pq.ParquetFile(
        io.BytesIO(content), read_dictionary=list(coded), thrift_string_size_limit=100_000_000,
        thrift_container_size_limit=1_000_000,
    )  # fmt: skip


def _rows(file: pq.ParquetFile, most: int) -> pa.Table:
    """The rows, at most so many; counted as they come, for what the file says of their number may be a lie."""
    batches, rows = [], 0
    for batch in file.iter_batches(batch_size=min(most + 1, ROWS_AT_ONCE), use_threads=False):
        rows += batch.num_rows
        if rows > most:
            raise ValueError("too many rows")
        batches.append(batch)
    return pa.Table.from_batches(batches, file.schema_arrow)


Check = Callable[[pa.ChunkedArray, int, Sequence[str]], Any]


def _columns(classes: int, pictures: bool) -> dict[str, Check]:
    answer = _class if classes else _value
    found: dict[str, Check] = {"row": _row, "part": _part, "id": _text, "group": _group}
    if pictures:
        found["file"] = _text
    found |= {"y_true": answer, "prediction": answer}
    return found | {f"probability_{number}": _probability for number in range(classes)}


def _numbers(column: pa.ChunkedArray, kinds: str) -> np.ndarray:
    if column.null_count:
        raise ValueError("a number is missing")
    values = column.to_numpy()
    if values.dtype.kind not in kinds:
        raise ValueError("a number was expected")
    return values


def _row(column: pa.ChunkedArray, classes: int, parts: Sequence[str]) -> np.ndarray:
    values = _numbers(column, "iu").astype(np.int64)
    if (values < 1).any():
        raise ValueError("rows are numbered from 1")
    return values


def _group(column: pa.ChunkedArray, classes: int, parts: Sequence[str]) -> np.ndarray:
    return _numbers(column, "iu").astype(np.int64)


def _class(column: pa.ChunkedArray, classes: int, parts: Sequence[str]) -> np.ndarray:
    values = _numbers(column, "iu").astype(np.int64)
    if (values < 0).any() or (values >= classes).any():
        raise ValueError("a class that is not there")
    return values


def _value(column: pa.ChunkedArray, classes: int, parts: Sequence[str]) -> np.ndarray:
    values = _numbers(column, "iuf")
    if not np.isfinite(values).all():
        raise ValueError("a value that is not finite")
    return values


def _probability(column: pa.ChunkedArray, classes: int, parts: Sequence[str]) -> np.ndarray:
    values = _numbers(column, "f")
    if ((values < -1e-3) | (values > 1 + 1e-3)).any() or np.isinf(values).any():
        raise ValueError("a probability is between 0 and 1")
    return values


def _part(column: pa.ChunkedArray, classes: int, parts: Sequence[str]) -> np.ndarray:
    values = _text(column, classes, parts)
    if not set(values.tolist()) <= set(parts):
        raise ValueError("a part that is not there")
    return values


def _text(column: pa.ChunkedArray, classes: int, parts: Sequence[str]) -> np.ndarray:
    """(n,) objects; each text is short."""
    coded = [chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode() for chunk in column.chunks]
    cells: list[np.ndarray] = [np.zeros(0, object)]
    for chunk in coded:
        values = chunk.dictionary.to_pylist()
        if not all(value is None or (isinstance(value, str) and len(value) <= MOST_TEXT) for value in values):
            raise ValueError("a name is too long, or none")
        codes = chunk.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
        cells.append(np.array([*values, None], object)[codes])
    return np.concatenate(cells)
