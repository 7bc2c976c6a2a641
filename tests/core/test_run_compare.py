"""Runs side by side: what differs, what their scores say, and when they say nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.errors import UserError
from core.evaluation.compare import paired_difference
from core.run_compare import (
    NO_VALIDATION,
    NOT_COMPARABLE,
    comparable_first,
    differences,
    main_metric,
    runs_named,
    scores,
)
from core.runs import Run
from core.spec import Dense, RunConfig, Task
from core.workspace import Workspace
from tests.pages.made_images import image_config
from tests.pages.made_runs import config_for, write_results

Make = Callable[..., Run]


@pytest.fixture
def made(workspace: Workspace) -> Make:
    """``made(task, change)`` makes a run with results; ``change`` turns its config into another one."""

    def make(task: Task = "binary", change: Callable[[RunConfig], RunConfig] = lambda config: config) -> Run:
        config = change(config_for(workspace, task))
        run = Run.create(workspace, config)
        write_results(run, config)
        return run

    return make


def regularized(config: RunConfig, **values: object) -> RunConfig:
    kept = config.network.regularization.change(**values)
    return config.change(network=config.network.change(regularization=kept.model_dump()).model_dump())


def split(config: RunConfig, seed: int) -> RunConfig:
    data = config.data.change(split=config.data.split.change(seed=seed).model_dump())
    return config.change(data=data.model_dump())


def worsened(run: Run) -> None:
    """Turn the answers of half of the validation rows around."""
    rows = run.predictions()
    assert rows is not None
    wrong = (rows["part"] == "validation") & (np.arange(len(rows)) % 2 == 0)
    columns = ["probability_0", "probability_1"]
    rows.loc[wrong, columns] = rows.loc[wrong, columns[::-1]].to_numpy()
    run.save_predictions(rows)


def validation(run: Run) -> pd.DataFrame:
    rows = run.predictions()
    assert rows is not None
    return rows[rows["part"] == "validation"].sort_values("row")


@pytest.mark.parametrize("text", ["", ",,", "a", "a,a", ",".join(map(str, range(13)))])
def test_only_2_to_12_runs_are_compared(text: str) -> None:
    with pytest.raises(UserError, match="2 to 12 runs can be compared"):
        runs_named(text)


def test_runs_are_named_once_and_in_order() -> None:
    assert runs_named(" b,a ,b,") == ["b", "a"]


def test_only_what_differs_and_takes_effect_is_told(workspace: Workspace) -> None:
    first = config_for(workspace, "binary")
    other = regularized(first, kernel_regularizer="l2", l2=0.02)
    layers = [Dense(units=7, activation="tanh").model_dump()]
    other = other.change(network=other.network.change(layers=layers, preset="custom").model_dump(), name="second")
    told = {each.label: each.values for each in differences([first, other])}
    assert told["L2 rate"] == ("0", "0.02")
    assert told["Hidden layers"][1] == "Dense 7 tanh"
    assert told["Preset"] == ("small", "my own layers")
    assert set(told) == {"L2 rate", "Hidden layers", "Preset"}


def test_choices_about_pictures_have_their_own_labels_and_no_ids(workspace: Workspace) -> None:
    config = image_config(workspace)
    data = config.data.change(left_out=("a", "b"), relabelled=(("c", "cross"),), size=64)
    other = config.change(data=data.model_dump(), augmentation={"noise": 0.2})
    assert [each[1:] for each in differences([config, other])] == [
        ("Image size", ("32", "64")),
        ("Pictures left out", ("none", "2 pictures")),
        ("Corrected classes", ("none", "1 picture")),
        ("Noise", ("0", "0.2")),
    ]


def test_a_rate_that_is_switched_off_is_no_difference(workspace: Workspace) -> None:
    first = config_for(workspace, "binary")
    assert differences([first, regularized(first, l1=0.5)]) == []


def test_the_same_rows_give_a_paired_difference(made: Make) -> None:
    first, second = made(), made(change=lambda config: regularized(config, dropout=0.4))
    worsened(second)
    told = scores([first, second], main_metric([first, second]))
    assert told[0].difference is None and told[0].reason == ""
    rows = [validation(run) for run in (first, second)]
    answers = [each[["probability_0", "probability_1"]].to_numpy() for each in rows]
    truth = rows[0]["y_true"].to_numpy()
    assert told[1].difference == paired_difference("binary", "accuracy", truth, answers[1], answers[0])
    assert told[1].result == "worse" and told[1].reason == ""
    assert told[1].difference["value"] < -0.2  # type: ignore[operator]


def test_the_order_of_the_rows_does_not_matter(made: Make) -> None:
    first, second = made(), made()
    rows = second.predictions()
    assert rows is not None
    second.save_predictions(rows.iloc[::-1])
    (_, told) = scores([first, second], "accuracy")
    assert told.difference is not None and told.difference["value"] == 0.0


def test_other_rows_give_no_difference_even_where_their_answers_are_alike(made: Make) -> None:
    first, second = made(), made()
    rows = second.predictions()
    assert rows is not None
    second.save_predictions(rows.assign(row=rows["row"] + 1))
    assert scores([first, second], "accuracy")[1].reason == NOT_COMPARABLE


def test_another_split_gives_no_difference(made: Make) -> None:
    (_, told) = scores([made(), made(change=lambda config: split(config, 5))], "accuracy")
    assert told.score is not None
    assert (told.difference, told.result, told.reason) == (None, None, NOT_COMPARABLE)


def test_a_first_run_that_is_alone_does_not_keep_others_from_being_compared(made: Make) -> None:
    alone, one, two = made(change=lambda config: split(config, 5)), made(), made()
    assert [run.id for run in comparable_first([alone, one, two])] == [one.id, alone.id, two.id]
    assert [run.id for run in comparable_first([one, alone, two])] == [one.id, alone.id, two.id]
    assert [run.id for run in comparable_first([alone, one])] == [alone.id, one.id]


def test_another_task_gives_no_difference(made: Make) -> None:
    (_, told) = scores([made(), made("regression")], "accuracy")
    assert (told.score, told.difference, told.reason) == (None, None, NOT_COMPARABLE)


def test_another_file_gives_no_difference_even_where_the_rows_are_alike(made: Make) -> None:
    first, second = made(), made()
    changed = second.config.model_dump_json().replace(second.config.data.source.fingerprint, "0" * 64)
    (second.folder / "config.json").write_text(changed)
    assert scores([first, second], "accuracy")[1].reason == NOT_COMPARABLE


def test_a_run_without_validation_rows_is_said_so(made: Make) -> None:
    first, second = made(), made()
    rows, metrics = second.predictions(), second.metrics()
    assert rows is not None and metrics is not None
    second.save_predictions(rows[rows["part"] == "train"])
    del metrics["parts"]["validation"]
    second.save_metrics(metrics)
    (_, told) = scores([first, second], "accuracy")
    assert (told.score, told.reason) == (None, NO_VALIDATION)
    before, after = scores([second, first], "accuracy")
    assert before.score is None and after.difference is None and after.reason == NO_VALIDATION


def test_regression_is_compared_by_its_own_metric(made: Make) -> None:
    first, second = made("regression"), made("regression")
    (_, told) = scores([first, second], main_metric([first]))
    assert told.result == "tied" and told.difference == {"value": 0.0, "low": 0.0, "high": 0.0}
