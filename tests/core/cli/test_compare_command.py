"""How ``compare`` ends in every case: always with one JSON object, and with 0 only when the study finished."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.cli import compare as command
from core.studies import Study, all_studies
from core.training.study_end import conclude_study
from core.training.study_job import train_chunk
from core.workspace import Workspace
from tests.conftest import grades
from tests.core.data.images.pictures import two_classes, zipped

KEYS = {"study", "status", "members", "best", "simplest", "tied", "baseline", "corrected_score", "seconds"}


class AtOnce:
    """An engine that trains in this process; Ctrl+C comes before anything was learned where ``interrupted``."""

    interrupted = False

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def submit_study(self, study: Study) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self._train(study)

    def stop_study(self, study: Study) -> None:
        study.request_stop()
        self._train(study)

    def recover_silent_study(self, study: Study) -> None:
        raise AssertionError("the study has ended")

    def _train(self, study: Study) -> None:
        for chunk in study.chunks:
            train_chunk(str(self.workspace.root), study.id, chunk.number)
        conclude_study(str(self.workspace.root), study.id)


@pytest.fixture
def table(tmp_path: Path) -> str:
    grades(60).to_csv(tmp_path / "grades.csv", index=False)
    return str(tmp_path / "grades.csv")


def closing(text: str) -> dict[str, Any]:
    """The object on the last line of stdout."""
    found: dict[str, Any] = json.loads(text.strip().splitlines()[-1])
    assert set(found) >= KEYS
    return found


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--l2", "abc"], "--l2 takes numbers with commas between them, got 'abc'"),
        (["--l2", "20"], "An L2 rate is a number from 0 to 10; got 20"),
        (["--units", "0"], "A width (neurons in a layer) is a whole number from 1 to 4,096; got 0"),
        (["--folds", "abc"], "--folds takes a whole number, got 'abc'"),
        (["--folds", "50"], "less than or equal to 20"),
        (["--folds", "1", "--seeds", "1"], "shows no chance"),
        (["--folds", "20", "--seeds", "50"], "6 settings x 20 folds x 50 seeds are 6,000 networks; at most 2,000"),
        (["--score", "r2"], "The score r2 does not suit this task"),
        (["--target", "nowhere"], "There is no column 'nowhere'"),
    ],
)
def test_wrong_choices_are_said_and_closed_with_an_object(
    workspace: Workspace, table: str, wrong: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", table, "--target", "result", *wrong]) == 1
    out, err = capsys.readouterr()
    assert said in err
    told = closing(out)
    assert (told["study"], told["status"], told["members"], told["best"]) == (None, "failed", 0, None)
    assert all_studies(workspace) == []


def run(workspace: Workspace, table: str, *options: str) -> int:
    return main(
        ["compare", table, "--target", "result", "--folds", "2", "--seeds", "1", "--set", "training.epochs=3", *options]
    )


def test_a_study_ends_with_its_table_its_sentence_and_its_object(
    workspace: Workspace, table: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "Engine", AtOnce)
    assert run(workspace, table, "--l2", "0,0.1", "--dropout", "0,0.3") == 0
    out, err = capsys.readouterr()
    assert "4 settings x 2 folds x 1 seed: 8 networks" in err
    (study,) = all_studies(workspace)
    result, told = study.result(), closing(out)
    assert result is not None and result["sentence"] in out
    assert all(words in out for words in study.spec.words)
    assert (told["study"], told["status"], told["members"]) == (study.id, "finished", 8)
    best = told["best"]
    assert best["score"] == result["settings"][result["best"]]["score"]["value"]
    assert best["setting"] == study.spec.settings[result["best"]]._asdict()
    assert best["interval"][0] <= best["score"] <= best["interval"][1]
    assert len(told["tied"]) == len(result["tied"])
    assert told["baseline"] == {each["key"]: each["score"]["value"] for each in result["baselines"]}


def test_a_zip_of_pictures_is_compared_one_network_after_the_other(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "Engine", AtOnce)
    path = tmp_path / "pictures.zip"
    path.write_bytes(zipped(two_classes(each=10)))
    layers = json.dumps([{"kind": "Conv2D", "filters": 2}, {"kind": "Flatten"}])
    own = ["--set", "data.size=16", "--set", f"network.layers={layers}", "--set", "training.epochs=1"]
    options = ["--folds", "2", "--seeds", "1", *own]
    assert main(["compare", str(path), "--augmentation", "0,1", *options]) == 0
    told = closing(capsys.readouterr().out)
    assert (told["status"], told["members"]) == ("finished", 4)
    assert told["best"]["setting"]["augmentation"] in (0.0, 1.0)
    assert told["baseline"]["majority"] == pytest.approx(0.5, abs=0.2)
    assert main(["compare", str(path), "--units", "4,8", *options]) == 1
    out, err = capsys.readouterr()
    assert "neurons would make no difference" in err
    assert closing(out)["status"] == "failed"


def test_a_stopped_study_is_no_success_but_closes_with_its_object(
    workspace: Workspace, table: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "Engine", AtOnce)
    monkeypatch.setattr(AtOnce, "interrupted", True)
    assert run(workspace, table, "--l2", "0,0.1") == 1
    out, err = capsys.readouterr()
    assert "The study was stopped" in err
    assert closing(out)["status"] == "stopped"
