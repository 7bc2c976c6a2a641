"""The exported data is what the network saw, part by part, under names that nobody can abuse."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.data.load import load_joined
from core.errors import UserError
from core.export.data import PARTS, make_data
from core.network import backbone
from core.runs import Run
from core.spec import AnyConfig, RunConfig
from core.training.image_prepare import prepare_images
from core.training.prepare import prepare
from core.workspace import Workspace
from tests.conftest import response
from tests.core.export.script_cases import HOSTILE, drafted, hostile, small_backbone
from tests.core.training.image_cases import drawn, image_config, png, transfer

FOLDS = {"folds": 3, "fold": 1}


def data_of(workspace: Workspace, config: AnyConfig, tmp_path: Path) -> zipfile.ZipFile:
    target = tmp_path / "data.zip"
    make_data(Run.create(workspace, config), target)
    return zipfile.ZipFile(target)


def table_in(archive: zipfile.ZipFile) -> pd.DataFrame:
    """The table, with one apostrophe taken off names and texts."""
    frame = pd.read_csv(
        io.BytesIO(archive.read("data.csv")), encoding="utf-8-sig", dtype=str, keep_default_na=False, na_values=[""]
    )
    frame.columns = frame.columns.str.removeprefix("'")
    return frame.apply(lambda cells: cells.str.removeprefix("'"))


def split_again(config: RunConfig, **split: object) -> RunConfig:
    data = config.data.model_dump()
    return config.change(data={**data, "split": {**data["split"], **split}})


@pytest.mark.parametrize("early_stopping", [True, False])
def test_table_has_all_rows_as_they_were_used(workspace: Workspace, tmp_path: Path, early_stopping: bool) -> None:
    config = split_again(hostile(workspace, early_stopping=early_stopping), **FOLDS)
    dataset = prepare(config, workspace).dataset
    frame = table_in(data_of(workspace, config, tmp_path))
    features = dataset.features
    assert list(frame.columns) == [*features.names, config.data.target, "part_"]
    numbers = frame[list(features.number_names)].to_numpy("float32")
    np.testing.assert_array_equal(numbers, features.numbers)
    for name, values, codes in zip(features.text_names, features.categories, features.codes.T, strict=True):
        cells = np.array([*values, None], object)[codes]
        assert [None if pd.isna(cell) else cell for cell in frame[name]] == cells.tolist()
    assert frame[config.data.target].tolist() == [dataset.class_names[code] for code in dataset.y]
    for part in PARTS:
        np.testing.assert_array_equal(np.flatnonzero(frame["part_"] == part), getattr(dataset.split, part))
    assert ("watch" in set(frame["part_"])) == early_stopping


def test_numbers_keep_all_their_digits_and_huge_ones_are_missing(workspace: Workspace, tmp_path: Path) -> None:
    table = response()
    table["a"] = table["a"] + 1.7e9
    table.loc[3, "b"] = 2e37
    config = drafted(workspace, table)
    frame = table_in(data_of(workspace, config, tmp_path))
    rows = prepare(config, workspace).dataset.rows
    read = load_joined(workspace, config.data)
    np.testing.assert_array_equal(frame["a"].to_numpy("float64"), read.column("a")[rows])
    np.testing.assert_array_equal(frame["response"].to_numpy("float64"), read.column("response")[rows])
    assert frame["b"].isna().tolist() == (rows == 3).tolist()


@pytest.mark.parametrize("color", ["rgb", "grey"])
def test_pictures_are_those_that_the_network_sees(workspace: Workspace, tmp_path: Path, color: str) -> None:
    classes = ("../CON", "=1+1 \N{SNOWMAN}", "Katze: 'süß'")
    files = {
        f"{name}/{number} \N{SNOWMAN}.png": png(drawn(kind, number))
        for name, kind in zip(classes, ("across", "down", "disc"), strict=True)
        for number in range(12)
    }
    config = image_config(workspace, files)
    config = config.change(data=config.data.change(color=color).model_dump())
    prepared = prepare_images(config, workspace)
    archive = data_of(workspace, config, tmp_path)
    frame, split = table_in(archive), prepared.dataset.split
    for row, (file, name, part) in enumerate(frame.itertuples(index=False)):
        assert re.fullmatch(r"(train|validation|test)/[1-3]-[a-z0-9-]+/[0-9]{6}-[a-z0-9-]+\.png", file)
        assert file.startswith(f"{part}/") and row in getattr(split, part)
        assert name == prepared.class_names[prepared.dataset.y[row]]
        pixels = np.asarray(Image.open(io.BytesIO(archive.read(file)))).reshape(prepared.shape)
        np.testing.assert_array_equal(pixels, prepared.pixels[row])
    assert sorted(archive.namelist()) == sorted(["README.txt", "data.csv", *frame["file"]])
    assert len(set(frame["file"].str.lower())) == len(frame) == len(prepared.dataset)


def test_pretrained_network_comes_along_and_opens_with_plain_keras(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backbone, "_build_lite0", small_backbone)
    files = {f"{kind}/{number}.png": png(drawn(kind, number)) for kind in ("across", "down") for number in range(8)}
    archive = data_of(workspace, transfer(image_config(workspace, files)), tmp_path)
    model = keras.models.load_model(archive.extract("backbone.keras", tmp_path))
    pixels = np.stack([drawn("across", 1), drawn("down", 2)]).astype("float32")
    np.testing.assert_allclose(
        model.predict(pixels, verbose=0), small_backbone(3).predict(pixels, verbose=0), atol=1e-6
    )


def test_spreadsheets_find_no_formula(workspace: Workspace, tmp_path: Path) -> None:
    archive = data_of(workspace, hostile(workspace), tmp_path)
    cells = pd.read_csv(io.BytesIO(archive.read("data.csv")), encoding="utf-8-sig", dtype=str, header=None).to_numpy()
    texts = {cell for cell in cells.ravel() if isinstance(cell, str)}
    assert {f"'{HOSTILE[0]}", "''apostrophe", "'-1+1"} <= texts
    suspects = [text for text in texts if text.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert all(re.fullmatch(r"-[0-9.e+-]+", text) for text in suspects)


def test_data_that_is_gone_is_said_so(workspace: Workspace, tmp_path: Path) -> None:
    config = drafted(workspace, response())
    workspace.upload(config.data.source.fingerprint).unlink()
    for folder in (workspace.root / "tables").iterdir():
        folder.rename(folder.with_name("gone"))
    with pytest.raises(UserError, match="no longer there"):
        data_of(workspace, config, tmp_path)
