"""A model card: what a network is for, what it is not for, and what to be careful with.

The headings are those of Mitchell et al. 2019, Model cards for model reporting (FAT*), as far as a run can fill them.
"""

from __future__ import annotations

from core.evaluation.words import count, shorten
from core.export.methods import scores_in_words
from core.export.methods_network import parameters
from core.export.report_facts import Facts
from core.spec import DataSpec


def model_card(facts: Facts, made_with: str) -> list[tuple[str, list[str]]]:
    """Headings, each with its sentences.

    Args:
        facts: The run.
        made_with: Names and versions of the software.
    """
    return [
        ("Model", _model(facts, made_with)),
        ("Intended use", _use(facts)),
        ("Not intended", _misuse(facts)),
        ("Data", _data(facts)),
        ("Performance", _performance(facts)),
        ("Ethical cautions", _cautions(facts)),
        ("Licence", ["Unknown: neither the data nor this network was given a licence in Muffin. Ask its author."]),
    ]


def _model(facts: Facts, made_with: str) -> list[str]:
    run = facts.shown.run
    kind = "a number" if facts.shown.task == "regression" else "a class"
    learned = count(parameters(facts), "learned parameter")
    return [
        f"“{shorten(run.name, 100)}” (run {run.id}): a neural network with {learned} that answers {kind}.",
        f"Made with {made_with}.",
    ]


def _use(facts: Facts) -> list[str]:
    data = facts.shown.config.data
    if isinstance(data, DataSpec):
        rows = "new rows with the same columns, measured in the same way"
        return [f"To estimate “{shorten(data.target)}” for {rows}, from the same population as the data."]
    named = count(len(facts.shown.class_names), "class", "classes")
    return [f"To tell {named} apart in new pictures of the same kind, taken in the same way."]


def _misuse(facts: Facts) -> list[str]:
    found = [
        "Decisions about people (health, school, work, credit, law) without a person who checks each one and answers "
        "for it.",
        "Cases unlike the data: another place, time, device or group of people.",
        "Conclusions about causes: the network finds what goes together, not what leads to what.",
    ]
    if not isinstance(facts.shown.config.data, DataSpec):
        found.append("Pictures of anything that is none of its classes: it always answers one of them.")
    return found


def _data(facts: Facts) -> list[str]:
    text = f"{facts.shown.noun.title()}s: {facts.parts_in_words}."
    return [text, "Where the data comes from, and who agreed to its use, is not recorded."]


def _performance(facts: Facts) -> list[str]:
    verdict = facts.shown.metrics.get("verdict")
    found = [verdict["sentence"]] if verdict else ["How good it is could not be measured."]
    if facts.test is not None:
        found.append(f"Sealed test, opened {facts.openings.words}: {scores_in_words(facts.test, 'test')}.")
    return found


def _cautions(facts: Facts) -> list[str]:
    found = [
        "Nobody has checked whether it errs more often for some groups of people than for others. Check that before "
        "it is used on people.",
        "It repeats what is in its data, unfairness included.",
    ]
    if isinstance(facts.shown.config.data, DataSpec):
        found.append(
            "Its file holds averages and categories of the training rows. Where those are personal or secret, so is "
            "the file."
        )
    else:
        found.append("Where the pictures show people, ask them before you share pictures or network.")
    return found
