"""What was understood about the pictures: how many, of which classes, how large, in which colours."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.evaluation.words import count, format_percent
from core.spec import ImageConfig
from pages.parts.charts_style import Chart, bars_height, class_colour, name_rows, styled
from pages.parts.charts_style import plain as line
from pages.parts.data_pick import short
from pages.parts.image_data_state import Album
from pages.parts.image_gallery_opened import MODES
from pages.parts.session import plain
from pages.parts.terms import help_with_terms

MOST_BARS = 15
MOST_NAMED = 4
MOST_ROWS = 300


def understood(config: ImageConfig, pictures: Album) -> None:
    """One sentence: how many pictures, what is told apart, how large they are."""
    number = f"**{count(int(pictures.takes.sum()), 'picture')}**"
    names = list(pictures.classes)
    if len(names) < 2:
        told = f"of one class, **{plain(short(names[0], 40))}**" if names else "that take part"
        st.subheader(f"{number} {told}; {plain(_sizes(pictures))}.", anchor=False)
        return
    listed = f"**{len(names):,} classes**"
    if len(names) <= MOST_NAMED:
        listed += f" ({plain(' / '.join(short(name, 24) for name in names))})"
    st.subheader(f"{number} × {listed}; {plain(_sizes(pictures))}.", anchor=False, help=help_with_terms("classes"))


def _sizes(pictures: Album) -> str:
    sizes = {(image.width, image.height) for image in pictures.image_set.images}
    if len(sizes) == 1:
        width, height = sizes.pop()
        return f"all {width:,} × {height:,} pixels"
    sides = [side for size in sizes for side in size]
    return f"{min(sides):,} to {max(sides):,} pixels wide and high"


def class_chart(pictures: Album) -> None:
    """How many pictures each class has."""
    if not pictures.classes:
        st.caption("No picture takes part.")
        return
    chart = class_counts(pictures.classes)
    st.plotly_chart(chart.figure, key="data:classes", config={"displayModeBar": False})
    st.caption(plain(chart.sentence))
    if len(pictures.classes) > MOST_BARS:
        with st.popover(f"All {len(pictures.classes):,} classes", icon=":material/list:"):
            _class_table(pictures)


def class_counts(classes: dict[str, int]) -> Chart:
    """Pictures of each class as bars; of many classes the largest and the smallest ones.

    Args:
        classes: Pictures of each class, by name, in their order.
    """
    order = {name: place for place, name in enumerate(classes)}
    shown = list(classes)
    if len(shown) > MOST_BARS:
        by_size = sorted(classes, key=lambda name: -classes[name])
        shown = [*by_size[: MOST_BARS - 5], *by_size[-5:]]
    total = sum(classes.values())
    figure = go.Figure()
    figure.add_bar(
        x=[classes[name] for name in shown],
        y=list(range(len(shown))),
        orientation="h",
        marker_color=[class_colour(order[name]) for name in shown],
        text=[f"{classes[name]:,} · {format_percent(classes[name] / total)}" for name in shown],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    name_rows(figure, shown, 16)
    styled(figure, _class_title(classes), height=bars_height(len(shown)))
    figure.update_xaxes(visible=False, range=[0, 1.7 * max(classes.values())])
    words = ", ".join(f"{line(name, 30)} {classes[name]:,}" for name in shown[:MOST_BARS])
    left = f" Shown are the largest 10 and the smallest 5 of {len(classes):,}." if len(shown) < len(classes) else ""
    return Chart(figure, f"{words}.{left}")


def _class_title(classes: dict[str, int]) -> str:
    smallest, largest = min(classes.values()), max(classes.values())
    if len(classes) == 1:
        return "All pictures are of one class"
    if smallest == largest:
        return f"Each class has {count(largest, 'picture')}"
    return f"Classes have {smallest:,} to {count(largest, 'picture')}"


def _class_table(pictures: Album) -> None:
    rows = sorted(pictures.classes.items(), key=lambda pair: -pair[1])[:MOST_ROWS]
    frame = pd.DataFrame([(short(name, 60), number) for name, number in rows], columns=["Class", "Pictures"])
    st.dataframe(frame, hide_index=True, height=400)


def files_words(pictures: Album) -> str:
    """Sizes and colours in one line."""
    modes = {image.mode for image in pictures.image_set.images}
    kinds = (
        plain(MODES.get(next(iter(modes)), next(iter(modes)))) if len(modes) == 1 else f"{len(modes)} kinds of colour"
    )
    skipped = len(pictures.image_set.unreadable)
    return f"Files: {plain(_sizes(pictures))}, {kinds}" + (f"; {count(skipped, 'file')} skipped" if skipped else "")


def pictures_files(pictures: Album) -> None:
    """The most frequent sizes, the colour modes, what was converted, and what was skipped."""
    images = pictures.image_set.images
    left, middle, right = st.columns(3, gap="medium")
    with left:
        _counts("Width × height", Counter(f"{image.width:,} × {image.height:,}" for image in images))
    with middle:
        _counts("Colours in the file", Counter(MODES.get(image.mode, image.mode) for image in images))
    with right:
        _counts("What was converted", Counter(note for image in images for note in image.notes))
    skipped = pictures.image_set.unreadable
    if skipped:
        st.markdown(f"**{count(len(skipped), 'file')} skipped**")
        rows = [(short(path, 80), why) for path, why in skipped[:MOST_ROWS]]
        st.dataframe(pd.DataFrame(rows, columns=["File", "Why"]), hide_index=True)
        if len(skipped) > MOST_ROWS:
            st.caption(f"The first {MOST_ROWS} of {len(skipped):,}.")


def _counts(title: str, found: Counter[str]) -> None:
    if not found:
        st.markdown(f"**{title}**")
        st.caption("Nothing.")
        return
    rows = found.most_common(10)
    st.dataframe(pd.DataFrame(rows, columns=[title, "Pictures"]), hide_index=True)
    if len(found) > len(rows):
        st.caption(f"The 10 most frequent of {len(found):,}.")
