"""Methods paragraphs: right numbers and right English for every combination of settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from core.export.methods import Methods, methods, study_methods
from core.export.methods_references import REFERENCES
from core.export.report_facts import Facts, versions
from core.export.report_limits import limitations
from core.export.report_study import study_facts
from core.spec import LOSSES, Origin, Task
from core.study_opened import open_study
from core.workspace import Workspace
from tests.core.export.report_cases import KINDS, ended_run, ended_study, open_sealed, stopped_study

VERSIONS = [("Muffin", "0.1.0"), ("TensorFlow", "2.21.0"), ("Keras", "3.15.1"), ("NumPy", "2.4.6")]
DENSE: list[dict[str, Any]] = [{"kind": "Dense", "units": 16}]
MANY: list[dict[str, Any]] = [
    {"kind": "Dense", "units": 1, "activation": "linear"},
    {"kind": "BatchNormalization"},
    {"kind": "Dropout", "rate": 0.25},
]
CNN: list[dict[str, Any]] = [
    {"kind": "Conv2D", "filters": 1, "strides": 2},
    {"kind": "AveragePooling2D"},
    {"kind": "MaxPooling2D"},
    {"kind": "Flatten"},
    {"kind": "Dense"},
]


def changed(facts: Facts, **parts: dict[str, Any]) -> Methods:
    """The methods of a run as if parts of its configuration had been others."""
    config = facts.shown.config
    for part, values in parts.items():
        config = config.change(**{part: getattr(config, part).change(**values).model_dump()})
    return methods(replace(facts, shown=replace(facts.shown, config=config)), VERSIONS)


def assert_good_english(told: Methods) -> None:
    for paragraph in told.paragraphs:
        assert not re.search(r"  |\s[,.;:)]|\(\s|\.\.|,,|;;|\bNone\b|\bnan\b|\(\)|[{}]", paragraph), paragraph
        wrong = r"\b(?<![\d,.])1 (rows|pictures|units|epochs|filters|features|inputs|classes|parameters|times|blocks)\b"
        assert not re.search(wrong, paragraph), paragraph
        assert not re.search(
            r"\b([2-9]|\d\d+) (row|picture|unit|epoch|filter|feature|input|class|parameter)\b", paragraph
        )
        assert paragraph.count("(") == paragraph.count(")"), paragraph
        assert paragraph.endswith("."), paragraph
        for sentence in re.split(r"(?<=[a-z)\d])(?<!et al)\. (?=\S)", paragraph):
            assert sentence[0].isupper(), sentence
            assert not sentence[0].isdigit(), sentence


def settings(task: Task) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Data, network and training, each choice in company of every other."""
    penalties = ("none", "l1", "l2", "l1_l2")
    for penalty, dropout, layers, zeros in product(penalties, (0.0, 0.3), ([], DENSE, MANY), (False, True)):
        network = {
            "layers": layers,
            "regularization": {"kernel_regularizer": penalty, "dropout": dropout},
            "output_initializer": "zeros" if zeros else "glorot_uniform",
        }
        yield {}, network, {}
    for optimizer, loss, stopping, weights in product(("adam", "sgd", "rmsprop"), LOSSES[task], (0, 1), (0, 1)):
        yield {}, {}, {"optimizer": optimizer, "loss": loss, "early_stopping": bool(stopping), "class_weights": weights}
    for scaling, missing, copies in product(("standard", "log", "none"), ("fill", "drop_rows"), ("together", "drop")):
        data = {"scaling": scaling, "missing_values": missing, "duplicate_rows": copies, "leave_out_classes": ("a",)}
        yield {**data, "group_column": "town"}, {}, {"batch_size": 1, "epochs": 1, "patience": 1}


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_combination_on_tables_is_correct_english(workspace: Workspace, task: Task) -> None:
    facts = Facts.of(ended_run(workspace, "table", task))
    for data, network, training in settings(task):
        assert_good_english(changed(facts, data=data, network=network, training=training))


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_every_combination_on_pictures_is_correct_english(workspace: Workspace, task: Task) -> None:
    facts = Facts.of(ended_run(workspace, "pictures", task))
    head = [{"kind": "Dense", "units": 8}]
    networks = [{"layers": CNN}, *({"backbone": name, "layers": layers, "fine_tune_blocks": blocks}
                                   for name in ("efficientnet_lite0", "mobilenet_v2", "efficientnet_v2_b0", "resnet50")
                                   for layers in ([], head) for blocks in (0, 1, 3))]  # fmt: skip
    for network, strength in product(networks, (0.0, 0.5)):
        told = changed(facts, network=network, augmentation={"rotate": strength}, data={"color": "grey"})
        assert_good_english(told)
    for data in ({"duplicates": "drop", "left_out": ("x",)}, {"folders_as_parts": True, "relabelled": (("x", "y"),)}):
        assert_good_english(changed(facts, data=data))


@pytest.mark.parametrize(("kind", "task"), KINDS)
def test_scores_are_those_of_the_metrics(workspace: Workspace, kind: str, task: Task) -> None:
    run = ended_run(workspace, kind, task)
    text = " ".join(methods(Facts.of(run), VERSIONS).paragraphs)
    found = (run.metrics() or {})["parts"]["validation"]["metrics"]
    key, words = ("r2", "R²") if task == "regression" else ("roc_auc", "area under the ROC curve")
    told = re.search(rf"{re.escape(words)} ([\d.-]+) \(95 % CI ([\d.-]+) to ([\d.-]+)\)", text)
    assert told is not None
    for given, name in zip(told.groups(), ("value", "low", "high"), strict=True):
        assert float(given) == pytest.approx(found[key][name], abs=0.0051)


def test_split_sizes_are_those_of_the_run(workspace: Workspace) -> None:
    text = " ".join(methods(Facts.of(ended_run(workspace, "table", "binary")), VERSIONS).paragraphs)
    assert "Of 120 rows, 72 were learned from, 24 were used for validation, and 24 were put aside" in text
    assert "stratified by class, seed 0" in text
    assert "The 2 numeric features were standardised" in text
    assert "The categorical feature was turned into" in text
    assert "fitted on the 72 training rows alone; it gave the network 5 inputs" in text
    assert "(epoch 12)" in text and "ended after 39 epochs" in text


def test_what_is_in_use_is_named_and_nothing_else(workspace: Workspace) -> None:
    facts = Facts.of(ended_run(workspace, "table", "binary"))
    plain = " ".join(changed(facts, network={"layers": DENSE}).paragraphs)
    assert "No weight penalty and no dropout was used." in plain
    assert "a dense layer of 16 units (ReLU) and an output layer of 1 unit (sigmoid); it had 113 trainable" in plain
    network = {"layers": DENSE, "regularization": {"kernel_regularizer": "l2", "l2": 0.01, "dropout": 0.3}}
    held = changed(facts, network=network, training={"optimizer": "sgd", "early_stopping": False})
    text = " ".join(held.paragraphs)
    assert "0.01 times the sum of squared kernel weights (L2 penalty) was added" in text
    assert "absolute" not in text
    assert "dropout (rate 0.3; Srivastava et al. 2014)" in text
    twice = " ".join(changed(facts, network={**network, "layers": [*DENSE, *DENSE]}).paragraphs)
    assert twice.count("Srivastava et al. 2014") == 1 and twice.count("dropout (rate 0.3") == 2
    assert "stochastic gradient descent" in text and "Adam" not in text
    assert "for 10 epochs (seed 0)" in text and "for at most" not in text
    assert "The weights after the last epoch were kept." in text
    assert not any("Kingma" in work for work in held.references)
    assert any("Srivastava" in work for work in held.references)


def test_sealed_rows_are_told_as_they_are(workspace: Workspace) -> None:
    run = ended_run(workspace, "table", "binary")
    assert "The 24 sealed test rows had not been looked at" in methods(Facts.of(run), VERSIONS).paragraphs[3]
    open_sealed(run, times=2)
    told = methods(Facts.of(run), VERSIONS).paragraphs[3]
    assert "which were scored twice, the network reached: accuracy 88 %" in told


def test_every_reference_can_be_cited_and_every_citation_has_its_work(workspace: Workspace) -> None:
    table, pictures = (Facts.of(ended_run(workspace, kind, "binary")) for kind in ("table", "pictures"))
    answer = open_study(ended_study(workspace, l2=[0.0, 0.01]))
    assert answer is not None
    told = [study_methods(replace(answer, result={**answer.result, "method": _method()}), versions())]
    told += [changed(table, network={"layers": MANY}, training={"optimizer": name}) for name in ("adam", "rmsprop")]
    told += [changed(table, network={"layers": [{"kind": "Dropout"}]})]
    told += [changed(pictures, network={"backbone": name, "layers": []})
             for name in ("efficientnet_lite0", "mobilenet_v2", "efficientnet_v2_b0", "resnet50")]  # fmt: skip
    assert {work for each in told for work in each.references} == set(REFERENCES.values())
    for each in told:
        text = " ".join(each.paragraphs)
        cited = set(re.findall(r"[A-Z][a-z]+(?: et al\.| and [A-Z][a-z]+)? (?:19|20)\d\d", text))
        assert cited <= set(REFERENCES)


def test_study_is_told_with_its_grid(workspace: Workspace) -> None:
    answer = open_study(ended_study(workspace, l2=[0.0, 0.001], dropout=[0.0, 0.3]))
    assert answer is not None
    told = study_methods(replace(answer, result={**answer.result, "sentence": "L2 0.001 is best."}), VERSIONS)
    assert_good_english(told)
    assert "Of 4 settings (L2 rate none, 0.001; dropout rate none, 0.3), each was trained" in told.paragraphs[0]
    assert "in 5 parts (folds) and 3 repeats with other starting weights, 60 networks in all" in told.paragraphs[0]
    assert told.paragraphs[0].endswith("L2 0.001 is best.")


@pytest.mark.parametrize(
    ("problem", "said"),
    [("", "by hand"), ("Training was stopped after 20 minutes, which is the limit.", "by the limit of 20 minutes")],
)
def test_comparison_that_was_stopped_is_told_as_one(workspace: Workspace, problem: str, said: str) -> None:
    answer = open_study(stopped_study(workspace, **({"problem": problem} if problem else {})))
    assert answer is not None
    told = f"The comparison was stopped {said} before its end: 15 of 30 networks had ended;"
    paragraph = study_methods(answer, VERSIONS)
    assert paragraph.paragraphs[0].startswith(told)
    assert_good_english(paragraph)
    assert dict(study_facts(answer))["Stopped"].startswith(told)
    whole = open_study(ended_study(workspace, l2=[0.0, 0.001]))
    assert whole is not None and "Stopped" not in dict(study_facts(whole))
    assert study_methods(whole, VERSIONS).paragraphs[0].startswith("Of 2 settings")


def test_stopped_comparison_is_a_limitation_of_its_runs(workspace: Workspace) -> None:
    origin = Origin(study=stopped_study(workspace).id, setting=1)
    facts = Facts.of(ended_run(workspace, "table", "binary", origin=origin.model_dump()))
    assert any(each.startswith("The comparison was stopped by hand") for each in limitations(facts))


def _method() -> str:
    from core.evaluation.study import METHOD

    return METHOD
