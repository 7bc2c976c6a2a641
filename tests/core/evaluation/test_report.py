"""The report holds everything and is always valid JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.evaluation.baselines import Baseline, baselines
from core.evaluation.compare import paired_difference
from core.evaluation.metrics import score, score_with_intervals
from core.evaluation.report import evaluate


def classes_run(n: int = 160) -> tuple[dict[str, tuple[np.ndarray, np.ndarray]], list[Baseline]]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4))
    y = (x[:, 0] + 0.5 * rng.normal(size=n) > 0).astype(int)
    chance = 1 / (1 + np.exp(-3 * x[:, 0]))
    p = np.column_stack([1 - chance, chance])
    half = n // 2
    simple = baselines("binary", x[:half], y[:half], {"train": x[:half], "validation": x[half:]}, 2)
    return {"train": (y[:half], p[:half]), "validation": (y[half:], p[half:])}, simple


def test_report_holds_every_score_of_every_part_and_baseline() -> None:
    parts, simple = classes_run()
    found = evaluate("binary", ["no", "yes"], parts, simple, inputs=4)
    y, p = parts["validation"]
    assert found["parts"]["validation"]["rows"] == 80
    assert found["parts"]["validation"]["metrics"] == score_with_intervals("binary", y, p)
    assert [each["key"] for each in found["baselines"]] == ["majority", "logistic"]
    logistic = found["baselines"][1]
    values = {key: each["value"] for key, each in logistic["parts"]["train"].items()}
    assert values == pytest.approx(score("binary", parts["train"][0], simple[1].predictions["train"]))
    expected = paired_difference("binary", "log_loss", y, p, simple[1].predictions["validation"])
    kept = logistic["difference"]["validation"]["log_loss"]
    assert {key: kept[key] for key in expected} == expected
    assert found["baselines"][0]["difference"]["validation"]["accuracy"]["result"] == "better"
    assert found["main"] == "accuracy"
    assert found["verdict"]["level"] == "good" and "80 validation rows" in found["verdict"]["sentence"]


def test_the_test_part_alone_gets_its_own_verdict() -> None:
    parts, _ = classes_run()
    found = evaluate("binary", ["no", "yes"], {"test": parts["validation"]})
    assert "80 sealed test rows" in found["verdict"]["sentence"]
    assert list(found["parts"]) == ["test"]
    assert evaluate("binary", ["no", "yes"], {"train": parts["train"]})["verdict"] is None


def test_groups_widen_the_intervals_of_their_part() -> None:
    parts, simple = classes_run()
    groups = {"validation": np.repeat(np.arange(8), 10), "train": None}
    plain, grouped = (
        evaluate("binary", ["a", "b"], parts, simple),
        evaluate("binary", ["a", "b"], parts, simple, groups),
    )
    assert grouped["parts"]["train"] == plain["parts"]["train"]
    assert grouped["parts"]["validation"] != plain["parts"]["validation"]


@pytest.mark.parametrize("prediction", [np.full(6, np.nan), np.full(6, 1e308), np.zeros(6)])
@pytest.mark.parametrize("y", [np.ones(6), np.arange(6.0), np.zeros(0)])
def test_report_is_json_without_nan_whatever_comes(y: np.ndarray, prediction: np.ndarray) -> None:
    prediction = prediction[: len(y)]
    simple = baselines("regression", np.zeros((len(y), 1)), y, {"validation": np.zeros((len(y), 1))}, 0)
    history = [{"epoch": 1, "loss": float("nan"), "val_loss": None}]
    found = evaluate(
        "regression", (), {"train": (y, prediction), "validation": (y, prediction)}, simple, history=history
    )
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_same_seed_gives_the_same_report() -> None:
    parts, simple = classes_run()
    assert evaluate("binary", ["a", "b"], parts, simple) == evaluate("binary", ["a", "b"], parts, simple)
