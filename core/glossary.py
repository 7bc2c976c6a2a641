"""The terms that the app uses: what each means, and which of them stand in a text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Term:
    """A term of the field.

    Args:
        name: As it is written in the middle of a sentence.
        means: One or two plain sentences.
        also: Other names of the same thing.
        forms: Other forms of the word, such as those of a verb; plurals are known without.
        lesson: Key of the page of Learn that it belongs to, or an empty text.
    """

    name: str
    means: str
    also: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    lesson: str = ""

    @property
    def title(self) -> str:
        """The name as it begins a line."""
        return self.name[0].upper() + self.name[1:]

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called."""
        return self.name, *self.also, *self.forms


def _read() -> tuple[Term, ...]:
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["term"]
    lists = ("also", "forms")
    return tuple(Term(**{**entry, **{name: tuple(entry.get(name, ())) for name in lists}}) for entry in entries)


TERMS = _read()


@lru_cache(maxsize=4096)
def terms_in(text: str) -> tuple[Term, ...]:
    """The terms that stand in ``text`` as whole words, singular or plural, each once, in the order in which they stand.

    Of terms that share words the longest counts: "learning rate", and neither "learning" nor "rate".
    """
    words = _words(text)
    found: dict[Term, None] = {}
    place = 0
    while place < len(words):
        length, term = next(_terms_at(words, place), (1, None))
        if term is not None:
            found[term] = None
        place += length
    return tuple(found)


def search(asked: str) -> tuple[Term, ...]:
    """The terms whose names hold what is ``asked``, then those that only speak of it; all where nothing is asked."""
    asked = " ".join(asked.casefold().split())

    def rank(term: Term) -> int | None:
        names = [name.casefold() for name in term.names]
        tests = (asked in names, any(name.startswith(asked) for name in names), any(asked in name for name in names))
        return next((place for place, fits in enumerate((*tests, asked in term.means.casefold())) if fits), None)

    ranked = [(place, term) for term in TERMS if (place := rank(term)) is not None]
    return tuple(term for _, term in sorted(ranked, key=lambda pair: pair[0])) if asked else TERMS


def _words(text: str) -> list[str]:
    """Hyphens are as good as spaces; other marks stand between words, so that no term reaches across them."""
    return re.sub(r"[^\w\s-]", " | ", text.casefold()).replace("-", " ").split()


def _plurals(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words as they are, and in the plural."""
    *before, last = words
    yield words
    yield from ((*before, last + ending) for ending in ("s", "es"))
    if last.endswith("y"):
        yield (*before, f"{last[:-1]}ies")


_KNOWN = {form: term for term in TERMS for name in term.names for form in _plurals(tuple(_words(name)))}
_LONGEST = max(map(len, _KNOWN))


def _terms_at(words: list[str], place: int) -> Iterator[tuple[int, Term]]:
    """The terms that begin at a place, the longest first, with the number of their words."""
    for length in range(min(_LONGEST, len(words) - place), 0, -1):
        term = _KNOWN.get(tuple(words[place : place + length]))
        if term is not None:
            yield length, term
