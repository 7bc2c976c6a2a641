"""Terms are explained wherever they stand: in labels, headings, metrics and brackets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.evaluation.registry import METRICS
from core.glossary import TERMS, terms_in
from core.spec.base import Spec
from pages.parts.course import LESSONS
from pages.parts.lesson_beyond_topics import TOPICS
from pages.parts.terms import help_among, help_with_terms

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "pages").rglob("*.py"))
# Calls that draw words which a person can point at for help.
WITH_HELP = {
    "checkbox", "file_uploader", "metric", "multiselect", "number_input", "pills", "radio", "segmented_control",
    "select_slider", "selectbox", "slider", "subheader", "text_input", "toggle",
}  # fmt: skip
# In brackets, but nothing to be explained.
PLAIN = {
    "My workspace", "a byte of value zero", "a few hundred are a good start", "at most", "cells may be empty",
    "a cell that holds the separator must stand in quotation marks", "edges cut off", "edges filled up",
    "a quotation mark inside a quoted cell is written twice", "empty where most rows are", "four edges", "grey", "same",
    "such as Lab", "the same patient", "times its strength", "sum - 200", "train", "zoom",
    "a tolerance to small shifts",
}  # fmt: skip


MOST_WORDS_A_SENTENCE = 25


def specs(kind: type[Spec] = Spec) -> Iterator[type[Spec]]:
    for each in kind.__subclasses__():
        yield each
        yield from specs(each)


def texts(node: ast.AST) -> Iterator[str]:
    """All texts in the code below a node, without docstrings; what is put in at run time as an ellipsis."""
    parts = {id(part) for each in ast.walk(node) if isinstance(each, ast.JoinedStr) for part in each.values} | {
        id(each.value) for each in ast.walk(node) if isinstance(each, ast.Expr)
    }
    for each in ast.walk(node):
        if (text := literal(each)) is not None and id(each) not in parts:
            yield text


def literal(node: ast.AST) -> str | None:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def test_every_field_of_a_spec_explains_the_terms_of_its_label() -> None:
    for spec in set(specs()):
        for name, info in spec.model_fields.items():
            for term in terms_in(str(info.title or "")):
                told = help_with_terms(str(info.title), info.description or "")
                assert term.means in told or f"learn_{term.lesson}" in told or not term.lesson, (spec, name, term.name)
                assert told.startswith(str(info.description))


@pytest.mark.parametrize("key", METRICS)
def test_every_metric_is_in_the_glossary(key: str) -> None:
    inside = re.search(r"\(([^()]+)\)$", METRICS[key].label)
    assert inside and len(terms_in(inside[1])) == 1
    assert terms_in(inside[1])[0].name in inside[1]


def test_every_label_and_heading_explains_its_terms() -> None:
    silent = [
        f"{path.name}:{call.lineno} {label}"
        for path in PAGES
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in WITH_HELP
        if call.args and terms_in(label := literal(call.args[0]) or "")
        if not any(each.arg == "help" and re.search(r"help_|told", ast.unparse(each.value)) for each in call.keywords)
    ]
    assert silent == []


def test_lessons_speak_in_short_sentences() -> None:
    lessons = [path for path in PAGES if path.name.startswith(("learn_", "lesson"))]
    assert len(lessons) > 30
    long = [
        sentence
        for path in lessons
        for text in texts(ast.parse(path.read_text(encoding="utf-8")))
        for sentence in re.split(r"(?<=[.!?])\s+", text)
        if "<" not in sentence and len(re.findall(r"[\w'’-]+", sentence)) > MOST_WORDS_A_SENTENCE
    ]
    assert long == []


def test_what_is_explained_is_a_term() -> None:
    asked = [
        (path.name, call.lineno, literal(call.args[0]))
        for path in PAGES
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "help_with_terms" and literal(call.args[0])
    ]
    assert len(asked) > 40
    assert [each for each in asked if not all(map(terms_in, re.split(r", |; ", str(each[2]).strip("…,; "))))] == []


def test_every_term_in_brackets_is_in_the_glossary() -> None:
    folders = [ROOT / "pages", *(ROOT / "core" / name for name in ("spec", "data", "evaluation", "network"))]
    missing = {
        inside: path.name
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
        for text in texts(ast.parse(path.read_text(encoding="utf-8")))
        for inside in re.findall(r"(?<=[a-z] )\(([A-Za-z][\w² -]+)\)", text)
        if inside not in PLAIN and not terms_in(inside)
    }
    assert missing == {}


def test_every_term_leads_to_a_page_that_is_there() -> None:
    known = {lesson.key for lesson in LESSONS}
    assert {term.lesson for term in TERMS if term.lesson} <= known | {"transfer"}


def test_help_says_nothing_twice_and_links_what_it_does_not_say() -> None:
    told = help_with_terms(
        "Learning rate", "The size of each step: too small is slow, too large jumps over the lowest."
    )
    assert told.count("too small") + told.count("Too small") == 1
    assert told.endswith("Try it: [How it learns](learn_descent)")
    told = help_with_terms("Optimizer", "How it steps.", ["Adam", "SGD (plain steps)"])
    assert told.startswith("How it steps.\n\n**Optimizer**: The rule that")
    assert "[Adam](learn_glossary?term=Adam), [SGD](learn_glossary?term=SGD)." in told
    assert help_with_terms("Name", "What it is called.") == "What it is called."
    assert help_with_terms("Name") == ""


def test_names_from_data_are_not_taken_for_terms() -> None:
    assert "L2" in help_among("L2 holds it back; bias matters most", terms_in("L2, dropout"))
    assert help_among("bias matters most", terms_in("L2, dropout")) == ""


def test_every_word_to_look_topics_up_by_is_in_the_glossary() -> None:
    assert [word for topic in TOPICS for word in topic.words.split(", ") if not terms_in(word)] == []
