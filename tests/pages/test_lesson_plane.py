"""The picture of a plane: colours, the line where the answer turns, and hostile names."""

from __future__ import annotations

import base64
import io
import xml.etree.ElementTree as ElementTree

import numpy as np
from PIL import Image

from core.lessons.points import plane
from pages.parts.charts_style import DOWN, UP
from pages.parts.lesson_plane import NAMES, _svg, picture_uri, plane_chart

SIDE = 30
X, Y = np.array([[-3.0, 3.0], [0.0, 0.0], [3.0, -3.0]]), np.array([0, 1, 1])


def pixels(values: np.ndarray) -> np.ndarray:
    content = base64.b64decode(picture_uri(values).removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGBA"))


def colour(pixel: np.ndarray) -> str:
    return "#" + "".join(f"{part:02X}" for part in pixel[:3])


def test_each_side_has_the_colour_of_its_class_and_a_line_between() -> None:
    drawn = pixels(1 / (1 + np.exp(-3 * plane(SIDE)[:, 0])))
    assert colour(drawn[0, 0]) == DOWN and colour(drawn[-1, -1]) == UP
    assert drawn[0, 0, 3] > 140
    middle = drawn[:, SIDE // 2 - 1 : SIDE // 2 + 1]
    assert (middle[..., :3] == 110).sum() > 0 and (middle[..., 3] > 200).all()


def test_top_of_the_picture_is_the_top_of_the_plane() -> None:
    drawn = pixels(np.clip(plane(SIDE)[:, 1], 0, 1))
    assert colour(drawn[0, 0]) == UP and colour(drawn[-1, 0]) == DOWN


def test_a_flat_answer_has_no_line_and_what_is_no_number_no_colour() -> None:
    assert (pixels(np.full(SIDE * SIDE, 0.5))[..., 3] == 0).all()
    assert (pixels(np.full(SIDE * SIDE, np.nan))[..., 3] == 0).all()


def test_names_from_data_are_drawn_as_they_are() -> None:
    hostile = "<script>&\x00\ud800"
    drawn = _svg(np.zeros(4), X, Y, (hostile, "b"), (hostile, hostile))
    texts = [each.text or "" for each in ElementTree.fromstring(drawn.encode()).iter() if each.tag.endswith("text")]
    assert len(texts) == 14 and all(text.startswith("<script>&") for text in texts[10:13])


def test_points_stand_where_they_belong() -> None:
    drawn = _svg(np.zeros(4), X, Y, NAMES, ("a", "b"))
    discs = next(each.get("d", "") for each in ElementTree.fromstring(drawn).iter() if "h0" in each.get("d", ""))
    assert discs.startswith("M258.0 208.0h0M458.0 408.0h0")


def test_chart_has_both_classes_and_the_sentence() -> None:
    chart = plane_chart(np.zeros(4), X, Y, "Half are right", "Half of the points are right.")
    assert [len(trace.x) for trace in chart.figure.data] == [1, 2]
    assert [trace.marker.symbol for trace in chart.figure.data] == ["x", "circle"]
    assert chart.sentence == "Half of the points are right."
