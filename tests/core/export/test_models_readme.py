"""The lines of Python in an export's README, run by somebody who has the file and not this project."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest

from core.data.images.pixels import pixels_of
from core.export.make import make_export
from core.runs import Run
from core.training.image_questions import predict_pixels
from core.workspace import Workspace
from tests.core.data.images.pictures import picture
from tests.core.export.export_cases import (
    COLUMNS,
    HTML,
    SLASH,
    WIDE,
    about,
    app_says,
    as_app,
    run_on,
    run_on_pictures,
    table,
)

KEYS = ("keras", "saved_model", "litert", "onnx")
# Runs README after README, each in its own folder, and prints what each answers.
RECIPIENT = """
import json, os, sys
try:
    import core
except ImportError:
    pass
else:
    sys.exit("the project is here")
answers = {}
for folder in sys.argv[1:]:
    os.chdir(folder)
    names = {}
    exec(open("README.py", encoding="utf-8").read(), names)
    answers[folder] = names["answer"].tolist()
print("ANSWERS" + json.dumps(answers))
"""


def unpack(run: Run, key: str, folder: Path) -> None:
    """What a recipient has: the file, or what was in its zip, and the lines of its README."""
    folder.mkdir(parents=True)
    path = make_export(run, key)
    if key == "onnx":
        (folder / path.name).write_bytes(path.read_bytes())
        text = {each.key: each.value for each in onnx.load(path).metadata_props}["README.txt"]
    else:
        with zipfile.ZipFile(path) as archive:
            text = archive.read("README.txt").decode()
            if key == "keras":
                (folder / path.name).write_bytes(path.read_bytes())
            else:
                archive.extractall(folder)
    (folder / "README.py").write_text(textwrap.dedent(text.partition("In Python\n")[2]), encoding="utf-8")


def recipient(folders: list[Path]) -> list[np.ndarray]:
    command = [sys.executable, "-I", "-c", RECIPIENT, *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folders[0], check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.rpartition("ANSWERS")[2])
    return [np.array(found[str(folder)]) for folder in folders]


def test_lines_of_every_readme_give_the_answers_of_the_app(workspace: Workspace, tmp_path: Path) -> None:
    rows = run_on(workspace, table("multiclass"), "multiclass", [{"kind": "Dense", "units": 4}])
    pictures = run_on_pictures(workspace, (HTML, WIDE), {"size": 20}, {"layers": [{"kind": "Flatten"}]})
    folders = {(run, key): tmp_path / key / run.id for run in (rows, pictures) for key in KEYS}
    for (run, key), folder in folders.items():
        unpack(run, key, folder)
        (folder / "picture.jpg").write_bytes(picture(5, (50, 40)))
    told = about(make_export(rows, "onnx"))
    columns = {name: cells for each in told["inputs"] for name, cells in zip(
        each["columns"], zip(*told["example"][each["name"]], strict=True), strict=True
    )}  # fmt: skip
    expected = {rows: app_says(rows, pd.DataFrame(columns).replace("", "not in the list"))}
    pixels = pixels_of(picture(5, (50, 40)), "picture.jpg", 20)[None]
    expected[pictures] = predict_pixels(str(workspace.root), pictures.id, pixels)["probabilities"]
    for (run, key), found in zip(folders, recipient(list(folders.values())), strict=True):
        path = make_export(run, key)
        answer = as_app(about(path), found.astype(about(path)["output"]["dtype"]))
        np.testing.assert_allclose(answer, expected[run], atol=1e-5, err_msg=f"{key} {run.name}")


def test_readme_names_every_column_category_and_class_on_one_line_each(workspace: Workspace) -> None:
    run = run_on(workspace, table("multiclass"), "multiclass", [{"kind": "Dense", "units": 4}])
    run.rename("model <i>&</i> ../x")
    told = about(make_export(run, "litert"))
    assert told["name"] == run.name and told["target"] == "target"
    assert sorted(name for each in told["inputs"] for name in each["columns"]) == sorted(COLUMNS.values())
    names = sorted([HTML, SLASH, WIDE], key=str.casefold)
    assert told["output"]["class_names"] == run.dataset()["class_names"] == names
    text = zipfile.ZipFile(run.export("litert")).read("README.txt").decode()
    numbered = [line.split(maxsplit=1)[1] for line in text.partition("In Python")[0].splitlines() if line[:4] == "    "]
    for name in (*COLUMNS.values(), *names):
        assert any(line.startswith(json.dumps(name, ensure_ascii=False)) for line in numbered)
    assert len(numbered) == len(COLUMNS) + len(names)


@pytest.mark.parametrize(("centre", "added"), [(0.5, 0.0), (999.0, 0.0), (1700.0, 1700.0), (-1e9, -1e9)])
def test_litert_answers_from_the_average_only_where_digits_would_be_lost(centre: float, added: float) -> None:
    from core.export.description import offset

    assert offset({"centre": centre, "scale": 1.0}) == added
