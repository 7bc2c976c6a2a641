"""What a trained run answers, asked of one tiny real run for each task."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import UserError
from core.network.outputs import from_model
from core.proposal import propose_files
from core.runs import Run
from core.spec import RunConfig
from core.training import questions
from core.training.job import train_run
from core.training.questions import explain_row, feature_importance, open_test, predict_table
from core.training.requests import source_for_prediction
from core.workspace import Workspace

ROWS = 90
TASKS = ("binary", "multiclass", "regression")
TARGET = {"binary": "result", "multiclass": "kind", "regression": "yield"}


def grades() -> pd.DataFrame:
    """Numbers of unlike sizes and a category, both with gaps; an id; two classes."""
    random = np.random.default_rng(1)
    hours = random.uniform(0, 10, ROWS).round(1)
    track = random.choice(["general", "science", "art"], ROWS).astype(object)
    passed = hours + 3 * (track == "science") + random.normal(0, 1.5, ROWS) > 5.5
    frame = pd.DataFrame(
        {
            "student": [f"S{number:03d}" for number in range(ROWS)],
            "hours": hours,
            "income": random.lognormal(10, 1, ROWS).round(),
            "track": track,
            "absences": random.integers(0, 12, ROWS).astype(float),
            "result": np.where(passed, "pass", "fail"),
        }
    )
    frame.loc[::9, "track"] = None
    frame.loc[::7, "absences"] = None
    return frame


def kinds() -> pd.DataFrame:
    """Three classes by two numbers."""
    random = np.random.default_rng(2)
    place = random.normal(0, 1, (ROWS, 2)).round(3)
    names = np.array(["low", "middle", "high"], object)[np.digitize(place[:, 0], [-0.5, 0.5])]
    return pd.DataFrame({"width": place[:, 0], "height": place[:, 1], "kind": names})


def harvest() -> pd.DataFrame:
    """A value far from 0, from numbers and a category."""
    random = np.random.default_rng(3)
    rain, soil = random.uniform(0, 300, ROWS).round(1), random.choice(["clay", "sand"], ROWS)
    crop = 5000 + 4 * rain + 300 * (soil == "clay") + random.normal(0, 60, ROWS)
    return pd.DataFrame(
        {"rain": rain, "soil": soil, "sun": random.normal(20, 5, ROWS).round(2), "yield": crop.round(1)}
    )


FRAMES = {"binary": grades, "multiclass": kinds, "regression": harvest}


def upload(workspace: Workspace, frame: pd.DataFrame) -> str:
    return workspace.keep(io.BytesIO(frame.to_csv(index=False).encode()))


def trained(root: Path, task: str, **training: object) -> Run:
    workspace = Workspace(root)
    config, _ = propose_files(workspace, [(upload(workspace, FRAMES[task]()), f"{task}.csv")])
    assert (config.data.target, config.data.task) == (TARGET[task], task)
    settings = {**config.training.model_dump(), "epochs": 30, "learning_rate": 0.01, **training}
    layers = [{"kind": "Dense", "units": 8}, {"kind": "BatchNormalization"}]
    network = {"preset": "custom", "layers": layers, "regularization": {"kernel_regularizer": "l2"}}
    run = Run.create(workspace, RunConfig.parse({**config.model_dump(), "training": settings, "network": network}))
    train_run(str(root), run.id)
    assert run.events()[-1]["event"] == "finished", run.events()[-1]
    return run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    root = tmp_path_factory.mktemp("workspace")
    return {task: trained(root, task) for task in TASKS}


def predicted(run: Run, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    source = source_for_prediction(run, upload(run.workspace, frame), "new.csv")
    return predict_table(str(run.workspace.root), run.id, source.model_dump(mode="json"))


def columns_of_answer(run: Run) -> list[str]:
    facts = run.dataset()
    assert facts is not None
    return [f"probability_{name}" for name in facts["class_names"]] or ["prediction"]


@pytest.mark.parametrize("task", TASKS)
def test_the_saved_model_answers_as_the_trainer_did(runs: dict[str, Run], task: str) -> None:
    run = runs[task]
    frame, _ = predicted(run, FRAMES[task]())
    kept = run.predictions()
    assert kept is not None and len(kept) > ROWS / 2
    stacked = [f"probability_{place}" for place in range(len(columns_of_answer(run)))]
    expected = kept[["prediction"] if task == "regression" else stacked].to_numpy()
    scale = 1.0 if task != "regression" else FRAMES[task]()["yield"].std()
    answers = frame[columns_of_answer(run)].to_numpy()[kept["row"] - 1]
    assert np.ptp(answers[:, 0]) / scale > 0.3
    np.testing.assert_allclose(answers / scale, expected / scale, atol=1e-5)


def test_a_network_trained_with_hinge_gives_the_same_from_its_file(tmp_path: Path) -> None:
    run = trained(tmp_path, "binary", loss="hinge")
    frame, _ = predicted(run, grades())
    kept = run.predictions()
    assert kept is not None
    answers = frame[columns_of_answer(run)].to_numpy()[kept["row"] - 1]
    np.testing.assert_allclose(answers, kept[["probability_0", "probability_1"]], atol=1e-5)
    found = explain_row(str(tmp_path), run.id, {"hours": 9.0, "track": "science"})
    assert summed(found) == pytest.approx(found["prediction"][1] - found["average"][1], abs=1e-3)


def summed(found: dict) -> float:
    return sum(push for _, _, push in found["contributions"]) + found["rest"]


ROWS_TO_EXPLAIN: dict[str, list[dict]] = {
    "binary": [
        {"hours": 9.5, "income": 20_000.0, "track": "science", "absences": 1.0},
        {"hours": 0.5, "income": None, "track": None, "absences": None},
        {"hours": 4.0, "income": 20_000.0, "track": "never heard of", "absences": 3.0},
        {"hours": 1e6, "income": -1e9, "track": "art", "absences": 500.0},
    ],
    "multiclass": [{"width": -1.5, "height": 0.2}, {"width": 0.1, "height": 3.0}, {"width": 4e4, "height": -2e4}],
    "regression": [
        {"rain": 250.0, "soil": "clay", "sun": 25.0},
        {"rain": None, "soil": None, "sun": 10.0},
        {"rain": 1e6, "soil": "sand", "sun": -1e5},
    ],
}


@pytest.mark.parametrize(("task", "place"), [(task, place) for task in TASKS for place in range(3)] + [("binary", 3)])
def test_contributions_add_up_to_the_prediction_minus_the_average(runs: dict[str, Run], task: str, place: int) -> None:
    run, values = runs[task], ROWS_TO_EXPLAIN[task][place]
    found = explain_row(str(run.workspace.root), run.id, values)
    answer = found["answer"]
    difference = found["prediction"][answer] - found["average"][answer]
    assert abs(difference) > 1e-3
    unit = harvest()["yield"].std() if task == "regression" else 1.0
    assert summed(found) == pytest.approx(difference, rel=2e-5, abs=1e-3 * unit)
    names = [name for name, _, _ in found["contributions"]]
    assert sorted(names) == sorted(values)
    sizes = [abs(push) for _, _, push in found["contributions"]]
    assert sizes == sorted(sizes, reverse=True)
    assert all(value == values[name] for name, value, _ in found["contributions"])


def test_a_row_is_explained_for_its_likeliest_class_and_two_classes_for_the_second(runs: dict[str, Run]) -> None:
    root = str(runs["binary"].workspace.root)
    assert explain_row(root, runs["binary"].id, {"hours": 0.0})["answer"] == 1
    for width in (-2.0, 0.0, 2.0):
        found = explain_row(root, runs["multiclass"].id, {"width": width, "height": 0.0})
        assert found["answer"] == int(np.argmax(found["prediction"]))
        assert sum(found["prediction"]) == pytest.approx(1.0, abs=1e-6)


def test_what_is_true_pushes_most(runs: dict[str, Run]) -> None:
    run = runs["regression"]
    found = explain_row(str(run.workspace.root), run.id, {"rain": 290.0, "soil": "clay", "sun": 20.0})
    name, value, push = found["contributions"][0]
    assert (name, value) == ("rain", 290.0) and push > 100


def test_numbers_beyond_float32_are_missing(runs: dict[str, Run]) -> None:
    run = runs["multiclass"]
    root = str(run.workspace.root)
    huge = explain_row(root, run.id, {"width": 1e300, "height": 0.5})
    assert huge["prediction"] == explain_row(root, run.id, {"width": None, "height": 0.5})["prediction"]


def test_an_answer_that_is_no_number_is_never_taken_for_a_class(
    runs: dict[str, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def overflown(loss: str, outputs: np.ndarray) -> np.ndarray:
        return np.where(np.arange(len(outputs))[:, None] == 2, np.nan, from_model(loss, outputs))

    monkeypatch.setattr(questions, "from_model", overflown)
    with pytest.raises(UserError, match=r"For 1 row \(the first is row 3\) the answer is not a number"):
        predicted(runs["multiclass"], kinds())


@pytest.mark.parametrize("task", TASKS)
def test_a_predicted_table_has_a_line_for_each_row(runs: dict[str, Run], task: str) -> None:
    run = runs[task]
    frame, notes = predicted(run, FRAMES[task]().drop(columns=TARGET[task]))
    names = ["row", "student"][task == "binary"]
    classes = columns_of_answer(run) if task != "regression" else []
    assert list(frame.columns) == [names, "prediction", *classes]
    expected = [f"S{number:03d}" for number in range(ROWS)] if task == "binary" else list(range(1, ROWS + 1))
    assert frame[names].tolist() == expected
    if classes:
        np.testing.assert_allclose(frame[classes].sum(axis=1), 1.0, atol=1e-6)
        likeliest = np.array([name.removeprefix("probability_") for name in classes])[
            frame[classes].to_numpy().argmax(1)
        ]
        assert frame["prediction"].tolist() == likeliest.tolist()
    assert not any("not used" in note for note in notes)


def test_reordered_and_extra_columns_change_nothing_and_are_told(runs: dict[str, Run]) -> None:
    plain, _ = predicted(runs["binary"], grades())
    turned = grades()[["result", "absences", "track", "income", "hours", "student"]]
    turned.insert(1, "shoe size", 40)
    frame, notes = predicted(runs["binary"], turned)
    pd.testing.assert_frame_equal(frame, plain)
    assert any("shoe size" in note for note in notes)


def test_missing_and_wrong_columns_are_named(runs: dict[str, Run]) -> None:
    with pytest.raises(UserError, match="'income' and 'absences'"):
        predicted(runs["binary"], grades().drop(columns=["income", "absences"]))
    wrong = grades().astype({"income": object})
    wrong.loc[4, "income"] = "plenty"
    with pytest.raises(UserError, match=r"'income' must hold numbers.*row 5 holds 'plenty'"):
        predicted(runs["binary"], wrong)


def test_an_unknown_category_counts_as_missing_and_is_told(runs: dict[str, Run]) -> None:
    new, empty = grades(), grades()
    new["track"], empty["track"] = "sports", None
    frame, notes = predicted(runs["binary"], new)
    assert any("'sports'" in note for note in notes)
    other, _ = predicted(runs["binary"], empty.fillna({"track": "?"}))
    np.testing.assert_allclose(frame["probability_pass"], other["probability_pass"])


def test_numeric_ids_stay_whole_and_awkward_id_names_do_not_clash(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    table = harvest().assign(prediction=np.arange(ROWS) + 1001)
    config, _ = propose_files(workspace, [(upload(workspace, table), "harvest.csv")])
    data = config.data.model_dump() | {"id_column": "prediction", "drop": (), "target": "yield", "task": "regression"}
    training = config.training.model_dump() | {"epochs": 1, "loss": "mean_squared_error"}
    run = Run.create(workspace, RunConfig.parse({**config.model_dump(), "data": data, "training": training}))
    train_run(str(tmp_path), run.id)
    frame, _ = predicted(run, table)
    assert frame.columns.is_unique
    assert frame.iloc[:2, 0].astype(str).tolist() == ["1001", "1002"]
    assert frame["prediction"].between(3000, 9000).all()


def test_a_transposed_table_is_turned_for_prediction(runs: dict[str, Run]) -> None:
    plain, _ = predicted(runs["multiclass"], kinds())
    features = kinds()[["width", "height"]].T
    features.columns = [f"case {number}" for number in range(ROWS)]
    frame, _ = predicted(runs["multiclass"], features.reset_index(names="name"))
    np.testing.assert_allclose(frame["probability_low"], plain["probability_low"])


@pytest.mark.parametrize("task", TASKS)
def test_the_test_rows_stay_sealed_until_they_are_opened(tmp_path: Path, runs: dict[str, Run], task: str) -> None:
    run = runs[task]
    root = str(run.workspace.root)
    seen = run.predictions()
    assert seen is not None and set(seen["part"]) == {"train", "validation"}
    assert run.test() is None and run.predictions(sealed=True) is None
    assert "test" not in (run.metrics() or {})["parts"]
    found = open_test(root, run.id)
    opened = run.predictions(sealed=True)
    assert opened is not None and set(opened["part"]) == {"test"}
    assert len(opened) > 10
    assert not set(opened["row"]) & set(seen["row"])
    assert len(opened) + len(seen) == ROWS
    assert run.test() == json.loads(json.dumps(found))
    assert list(found["parts"]) == ["test"] and found["parts"]["test"]["rows"] == len(opened)
    key = "mae" if task == "regression" else "accuracy"
    right = (opened["y_true"] - opened["prediction"]).abs() if task == "regression" else opened["y_true"].eq(
        opened["prediction"]
    )  # fmt: skip
    assert found["parts"]["test"]["metrics"][key]["value"] == pytest.approx(right.mean(), rel=1e-6)
    assert [event["event"] for event in run.events()].count("test_opened") == 1
    open_test(root, run.id)
    assert [event["event"] for event in run.events()].count("test_opened") == 2


def test_without_test_rows_there_is_nothing_to_open(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    config, _ = propose_files(workspace, [(upload(workspace, harvest()), "harvest.csv")])
    data = config.data.change(split={**config.data.split.model_dump(), "test": 0.0})
    training = config.training.change(epochs=1)
    run = Run.create(
        workspace,
        RunConfig.parse({**config.model_dump(), "data": data.model_dump(), "training": training.model_dump()}),
    )
    train_run(str(tmp_path), run.id)
    with pytest.raises(UserError, match="no sealed test rows"):
        open_test(str(tmp_path), run.id)
    assert not any(event["event"] == "test_opened" for event in run.events())


def test_a_run_that_never_trained_says_so(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    config, _ = propose_files(workspace, [(upload(workspace, harvest()), "harvest.csv")])
    run = Run.create(workspace, config)
    with pytest.raises(UserError, match="no trained network yet"):
        explain_row(str(tmp_path), run.id, {"rain": 1.0})


def test_importance_finds_what_decides(runs: dict[str, Run]) -> None:
    for task, decisive in (("binary", "hours"), ("multiclass", "width"), ("regression", "rain")):
        run = runs[task]
        found = feature_importance(str(run.workspace.root), run.id)["features"]
        assert found[0]["feature"] == decisive and found[0]["low"] > 0
        assert run.importance() == json.loads(json.dumps({"features": found}))


ALONE = """
import json, sys
import keras, numpy as np, tensorflow as tf
path, rows = sys.argv[1], json.loads(sys.argv[2])
model = keras.models.load_model(path, safe_mode=True)
inputs = [tf.constant(np.array(rows["numbers"], np.float32))]
if rows["texts"]:
    inputs.append(tf.constant(rows["texts"]))
assert not any(name == "core" or name.startswith("core.") for name in sys.modules)
print(json.dumps(np.asarray(model(inputs if len(inputs) > 1 else inputs[0])).tolist()))
"""


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_the_model_file_answers_raw_rows_with_keras_alone(runs: dict[str, Run], task: str, tmp_path: Path) -> None:
    run, table = runs[task], FRAMES[task]()
    numbers, texts = {
        "binary": (["hours", "income", "absences"], ["track"]),
        "regression": (["rain", "sun"], ["soil"]),
    }[task]
    cells = table[texts].fillna("").to_numpy().tolist()
    rows = {"numbers": table[numbers].to_numpy(float).tolist(), "texts": cells}
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(run.model), json.dumps(rows)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, env={"TF_CPP_MIN_LOG_LEVEL": "3", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    alone = np.array(json.loads(done.stdout.splitlines()[-1]))
    frame, _ = predicted(run, table)
    expected = frame[columns_of_answer(run)[-1]]
    np.testing.assert_allclose(alone[:, 0], expected, rtol=1e-6, atol=1e-6)
