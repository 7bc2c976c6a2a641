"""From a study to runs: a member as it is, or a setting that learns once more from train and validation rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from core.data.align import align
from core.data.load import load_joined
from core.data.schema import Schema
from core.errors import UserError
from core.network.outputs import from_model
from core.progress import progress
from core.runs import Run
from core.spec import Origin, RunConfig
from core.studies import Study
from core.study_progress import study_progress
from core.study_runs import refit, refit_config
from core.training.conclude import CROSS_VALIDATED
from core.training.job import train_run
from core.training.questions import feature_importance, open_member, open_test
from core.training.study_rows import StudyRows
from core.workspace import Workspace
from tests.conftest import response
from tests.core.training.study_cases import member_answers, study_of, trained, visits, with_network

Draft = Callable[..., RunConfig]
NORMALIZED = [{"kind": "BatchNormalization", "momentum": 0.5}, {"kind": "Dense", "units": 3}]
GRID = {"l2": [0.0, 0.02], "dropout": [0.2]}


def classes(workspace: Workspace, draft_of: Draft, **values: Any) -> Study:
    """Categories that some folds don't know or know in another order, through a normalization."""
    config = draft_of(visits(), epochs=5, patience=3, learning_rate=0.05, batch_size=8)
    config = with_network(config, *NORMALIZED, group_column="person", drop=[])
    return study_of(workspace, config, GRID, **{"folds": 2, "seeds": 2, "score": "accuracy", **values})


def numbers(workspace: Workspace, draft_of: Draft, **values: Any) -> Study:
    config = with_network(draft_of(response(), epochs=8, patience=4, learning_rate=0.05, batch_size=8))
    return study_of(workspace, config, GRID, **{"folds": 2, "seeds": 2, **values})


@pytest.fixture(params=[classes, numbers])
def study(request: pytest.FixtureRequest, workspace: Workspace, draft_of: Draft) -> Study:
    return trained(request.param(workspace, draft_of))


def opened(study: Study, member: int) -> Run:
    return Run(study.workspace, open_member(str(study.workspace.root), study.id, member))


def raw_answers(run: Run) -> np.ndarray:
    """Answers for all rows of the table, from the model file and plain Keras alone."""
    facts, table = run.dataset(), load_joined(run.workspace, run.config.data)
    features, _ = align(Schema.from_dict(facts["schema"]), table)
    raw: list[Any] = [tf.constant(features.numbers)]
    if features.text_names:
        names = [np.array([*values, ""], object) for values in features.categories]
        cells = [own[codes] for own, codes in zip(names, features.codes.T, strict=True)]
        raw.append(tf.constant(np.stack(cells, axis=1).tolist()))
    return from_model(run.config.training.loss, keras.models.load_model(run.model, compile=False)(raw).numpy())


def predicted(frame: pd.DataFrame) -> np.ndarray:
    return frame["probability_1" if "probability_1" in frame else "prediction"].to_numpy()


def test_member_opens_as_a_whole_run(study: Study) -> None:
    result, answers = study.result(), member_answers(study)
    shared = StudyRows.load(study.spec, study.workspace)
    (epochs, curves), board = study.curves(), study.board()
    for number, member in enumerate(study.spec.members):
        run = opened(study, number)
        told = progress(run)
        assert told.state == "finished"
        origin = Origin(study=study.id, setting=member.setting)
        assert run.config == study.spec.member_config(member).change(origin=origin.model_dump())
        assert told.facts["best_epoch"] == board.best_epoch[number] and told.facts["epochs"] == board.epoch[number]
        # Its score is the study's, its validation rows the held-out ones, its answers those that the study judged.
        key = result["metric"]
        group = member.seed * study.spec.folds + member.fold
        score = run.metrics()["parts"]["validation"]["metrics"][key]["value"]
        assert score == pytest.approx(result["settings"][member.setting]["scores"][group], abs=1e-5)
        score = run.metrics()["parts"]["train"]["metrics"][key]["value"]
        assert score == pytest.approx(result["settings"][member.setting]["train_scores"][group], abs=1e-5)
        split = shared.dataset_of((member.fold, member.seed)).split
        frame = run.predictions()
        held = frame[frame["part"] == "validation"]
        np.testing.assert_array_equal(held["row"] - 1, shared.dataset.rows[split.validation])
        own = answers[number][:, 1] if answers[number].ndim == 2 else answers[number]
        np.testing.assert_allclose(predicted(held), own, atol=2e-5)
        assert run.metrics()["note"] == ""
        # Its model gives the same for raw rows.
        raw = raw_answers(run)[frame["row"] - 1]
        np.testing.assert_allclose(raw[:, 1] if raw.ndim == 2 else raw, predicted(frame), atol=2e-5)
        # Its curves are the study's.
        known = np.isfinite(curves[:, 0, number])
        assert [row["epoch"] for row in told.history] == epochs[known].tolist()
        for place, name in enumerate(("loss", "metric", "val_loss", "val_metric")):
            mine = [row[name] for row in told.history]
            np.testing.assert_allclose(mine, curves[known, place, number], rtol=1e-6)
    if study.spec.run.data.task == "binary":
        layouts = {tuple(shared.columns_of(shared.prepared((fold, seed)))) for fold in (0, 1) for seed in (0, 1)}
        assert {len(places) for places in layouts} == {shared.inputs, shared.inputs - 1}


def test_opened_member_answers_questions(study: Study) -> None:
    run = opened(study, 1)
    root = str(study.workspace.root)
    found = open_test(root, run.id)
    sealed = StudyRows.load(study.spec, study.workspace).dataset.split.test
    assert found["parts"]["test"]["rows"] == len(sealed) > 0
    assert feature_importance(root, run.id)["features"]


def test_member_trained_alone_is_the_same_network(workspace: Workspace, draft_of: Draft) -> None:
    """With dropout, in the second fold; of a table whose folds are equally large and know the same categories."""
    study = trained(numbers(workspace, draft_of), end=False)
    for number in (1, 7):
        run = Run.create(workspace, study.spec.member_config(study.spec.members[number]))
        train_run(str(workspace.root), run.id)
        held = run.predictions().query("part == 'validation'")
        np.testing.assert_allclose(predicted(held), member_answers(study)[number], atol=1e-4)
        assert progress(run).facts["best_epoch"] == study.board().best_epoch[number]


@pytest.mark.parametrize("member", [-1, 8, 10**9])
def test_member_that_is_not_there_is_a_sentence(workspace: Workspace, draft_of: Draft, member: int) -> None:
    study = classes(workspace, draft_of)
    with pytest.raises(UserError, match="no network number"):
        open_member(str(workspace.root), study.id, member)


def test_member_that_did_not_end_is_a_sentence_and_leaves_no_run(workspace: Workspace, draft_of: Draft) -> None:
    study = classes(workspace, draft_of)
    with pytest.raises(UserError, match="no usable weights"):
        open_member(str(workspace.root), study.id, 0)
    with pytest.raises(UserError, match="not here"):
        open_member(str(workspace.root), "20260101-093000-1a2b3c", 0)
    assert list(workspace.runs()) == []


def test_run_that_could_not_be_written_is_not_left_behind(
    workspace: Workspace, draft_of: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = trained(numbers(workspace, draft_of, folds=2, seeds=1), end=False)
    monkeypatch.setattr(Run, "save_metrics", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        opened(study, 0)
    assert list(workspace.runs()) == []


def test_setting_learns_once_more_from_all_rows_but_the_sealed_ones(study: Study) -> None:
    spec, result = study.spec, study.result()
    run = refit(study, 1)
    train_run(str(study.workspace.root), run.id)
    told, config, frame = progress(run), run.config, run.predictions()
    assert told.state == "finished", told.problem
    assert config.network == spec.network(spec.settings[1])
    assert (config.origin.study, config.origin.setting) == (study.id, 1)
    assert not config.training.early_stopping
    epochs = study.board().best_epoch.reshape(2, -1)[1]
    assert config.training.epochs == max(1, int(np.median(epochs))) == max(1, result["best_epochs"][1])
    assert [row["epoch"] for row in told.history] == list(range(config.training.epochs + 1))
    assert all(row["val_loss"] is None for row in told.history)
    dataset = StudyRows.load(spec, study.workspace).dataset
    pool = np.sort(np.concatenate([dataset.split.train, dataset.split.validation]))
    learned = frame[frame["part"] == "train"]
    np.testing.assert_array_equal(np.sort(learned["row"] - 1), np.sort(dataset.rows[pool]))
    assert not {*frame["row"] - 1} & {*dataset.rows[dataset.split.test]}
    held = frame[frame["part"] == "validation"]
    answers = member_answers(study)
    # Settings x seeds x folds: the first repetition of setting 1 are members 4 and 5.
    own = np.concatenate([answers[4], answers[5]])
    np.testing.assert_allclose(predicted(held), own[:, 1] if own.ndim == 2 else own, atol=1e-6)
    np.testing.assert_array_equal(np.sort(held["row"]), np.sort(dataset.rows[pool] + 1))
    facts, metrics = run.dataset(), run.metrics()
    assert metrics["note"] == CROSS_VALIDATED
    assert facts["rows"] == {"train": len(pool), "validation": 0, "test": len(dataset.split.test)}
    for line in metrics["baselines"]:
        # What the baselines are said to reach is theirs on held-out rows, too.
        mine = next(each for each in result["baselines"] if each["key"] == line["key"])
        value = line["parts"]["validation"][result["metric"]]["value"]
        low, high = min(mine["scores"][:2]), max(mine["scores"][:2])
        assert low - 0.05 <= value <= high + 0.05
    raw = raw_answers(run)[learned["row"] - 1]
    np.testing.assert_allclose(raw[:, 1] if raw.ndim == 2 else raw, predicted(learned), atol=2e-5)


def test_refit_run_answers_questions(workspace: Workspace, draft_of: Draft) -> None:
    study = trained(classes(workspace, draft_of))
    run = refit(study, 0)
    train_run(str(workspace.root), run.id)
    found = open_test(str(workspace.root), run.id)
    assert found["parts"]["test"]["rows"] == run.dataset()["rows"]["test"] > 0
    assert found["verdict"]["sentence"]
    names = [each["feature"] for each in feature_importance(str(workspace.root), run.id)["features"]]
    assert sorted(names) == ["kind", "u", "v"]


@pytest.mark.parametrize("before", [True, False])
def test_refit_of_a_deleted_study_is_a_sentence(workspace: Workspace, draft_of: Draft, before: bool) -> None:
    study = trained(numbers(workspace, draft_of, folds=2, seeds=1))
    run = refit(study, 0)
    if before:
        study.delete()
    else:
        (study.folder / "00.answers.npz").unlink()
    train_run(str(workspace.root), run.id)
    told = progress(run)
    assert told.state == "failed" and told.remedy
    assert "study" in told.problem.lower() and "Traceback" not in told.problem


@pytest.mark.parametrize("setting", [-1, 2])
def test_only_a_trained_setting_can_learn_once_more(workspace: Workspace, draft_of: Draft, setting: int) -> None:
    study = trained(numbers(workspace, draft_of))
    with pytest.raises(UserError, match=f"number {setting + 1}"):
        refit_config(study, setting)
    with pytest.raises(UserError, match="number 1"):
        refit(numbers(workspace, draft_of), 0)
    study.delete()
    with pytest.raises(UserError, match="not here"):
        refit(study, 0)


def test_repetition_without_answers_is_not_the_one_that_is_shown(workspace: Workspace, draft_of: Draft) -> None:
    """The chunk with the first repetition did not end, because the person stopped."""
    cuts = [((0, 1), [(0, 0), (1, 0)]), ((0, 1), [(0, 1), (1, 1)])]
    config = numbers(workspace, draft_of).spec.run
    study = trained(study_of(workspace, config, GRID, cuts, folds=2, seeds=2))
    (study.folder / "00.answers.npz").unlink()
    run = refit(study, 0)
    train_run(str(workspace.root), run.id)
    assert progress(run).state == "finished", progress(run).problem
    held = run.predictions().query("part == 'validation'")
    np.testing.assert_allclose(predicted(held), np.concatenate(member_answers(study)[2:4]), atol=1e-6)


def test_repeated_hold_outs_from_the_question_to_a_run(workspace: Workspace, draft_of: Draft) -> None:
    study = trained(numbers(workspace, draft_of, folds=1, seeds=3))
    assert study_progress(study).state == "finished"
    result = study.result()
    assert (result["folds"], result["seeds"], result["members"]) == (1, 3, 6)
    kept = study.answers(study.chunks[0])
    helds = [tuple(kept[f"{group}-held"]) for group in range(3)]
    assert len(set(helds)) == 3 and len({len(held) for held in helds}) == 1
    assert all(score is not None for each in result["settings"] for score in each["scores"])
    run = opened(study, 4)
    assert (run.config.data.split.folds, run.config.data.split.repeat) == (1, 1)
    score = run.metrics()["parts"]["validation"]["metrics"]["r2"]["value"]
    assert score == pytest.approx(result["settings"][1]["scores"][1], abs=1e-5)
    again = refit(study, result["best"])
    train_run(str(workspace.root), again.id)
    assert progress(again).state == "finished", progress(again).problem
    assert len(again.predictions().query("part == 'validation'")) == len(helds[0])
