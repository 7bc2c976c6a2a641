"""What all exported figures share: size, fonts, quiet axes, names from data as plain text, and how they are written.

matplotlib stays out of the web process: only a worker imports this.
"""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

import matplotlib
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from core.evaluation.words import printable

# Inches: the width of the text on A4 and Letter with ordinary margins.
WIDTH, HALF = 6.3, 3.1
DPI = 300
INK, GRID = "#22242E", "#DCDDE4"
TITLE_LETTERS = 11.5
# For letters that the first font does not have; only those that are installed are asked for.
MORE_FONTS = (
    "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Noto Sans Arabic", "Noto Sans Hebrew",
    "Noto Sans Devanagari", "Arial Unicode MS", "Microsoft YaHei", "Hiragino Sans", "Malgun Gothic",
)  # fmt: skip
SVG_FONTS = "'DejaVu Sans', Verdana, Arial, sans-serif"
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_LINK = re.compile(r"#([\w.-]+)")
_FAMILY = re.compile(r"(font-family:|font:[^;']*?)\s*'[^;]*")


class Picture(NamedTuple):
    """A figure with what it shows.

    Attributes:
        name: What its files are called.
        title: What it says, in a sentence without a full stop.
        figure: The drawing.
        data: The numbers in it, a row a point.
    """

    name: str
    title: str
    figure: Figure
    data: pd.DataFrame


def new_figure(title: str, height: float, width: float = WIDTH, panels: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure that says ``title``, and its axes side by side; sizes in inches."""
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    lines = textwrap.wrap(printable(title, 200), max(10, int(width * TITLE_LETTERS)))
    figure.suptitle("\n".join(lines), x=0.01, ha="left", fontsize=10, fontweight="bold")
    axes = [figure.add_subplot(1, panels, place + 1) for place in range(panels)]
    for each in axes:
        quiet(each)
    return figure, axes


def quiet(axes: Axes) -> None:
    """Only what helps to read."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(True, color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda value, place: format_tick(value)))


def format_tick(value: float) -> str:
    """A number below an axis: 0.2, 15, 12,000."""
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 1000 and value == round(value) else f"{value:.4g}"


def cell(name: object) -> str:
    """A name from data in full, as a file can hold it: half of a surrogate pair becomes a question mark."""
    return str(name).encode("utf-8", "replace").decode()


def percent_axis(axis: matplotlib.axis.Axis) -> None:
    """Shares as percentages."""
    axis.set_major_formatter(FuncFormatter(lambda value, place: f"{100 * value:.3g} %"))


def whole_axis(axis: matplotlib.axis.Axis) -> None:
    """Counts, which have no fractions."""
    axis.set_major_locator(MaxNLocator(6, integer=True))


def name_rows(axes: Axes, names: Sequence[str], length: int = 28) -> None:
    """Names from the top, one a row."""
    axes.set_yticks(range(len(names)), [printable(name, length) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(False, axis="y")


def legend(axes: Axes, **where: Any) -> None:
    """A legend without a frame, if there is more than one thing to tell apart."""
    if len(axes.get_legend_handles_labels()[1]) > 1:
        axes.legend(frameon=False, fontsize=8, **where)


def png_of(figure: Figure) -> bytes:
    """The figure at print size, 300 dots an inch."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # A letter that no installed font has is drawn as a box; the SVG shows it with the fonts of its reader.
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def svg_of(figure: Figure, prefix: str = "", label: str = "") -> str:
    """The figure as SVG whose text stays text, without anything that refers to the outside.

    Args:
        figure: The drawing.
        prefix: Goes before all ids, so that several can stand in one page.
        label: What it says, for those who do not see it.
    """
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        figure.savefig(buffer, format="svg", dpi=DPI, metadata=_NO_METADATA)
    root = ElementTree.fromstring(buffer.getvalue())
    _clean(root, prefix)
    root.set("role", "img")
    root.set("aria-label", printable(label, 1000) if label else "Figure")
    return ElementTree.tostring(root, encoding="unicode")


def _clean(root: ElementTree.Element, prefix: str) -> None:
    """No style sheet, no metadata, no id that nothing refers to."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):
                parent.remove(child)
    root.set("style", "stroke-linejoin:round;stroke-linecap:butt")
    links = (f"{{{_XLINK}}}href", "clip-path", "href", "mask", "fill", "style")
    used = {name for each in root.iter() for key in links for name in _LINK.findall(each.get(key, ""))}
    for each in root.iter():
        for key in links:
            if key in each.attrib:
                each.set(key, _plain_style(each.attrib[key], used, prefix))
        if (own := each.attrib.pop("id", None)) in used:
            each.set("id", f"{prefix}{own}")


def _plain_style(value: str, used: set[str], prefix: str) -> str:
    value = _LINK.sub(lambda found: f"#{prefix}{found[1]}" if found[1] in used and _is_id(value) else found[0], value)
    return _FAMILY.sub(lambda found: f"{found[1]} {SVG_FONTS}", value)


def _is_id(value: str) -> bool:
    """Colours too begin with #; ids stand behind url( or alone in a link."""
    return value.startswith("#") or "url(" in value


def _use_style() -> None:
    installed = set(font_manager.get_font_names())
    matplotlib.rcParams.update(
        {
            "font.family": ["DejaVu Sans", *(name for name in MORE_FONTS if name in installed)],
            "font.size": 9,
            "text.color": INK,
            "text.parse_math": False,  # A dollar sign in a name is a dollar sign.
            "axes.labelcolor": INK,
            "axes.edgecolor": "#9A9CA8",
            "xtick.color": INK,
            "ytick.color": INK,
            "xtick.labelsize": 8,
            "ytick.labelsize": 8,
            "svg.fonttype": "none",
            "svg.hashsalt": "muffin",
        }
    )
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)


_use_style()
