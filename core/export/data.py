"""The very rows or pictures that a run used, as a zip: each with its target and the part that it was in.

A table is ``data.csv``. Pictures are PNG files at the size that the network saw, in folders ``part/class``, and
``data.csv`` names them. Behind a pretrained network there is ``backbone.keras`` too, which opens without this project.
"""

from __future__ import annotations

import io
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from PIL import Image

from core.data.blocks import usable
from core.data.dataset import Dataset
from core.data.images.dataset import ImageDataset
from core.data.images.pixels import in_order
from core.data.load import load_joined
from core.data.splits import Split
from core.data.table import Table
from core.export.csv import FORMULA_STARTS
from core.network.backbone import build_backbone
from core.runs import Run
from core.spec import ImageConfig
from core.training.image_prepare import PreparedImages, prepare_images
from core.training.prepare import prepare

CSV = "data.csv"
BACKBONE = "backbone.keras"
# Numbers hardly become smaller with more effort, and a wide table takes minutes.
QUICKLY = 1
PARTS = ("train", "watch", "validation", "test")
BYTE_ORDER_MARK = "\ufeff".encode()
_ABOUT = """\
data.csv holds one line for each row that took part in a run of Muffin, in the order of the file it came from.

part        train: learned from. validation: scored while choosing. test: sealed, for one last look at the very end.
            watch (only in members of a comparison): decides when to stop, and nothing else.
{columns}

It is UTF-8, separated by commas; an empty cell is a missing value. Texts (and names of columns) that a spreadsheet
would take for a formula, because they begin with = + - @ or a tab, begin with an apostrophe here, and so do those that
began with an apostrophe already. Whoever reads the file with a program takes one apostrophe off again, as the script
does.
"""
_TABLE = """\
features    as they were read, joined or turned: nothing is filled, scaled or encoded yet.
target      the last column but one."""
_PICTURES = """\
file        the picture in this zip, at the size that the network saw.
class       what it shows."""


def make_data(run: Run, target: Path) -> None:
    """Write the zip; raises `UserError` where the upload is not there any more."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICKLY) as archive:
        if isinstance(run.config, ImageConfig):
            _write_pictures(archive, run, run.config)
        else:
            config = run.table_config
            prepared = prepare(config, run.workspace)
            table = load_joined(run.workspace, config.data)
            _write_table(archive, table_columns(table, prepared.dataset, config.data.target))


def part_column(names: Iterable[str]) -> str:
    """What the column with the parts is called: ``part``, or with underscores where the table has such a column."""
    name, taken = "part", set(names)
    while name in taken:
        name += "_"
    return name


def part_of(split: Split, count: int) -> np.ndarray:
    """(count,) objects: the part of each row."""
    part = np.full(count, "", dtype=object)
    for name in PARTS:
        part[getattr(split, name)] = name
    return part


def escaped(text: str) -> str:
    """A text that no spreadsheet takes for a formula; taking off one leading apostrophe gives the text again.

    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return f"'{text}" if text.lstrip(" ").startswith((*FORMULA_STARTS, "'")) else text


def table_columns(table: Table, dataset: Dataset, target: str) -> list[tuple[str, pa.Array]]:
    """Name and cells of each column of ``data.csv``: numbers, texts, target, part.

    Args:
        table: As it was read, in which numbers still have all their digits.
        dataset: Which of its rows and columns took part.
        target: Its name.
    """
    features, rows = dataset.features, dataset.rows
    places = [table.number_index[name] for name in features.number_names]
    numbers = usable(np.asarray(table.numbers[rows])[:, places])
    columns = [
        *(
            (name, pa.array(cells, from_pandas=True))
            for name, cells in zip(features.number_names, numbers.T, strict=True)
        ),
        *(
            (name, _texts(categories, codes))
            for name, categories, codes in zip(features.text_names, features.categories, features.codes.T, strict=True)
        ),
        (target, _texts(dataset.class_names, dataset.y) if dataset.class_names else pa.array(dataset.y)),
    ]
    part = part_of(dataset.split, len(dataset))
    return [*columns, (part_column(name for name, _ in columns), pa.array(part, pa.string()))]


def _texts(values: Sequence[str], codes: np.ndarray) -> pa.Array:
    """Cells by their codes, -1 for missing."""
    cells = np.array([*map(escaped, values), None], dtype=object)
    return pa.array(cells[codes], pa.string())


def _write_table(archive: zipfile.ZipFile, columns: list[tuple[str, pa.Array]]) -> None:
    write_csv(archive, columns)
    archive.writestr("README.txt", _ABOUT.format(columns=_TABLE))


def write_csv(archive: zipfile.ZipFile, columns: list[tuple[str, pa.Array]]) -> None:
    table = pa.Table.from_arrays([cells for _, cells in columns], names=[escaped(name) for name, _ in columns])
    with archive.open(CSV, "w", force_zip64=True) as file:
        file.write(BYTE_ORDER_MARK)
        pyarrow.csv.write_csv(table, file)


def _write_pictures(archive: zipfile.ZipFile, run: Run, config: ImageConfig) -> None:
    prepared = prepare_images(config, run.workspace)
    dataset = prepared.dataset
    part, files = part_of(dataset.split, len(dataset)), picture_files(dataset)
    classes = _texts(dataset.class_names, dataset.y)
    write_csv(archive, [("file", pa.array(files)), ("class", classes), ("part", pa.array(part, pa.string()))])
    archive.writestr("README.txt", _ABOUT.format(columns=_PICTURES))
    for name, content in zip(files, in_order(lambda row: _png(prepared, row), range(len(dataset))), strict=True):
        archive.writestr(name, content, zipfile.ZIP_STORED)
    if config.network.backbone != "none":
        _write_backbone(archive, prepared.shape[-1], config.network.backbone)


def picture_files(dataset: ImageDataset) -> list[str]:
    """Where each picture is in the zip, such as ``train/1-cat/00012-tom.png``; nothing but a-z, 0-9, - and / in it."""
    part = part_of(dataset.split, len(dataset))
    wide = len(str(len(dataset.class_names)))
    folders = [f"{number:0{wide}d}-{_plain(name)}" for number, name in enumerate(dataset.class_names, start=1)]
    stems = [_plain(path.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]) for path in dataset.paths]
    return [f"{part[row]}/{folders[dataset.y[row]]}/{row + 1:06d}-{stem}.png" for row, stem in enumerate(stems)]


def _plain(name: str) -> str:
    """A short name that is safe on every system."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:40].strip("-") or "x"


def _png(prepared: PreparedImages, row: int) -> bytes:
    pixels = np.asarray(prepared.pixels[row])
    buffer = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _write_backbone(archive: zipfile.ZipFile, channels: int, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / BACKBONE
        build_backbone(channels, name).save(path)
        archive.write(path, BACKBONE, zipfile.ZIP_STORED)
