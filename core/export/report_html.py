"""A page as text: what comes from data is escaped by construction, and nothing in it asks the outside for anything.

A text that is put into an element is escaped unless it is `Html`, which only the functions here make. The page is
well-formed XML too, so that a test can read it strictly.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from importlib import resources

Cell = str


class Html(str):
    """Markup that is safe as it stands."""


def element(name: str, *children: str, **attributes: str) -> Html:
    """``<name key="value">children</name>``; children that are no `Html` are escaped.

    ``class_`` stands for the attribute class, ``aria_label`` for aria-label.
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(visible(value))}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{told}>{joined(children)}</{name}>")


def joined(children: Iterable[str]) -> Html:
    """Pieces one after the other, escaped where they are no `Html`."""
    return Html("".join(each if isinstance(each, Html) else _escaped(each) for each in children))


def _escaped(text: str) -> str:
    """Escaped, with percent signs that stay beside their number."""
    return html.escape(visible(text)).replace(" %", "\N{NO-BREAK SPACE}%")


def visible(text: str) -> str:
    """Without letters that cannot be seen, turn the direction of what follows, or have no place in a page."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def name_of(name: object, length: int = 80) -> Html:
    """A name from data, shortened, that keeps its own direction of writing."""
    words = " ".join(visible(str(name)[: 20 * length]).split())
    return element("bdi", words if len(words) <= length else f"{words[: length - 1]}…")


def section(title: str, *children: str, **attributes: str) -> Html:
    """A part of the report with its heading."""
    return element("section", element("h2", title), *children, **attributes)


def paragraphs(texts: Iterable[str]) -> Html:
    """A paragraph each; empty texts are left out."""
    return joined(element("p", text) for text in texts if text)


def listed(texts: Iterable[str]) -> Html:
    """A list of sentences; nothing where there is none."""
    items = [element("li", text) for text in texts if text]
    return element("ul", *items) if items else Html("")


def facts(pairs: Iterable[tuple[str, str]]) -> Html:
    """A table of two columns: what, and its value."""
    rows = [element("tr", element("th", key, scope="row"), element("td", value)) for key, value in pairs if value]
    return element("table", element("tbody", *rows), class_="facts")


def table(head: Sequence[str], rows: Iterable[Sequence[Cell]], numbers: Sequence[int] = (), caption: str = "") -> Html:
    """A table; the columns ``numbers`` are aligned to the right."""
    heading = element("tr", *(element("th", each, scope="col", **_side(at, numbers)) for at, each in enumerate(head)))
    body = (element("tr", *(element("td", cell, **_side(at, numbers)) for at, cell in enumerate(row))) for row in rows)
    above = [element("caption", caption)] if caption else []
    whole = element("table", *above, element("thead", heading), element("tbody", *body))
    return element("div", whole, class_="scroll")


def _side(column: int, numbers: Sequence[int]) -> dict[str, str]:
    return {"class_": "number"} if column in numbers else {}


def figure(svg: str, caption: str = "", size: str = "wide") -> Html:
    """A drawing of ours with what helps to read it.

    Args:
        svg: From `figures_style.svg_of` or `core.network.picture.svg`.
        caption: A sentence below it.
        size: ``"wide"``, ``"half"`` or ``"own"``, the size that it was drawn with.
    """
    below = [element("figcaption", caption)] if caption else []
    return element("figure", Html(svg), *below, class_=size)


def side_by_side(*figures: str) -> Html:
    """Two drawings in a row where the page is wide enough."""
    return element("div", *figures, class_="pair")


def page(title: str, *body: str) -> str:
    """The whole page."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    css = resources.files("core.export").joinpath("report.css").read_text(encoding="utf-8")
    head = "".join(
        (
            '<meta charset="utf-8"/>',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}"/>',
            '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
            '<meta name="referrer" content="no-referrer"/>',
            f"<title>{html.escape(visible(title))}</title><style>{css}</style>",
        )
    )
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{element("main", *body)}</body></html>\n'
