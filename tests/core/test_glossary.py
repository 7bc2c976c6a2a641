"""The terms, and finding them in texts."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.glossary import TERMS, Term, search, terms_in

MOST_WORDS = 45
MOST_WORDS_A_SENTENCE = 26


def names(text: str) -> list[str]:
    return [term.name for term in terms_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Learning rate", ["learning rate"]),
        ("LEARNING RATES of fine tuning", ["learning rate", "fine-tuning"]),
        ("a weighted sum, weights and biases", ["weighted sum", "weight", "bias"]),
        ("cross-entropy and binary cross entropy", ["cross-entropy", "binary cross-entropy"]),
        ("share of correct answers, averaged over classes (balanced accuracy)",
         ["accuracy", "class", "balanced accuracy"]),
        ("explained share of the differences (R²)", ["R²"]),
        ("validation rows (95 % interval)", ["validation", "confidence interval"]),
        ("probabilities, probability", ["probability"]),
        ("the winner's luck", ["selection bias"]),
        ("a batch. Size matters", ["batch"]),
        ("Neurons", ["neuron"]),
        ("confused, classy, weightless, seeded, identical, oboe", []),
        ("", []),
    ],
)  # fmt: skip
def test_terms_are_found_as_whole_words_the_longest_first(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_each_term_is_found_by_all_its_names_and_is_short_and_plain(term: Term) -> None:
    for name in term.names:
        assert terms_in(f"See {name}.") == (term,)
    words = re.findall(r"[\w'-]+", term.means)
    assert 4 <= len(words) <= MOST_WORDS
    sentences = re.split(r"(?<=[.:;])\s+", term.means)
    assert max(len(re.findall(r"[\w'-]+", sentence)) for sentence in sentences) <= MOST_WORDS_A_SENTENCE
    assert term.means[0].isupper() or term.means[0].isdigit()
    assert term.means.endswith(".") and len(re.findall(r"[.!?](?=\s|$)", term.means)) <= 3
    assert not set(term.means) & set("*_`[]<>$~#")


def test_file_is_in_the_order_of_the_alphabet_and_says_nothing_twice() -> None:
    in_file = [term.name.casefold() for term in TERMS]
    assert in_file == sorted(in_file)
    told = Counter(name.casefold() for term in TERMS for name in term.names)
    assert [name for name, times in told.items() if times > 1] == []
    assert [means for means, times in Counter(term.means for term in TERMS).items() if times > 1] == []


@given(st.text())
def test_any_text_can_be_looked_through(text: str) -> None:
    for term in terms_in(text):
        assert any(name.casefold() in text.casefold() for name in (*term.names, *term.forms)), term.name
    assert set(search(text)) <= set(TERMS)


def test_search_puts_the_very_name_first_and_finds_other_names_and_meanings() -> None:
    assert search("Loss")[0].name == "cost"
    assert search("  cnn ")[0].name == "convolutional neural network"
    assert [term.name for term in search("weight")[:2]] == ["weight", "weight penalty"]
    assert "transfer learning" in [term.name for term in search("a few of your own")]
    assert search("") == TERMS == search("  ")
    assert search("there is no such word") == ()
