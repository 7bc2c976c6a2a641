"""A report of a run or of a comparison: one HTML file without scripts that asks nothing of the outside."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from core.data.finding import Finding
from core.errors import UserError
from core.evaluation.words import count
from core.export.figures import pictures_of, study_pictures
from core.export.figures_style import Picture, svg_of
from core.export.methods import Methods, methods, study_methods
from core.export.model_card import model_card
from core.export.report_facts import Facts, findings_of, fingerprints, versions
from core.export.report_html import (
    Html,
    element,
    facts,
    figure,
    joined,
    listed,
    name_of,
    page,
    paragraphs,
    section,
    table,
)
from core.export.report_limits import limitations
from core.export.report_results import features_section, results_section, sealed_section, training_section, verdict_card
from core.export.report_settings import choices_section, network_section
from core.export.report_study import asked, study_section
from core.runs import Run
from core.spec import TASK_WORDS, DataSpec
from core.studies import Study
from core.study_opened import open_study
from core.workspace import write_file

MOST_CLASSES = 50
SEVERITY = {"problem": "Problem", "warning": "Warning", "note": "Note"}
SQUARE = ("confusion", "roc", "precision_recall", "calibration", "predicted_and_true", "errors", "test_confusion",
          "test_predicted_and_true")  # fmt: skip


def make_report(run: Run, target: Path) -> None:
    """Write the report of a run; raises `UserError` where it holds no results."""
    gathered = Facts.of(run)
    used = versions(run.model)
    drawn = inline(pictures_of(gathered.shown))
    path = Html("")
    if gathered.answer is not None:
        path = joined(inline(study_pictures(gathered.answer)).values())
    origin = gathered.shown.config.origin
    body = [
        _heading("Report of a trained network", run.name, run.id),
        verdict_card(gathered.shown.metrics),
        _question(gathered),
        _data(gathered),
        network_section(gathered, drawn.get("network", Html(""))),
        training_section(gathered, drawn),
        results_section(gathered, drawn),
        features_section(gathered, drawn),
        sealed_section(gathered, drawn),
    ]
    if gathered.answer is not None and origin is not None:
        body.append(study_section(gathered.answer, path, origin.setting))
    body += [
        section("Limitations", listed(limitations(gathered))),
        _methods(methods(gathered, used)),
        _card(model_card(gathered, ", ".join(f"{name} {version}" for name, version in used))),
        choices_section(gathered),
        _versions(used, fingerprints(run, "config.json", gathered.shown.config.data)),
    ]
    write_file(target, page(f"Report: {run.name}", *body))


def make_study_report(study: Study, target: Path) -> None:
    """Write the report of a comparison alone; raises `UserError` where it has no answer."""
    answer = open_study(study)
    if answer is None:
        raise UserError("This comparison has no answer.", "Wait until it has finished, or start it again.")
    used = versions()
    data = answer.spec.run.data
    body = [
        _heading("Report of a comparison", study.name, study.id),
        section("What was asked", facts(asked(answer))),
        study_section(answer, joined(inline(study_pictures(answer)).values())),
        section("What to know about the data", _findings(findings_of(study.workspace, data))),
        _methods(study_methods(answer, used)),
        _versions(used, fingerprints(study, "study.json", data)),
    ]
    write_file(target, page(f"Report: {study.name}", *body))


def inline(pictures: Sequence[Picture]) -> dict[str, Html]:
    """The figures as they stand in the page, by name."""
    return {
        each.name: figure(
            svg_of(each.figure, f"{each.name}-", each.title), size="half" if each.name in SQUARE else "wide"
        )
        for each in pictures
    }


def _heading(kind: str, name: str, id: str) -> Html:
    made = time.strftime("%d %B %Y")
    told = element("p", f"{kind} · {id} · written on {made} by Muffin", class_="quiet")
    return element("header", element("h1", name_of(name, 120)), told)


def _question(gathered: Facts) -> Html:
    data, noun = gathered.shown.config.data, gathered.shown.noun
    pairs: list[tuple[str, str]] = [("Data", name_of(data.source.name))]
    if isinstance(data, DataSpec):
        if data.join is not None:
            pairs.append(("Joined with", name_of(data.join.source.name)))
        pairs += [
            ("Predicted (target)", name_of(data.target)),
            ("From", count(len(gathered.shown.features), "feature")),
        ]
    else:
        pairs.append(("Predicted", "the class of a picture"))
    pairs += [("Kind of answer", TASK_WORDS[data.task]), (f"{noun.title()}s", gathered.parts_in_words)]
    return section("What was asked", facts(pairs))


def _data(gathered: Facts) -> Html:
    parts = []
    if counts := gathered.class_counts:
        names = gathered.shown.class_names
        shown = names[:MOST_CLASSES]
        rows = [(name_of(name), *(f"{own.get(name, 0):,}" for own in counts.values())) for name in shown]
        if len(names) > len(shown):
            rows.append((f"and {len(names) - len(shown):,} more classes", *("" for _ in counts)))
        head = ("Class", *(part.capitalize() for part in counts))
        numbers = tuple(range(1, len(head)))
        parts.append(table(head, rows, numbers, f"{gathered.shown.noun.title()}s of each class"))
    return section("Data", *parts, element("h3", "What to know about it"), _findings(gathered.findings))


def _findings(found: Sequence[Finding] | None) -> Html:
    if found is None:
        return element("p", "The data itself was not at hand when this was written, so that it was not checked again.")
    if not found:
        return element("p", "Nothing stands out; the data is fit for learning.")
    return element(
        "ul",
        *(
            element("li", element("strong", f"{SEVERITY[each.severity]}: {each.title}."), f" {each.meaning}")
            for each in found
        ),
    )


def _methods(written: Methods) -> Html:
    return section(
        "Methods, for a paper",
        element("div", paragraphs(written.paragraphs), class_="methods"),
        element("h3", "References"),
        listed(written.references),
    )


def _card(parts: Sequence[tuple[str, list[str]]]) -> Html:
    told = [joined([element("h3", heading), paragraphs(sentences)]) for heading, sentences in parts]
    return section("Model card", *told)


def _versions(used: Sequence[tuple[str, str]], prints: Sequence[tuple[str, str]]) -> Html:
    return section(
        "Versions and fingerprints",
        facts(used),
        element(
            "p", "Keras as the network's file tells it, the others as installed when this was written.", class_="quiet"
        ),
        facts([(name, element("code", print)) for name, print in prints]),
        element("p", "Fingerprints are SHA-256: equal ones mean equal files.", class_="quiet"),
    )
