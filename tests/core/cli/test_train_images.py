"""Training on pictures and predicting them without a browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.__main__ import _parser, main
from core.cli import image_predict, train
from core.cli.image_settings import configure_images
from core.cli.kind import holds_pictures
from core.errors import UserError
from core.runs import Run, all_runs
from core.spec import ImageConfig
from core.training.job import train_run
from core.workspace import Workspace
from tests.core.data.images.pictures import zipped
from tests.core.training.image_cases import LAYERS, drawn, pictures, png

FEW = ["--set", "training.epochs=1", "--set", "data.size=16", "--set", f"network.layers={json.dumps(LAYERS)}"]


class AtOnce:
    """An engine that trains and answers in this process."""

    def __init__(self, workspace: Workspace) -> None:
        pass

    def submit(self, run: Run) -> None:
        train_run(str(run.workspace.root), run.id)

    def ask(self, question: Callable[..., Any], *values: Any, seconds: float = 0) -> Any:
        return question(*values)


@pytest.fixture
def zip_file(tmp_path: Path) -> str:
    """A zip whose name does not say so."""
    path = tmp_path / "stripes.data"
    path.write_bytes(zipped(pictures(20)))
    return str(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in pictures(20).items():
        path = tmp_path / "stripes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "stripes"


def configured(workspace: Workspace, *arguments: str) -> ImageConfig:
    return configure_images(_parser().parse_args(["train", *arguments]), workspace)[0]


def test_pictures_are_known_by_what_they_are_and_not_by_their_name(tmp_path: Path, zip_file: str, folder: Path) -> None:
    pd.DataFrame({"a": [1, 2]}).to_excel(tmp_path / "table.zip", index=False, engine="openpyxl")
    (tmp_path / "pictures.zip").write_text("a,b\n1,2\n")
    assert holds_pictures(zip_file) and holds_pictures(str(folder))
    for name in ("table.zip", "pictures.zip", "nowhere.zip"):
        assert not holds_pictures(str(tmp_path / name))


def test_settings_win_over_what_is_proposed(workspace: Workspace, zip_file: str) -> None:
    proposed = configured(workspace, zip_file)
    assert (proposed.data.size, proposed.network.preset) == (32, "small_cnn")
    config = configured(workspace, zip_file, "--set", "data.size=48", "--set", "training.batch_size=5", "--set",
                        "augmentation.noise=0.2")  # fmt: skip
    assert (config.data.size, config.training.batch_size, config.augmentation.noise) == (48, 5, 0.2)
    assert configured(workspace, zip_file, *FEW).network.preset == "custom"


def test_named_preset_keeps_the_size_that_was_asked_for(workspace: Workspace, zip_file: str) -> None:
    preset = ["--set", "network.preset=transfer"]
    plain, sized = (
        configured(workspace, zip_file, *preset),
        configured(workspace, zip_file, *preset, "--set", "data.size=64"),
    )
    assert {each.network.backbone for each in (plain, sized)} == {"efficientnet_lite0"}
    assert (plain.data.size, sized.data.size) == (160, 64)


def test_config_of_a_run_gives_the_same_run_again(workspace: Workspace, zip_file: str, tmp_path: Path) -> None:
    first = configured(workspace, zip_file, *FEW, "--set", "data.color=grey", "--set", "training.class_weights=true")
    (tmp_path / "given.json").write_text(first.model_dump_json())
    assert configured(workspace, zip_file, "--config", str(tmp_path / "given.json")) == first


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--target", "class"], "--target is for tables"),
        (["--drop", "x"], "--drop is for tables"),
        (["--set", "network.preset=huge"], "There is no preset 'huge'"),
        (["--set", "data.size=1000"], "size: input should be less than or equal to 256"),
        (["--set", "data.task=regression"], "task"),
        (["--set", "training.nope=1"], "There is no setting 'training.nope'"),
    ],
)
def test_wrong_options_are_a_sentence(
    workspace: Workspace, zip_file: str, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    assert main(["train", zip_file, *arguments]) == 1
    out, err = capsys.readouterr()
    assert problem in err and "Traceback" not in err
    assert json.loads(out.splitlines()[-1])["status"] == "failed"


def test_folder_trains_and_new_pictures_are_answered_one_by_one(
    workspace: Workspace,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(train, "Engine", AtOnce)
    monkeypatch.setattr(image_predict, "Engine", AtOnce)
    assert main(["train", str(folder), *FEW, "--open-test"]) == 0
    closing = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert closing["status"] == "finished" and closing["metrics"]["test"]["accuracy"] is not None
    assert set(closing["baseline"]["validation"]) == {"majority", "logistic"}
    run = next(iter(all_runs(workspace)))
    assert (run.id, run.name) == (closing["run"], "stripes.zip")
    out = tmp_path / "predictions.csv"
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    (tmp_path / "noise.png").write_bytes(png(noise))
    (tmp_path / "=bad.jpg").write_bytes(b"no picture")
    names = [str(tmp_path / name) for name in ("noise.png", "=bad.jpg", "gone.png")]
    (folder / "Thumbs.txt").write_text("words")
    assert main(["predict", run.id, *names, str(folder), "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    frame = pd.read_csv(out)
    assert list(frame.columns) == ["file", "prediction", "probability_across", "probability_down"]
    assert found["rows"] == len(frame) == 41
    notes = "\n".join(found["notes"])
    assert "=bad.jpg" in notes and "gone.png cannot be read (No such file" in notes and "Thumbs.txt" in notes
    assert "unlike all training pictures: 'noise.png'" in notes
    np.testing.assert_allclose(frame[["probability_across", "probability_down"]].sum(axis=1), 1, atol=1e-6)
    kept = run.predictions()
    assert kept is not None
    shown = frame.set_index("file").loc[kept["file"], "probability_down"].to_numpy()
    np.testing.assert_allclose(shown, kept["probability_1"], atol=1e-4)
    packed = tmp_path / "new"
    packed.write_bytes(zipped({"a/1.png": png(drawn("down", 99)), "../out.png": b"", "b.csv": b"1,2"}))
    assert main(["predict", run.id, str(packed), "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert pd.read_csv(out)["file"].tolist() == ["a/1.png"]
    assert any("leads out of the zip" in note for note in found["notes"]) and len(found["notes"]) >= 2
    assert main(["predict", run.id, names[1], "--out", str(out)]) == 1
    assert "There is no picture that can be read" in capsys.readouterr().err


def test_table_run_takes_one_table(workspace: Workspace, draft_of: Callable[..., Any]) -> None:
    from core.cli.predict import _pictures_or_table
    from tests.conftest import grades

    run = Run.create(workspace, draft_of(grades()))
    with pytest.raises(UserError, match="One table was expected, got 2 files"):
        _pictures_or_table(run, ["a.csv", "b.csv"])


def test_run_without_a_network_says_so(workspace: Workspace, zip_file: str, folder: Path) -> None:
    run = Run.create(workspace, configured(workspace, zip_file, *FEW))
    shutil.rmtree(folder)
    with pytest.raises(UserError, match="no trained network yet"):
        image_predict.predict_pictures(run, [str(folder)])
