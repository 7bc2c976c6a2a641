"""Predict for pictures: uploads with broken ones among them, what is unlike, the file, the camera, drawings."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.errors import UserError
from core.export.csv import safe_csv
from core.runs import Run
from core.workspace import Workspace
from pages.parts import image_predict_ask, image_predict_pictures
from pages.parts.image_canvas import of_canvas
from pages.parts.image_predict_ask import Answer
from pages.parts.image_predict_ink import look_of, placed
from pages.parts.image_predict_table import predictions
from pages.parts.image_predict_taken import Given, Picture, Refused, taken
from pages.parts.results_opened import opened
from tests.pages.made_drawings import CLASSES, as_file, drawing, drawings_run

NAVIGATION = Path(__file__).resolve().parents[2] / "pages" / "navigation.py"
PICTURES, CAMERA, DRAW, PAINT = (
    ":material/photo_library: Pictures",
    ":material/photo_camera: Camera",
    ":material/draw: Draw",
    ":material/brush: Paint over",
)


class Worker:
    """Answers as a worker would: a ring has ink on both sides of its middle; all white is unlike anything."""

    def __init__(self) -> None:
        self.asked: list[np.ndarray] = []
        self.problem: UserError | None = None

    def __call__(self, question: str, run: Run, pixels: np.ndarray, seconds: float = 120) -> dict[str, Any]:
        assert question == "predict_pixels"
        if self.problem is not None:
            raise self.problem
        self.asked.append(pixels)
        middle = pixels[:, 16, :, 0] > 99
        ring = 0.1 + 0.8 * (middle[:, :13].any(axis=1) & middle[:, 19:].any(axis=1))
        strange = pixels.reshape(len(pixels), -1).mean(axis=1) > 200
        shares = np.stack([1 - ring, ring], axis=1)
        return {
            "probabilities": shares,
            "logits": np.log(shares),
            "unlike": strange,
            "distance": np.where(strange, 0.0, 0.5),
        }

    @property
    def pictures(self) -> int:
        return sum(map(len, self.asked))


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    worker = Worker()
    monkeypatch.setattr(image_predict_ask, "ask", worker)
    return worker


@pytest.fixture
def open_page(workspace: Workspace, worker: Worker) -> Callable[..., AppTest]:
    def open_it(run: Run, way: str = PICTURES) -> AppTest:
        page = AppTest.from_file(NAVIGATION, default_timeout=60)
        page.query_params["run"] = run.id
        page.session_state["predict_way"] = way
        page.switch_page("predict.py")
        return good(page.run())

    return open_it


def good(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def text(page: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error")
    return "\n".join(element.value for kind in kinds for element in getattr(page, kind)).replace("\\", "")


def bars(page: AppTest) -> list[str]:
    return [element.proto.text.replace("\\", "") for element in page.get("progress")]


def upload(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    return good(page.file_uploader[0].set_value([(name, content, "image/png") for name, content in files]).run())


def button(page: AppTest, label: str) -> Any:
    return next(each for each in page.button if each.label == label)


WHITE = as_file(Image.new("RGB", (300, 200), "white"), "JPEG")


def test_of_three_pictures_a_broken_one_is_named_and_the_others_are_answered(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    page = open_page(drawings_run(workspace))
    broken = as_file(drawing("bar"))[:60]
    upload(page, ("*ring*.png", as_file(drawing("ring", 5))), ("cut.png", broken), ("white.jpg", WHITE))
    shown = text(page)
    assert "1 file cannot be used and was left out:" in shown
    assert "The picture 'cut.png' is cut off and cannot be decoded" in shown
    assert "**2 pictures.** ring: 2. 1 is unlike the pictures it learned from." in shown
    assert bars(page) == ["ring **90 %**", "bar **10 %**"] * 2
    assert "Left: original, 300 x 200." in shown and "Left: original, 28 x 28." in shown
    assert shown.count("what the network sees: 32 x 32, grey") == 2
    assert page.dataframe[0].value["File"].tolist() == ["*ring*.png", "white.jpg"]
    assert all(part.shape[1:] == (32, 32, 1) and part.dtype == np.uint8 for part in worker.asked)


def test_a_picture_unlike_all_others_is_said_to_be_so_and_no_other(
    workspace: Workspace, open_page: Callable[..., AppTest]
) -> None:
    page = open_page(drawings_run(workspace))
    upload(page, ("ring.png", as_file(drawing("ring", 5))))
    sentence = "Unlike the pictures it learned from: none of these may be right."
    assert sentence not in text(page)
    upload(page, ("white.jpg", WHITE))
    assert text(page).count(sentence) == 1
    assert "1 is unlike the pictures it learned from." in text(page)


def test_how_often_right_is_not_said_of_a_photo_unlike_all_others(
    workspace: Workspace, open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamlit.camera_input", lambda *_, **__: io.BytesIO(WHITE))
    page = open_page(drawings_run(workspace), CAMERA)
    assert "Fewer than 1 in 100 pictures like those look so strange to it." in page.warning[0].value
    assert "the validation pictures cannot tell" in text(page)
    assert "were truly" not in text(page) and "too few to say" not in text(page)


def test_only_new_pictures_are_asked_about(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    page = open_page(drawings_run(workspace))
    upload(page, *[(f"{seed}.png", as_file(drawing("ring", seed))) for seed in range(3)])
    assert worker.pictures == 3
    good(page.run())
    upload(page, ("new.png", as_file(drawing("bar", 9))), ("again.png", as_file(drawing("ring", 0))))
    assert worker.pictures == 4
    assert "**5 pictures.** ring: 4, bar: 1." in text(page)
    good(button(page, "Take the pictures away").click().run())
    assert not bars(page)


def test_where_no_worker_answers_the_pictures_stay(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    page = open_page(drawings_run(workspace))
    worker.problem = UserError("No worker answered.", "Try again in a moment.")
    upload(page, ("ring.png", as_file(drawing("ring"))))
    assert "No worker answered. Try again in a moment." in text(page)
    worker.problem = None
    good(button(page, "Ask again").click().run())
    assert "**1 picture.** ring: 1." in text(page)


def test_more_pictures_than_fit_are_counted_and_the_command_line_is_named(
    workspace: Workspace, open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_predict_pictures, "MOST_PICTURES", 2)
    page = open_page(drawings_run(workspace))
    upload(page, *[(f"{seed}.png", as_file(drawing("bar", seed))) for seed in range(5)])
    shown = text(page)
    assert "**2 pictures.**" in shown
    assert "3 pictures beyond the first 2 did not fit" in shown and "python -m core predict" in shown


def test_new_pictures_come_first_also_when_a_later_page_was_open(
    workspace: Workspace, open_page: Callable[..., AppTest]
) -> None:
    page = open_page(drawings_run(workspace))
    upload(page, *[(f"{seed:02d}.png", as_file(drawing("bar", seed))) for seed in range(15)])
    assert "**00.png**" in text(page) and "**14.png**" not in text(page)
    page.session_state["predict_pictures_page"] = 2
    good(page.run())
    assert "**00.png**" not in text(page) and "**14.png**" in text(page)
    upload(page, ("new.png", as_file(drawing("ring", 99))))
    assert "**new.png**" in text(page)


def test_pictures_made_ready_for_another_size_are_not_asked_about(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    page = open_page(drawings_run(workspace))
    large = Picture("a", "a.png", WHITE, 300, 200, (), np.zeros((64, 64, 3), np.uint8))
    page.session_state["predict_pictures"] = [large]
    good(page.run())
    assert "Not shown: 1 picture that you gave for a network with another picture size or colour." in text(page)
    assert worker.pictures == 0


def test_a_validation_picture_comes_with_its_truth(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    run = drawings_run(workspace)
    page = open_page(run)
    good(button(page, "Try 2").click().run())
    seen = run.predictions()
    assert seen is not None
    validation = seen[seen["part"] == "validation"]
    name = next(line.value[2:-2] for line in page.markdown if line.value.endswith(".png**"))
    row = validation[validation["file"].str.endswith("/" + name)]
    assert len(row) == 1
    truth = CLASSES[int(row["y_true"].iloc[0])]
    assert f"it is truly **{truth}** (a validation picture, not learned from)" in text(page)


def test_what_was_converted_is_said(workspace: Workspace, open_page: Callable[..., AppTest]) -> None:
    frames = [Image.new("RGBA", (20, 20), (255, 0, 0, alpha)) for alpha in (0, 255)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    page = open_page(drawings_run(workspace))
    upload(page, ("moving.gif", file.getvalue()))
    assert "Only the first of several frames or pages is used" in text(page)


def test_the_file_has_all_probabilities_and_starts_no_formula(workspace: Workspace) -> None:
    shown = opened(drawings_run(workspace))
    pixels = np.zeros((32, 32, 1), np.uint8)
    names = ["=HYPERLINK(1).png", "-5", "a, b.png"]
    known = [Picture(name, name, b"", 1, 1, (), pixels) for name in names]
    found = [Answer(np.array([share, 1 - share]), False, 0.5) for share in (0.25, 0.75, 0.5)]
    content = safe_csv(predictions(shown, known, found))
    frame = pd.read_csv(io.BytesIO(content))
    assert frame.columns.tolist() == ["file", "prediction", "probability_bar", "probability_ring"]
    assert frame["file"].tolist() == ["'=HYPERLINK(1).png", "-5", "a, b.png"]
    assert frame["prediction"].tolist() == ["ring", "bar", "bar"]
    assert frame["probability_ring"].tolist() == [0.75, 0.25, 0.5]


def test_a_photo_of_the_camera_is_answered_at_once(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    # AppTest has no camera; what the field gives is what an upload gives.
    photo = io.BytesIO(as_file(drawing("ring", 3).resize((640, 480)), "JPEG"))
    monkeypatch.setattr("streamlit.camera_input", lambda *_, **__: photo)
    page = open_page(drawings_run(workspace), CAMERA)
    shown = text(page)
    assert "ring, 90 %" in [heading.value for heading in page.subheader]
    assert bars(page) == ["ring **90 %**", "bar **10 %**"]
    assert "what the network sees: 32 x 32, grey" in shown
    assert "How far to trust it: only 5 validation pictures got an answer as sure as this one" in shown
    assert worker.pictures == 1


def test_an_empty_canvas_asks_nothing(workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker) -> None:
    page = open_page(drawings_run(workspace), DRAW)
    assert "Draw something" in text(page) and "With the keyboard alone" in text(page)
    assert page.session_state["predict_paper"] == 0
    assert worker.pictures == 0


def test_what_is_drawn_is_answered_as_the_network_gets_it(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = drawing("ring", 2).resize((80, 80)).convert("RGBA")
    drawn = Image.new("RGBA", (320, 320), "black")
    drawn.paste(small, (10, 200))
    monkeypatch.setattr("pages.parts.image_predict_draw.canvas", lambda *_, **__: np.asarray(drawn))
    page = open_page(drawings_run(workspace), DRAW)
    assert bars(page) == ["bar **10 %**", "ring **90 %**"]
    rows, columns = np.nonzero(worker.asked[0][0, :, :, 0] > 99)
    assert 14 < rows.mean() < 17 and 14 < columns.mean() < 17
    good(next(each for each in page.toggle if each.label.startswith("Centre")).set_value(False).run())
    rows, columns = np.nonzero(worker.asked[1][0, :, :, 0] > 99)
    assert rows.mean() > 20 and columns.mean() < 10


def test_painting_over_shows_the_answer_before_and_after(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    paint = np.zeros((320, 320, 4), np.uint8)
    paint[:, 180:] = (0, 0, 0, 255)
    on_canvas: list[np.ndarray | None] = [None]
    monkeypatch.setattr("pages.parts.image_predict_paint.canvas", lambda *_, **__: on_canvas[0])
    page = open_page(drawings_run(workspace), PAINT)
    upload(page, ("ring.png", as_file(drawing("ring", 2))))
    assert page.subheader[0].value == "ring, 90 %"
    on_canvas[0] = paint
    good(page.run())
    assert page.subheader[0].value == "Was ring (90 %), now bar (90 %)"
    assert bars(page) == ["bar **10 %**", "ring **90 %**", "bar **90 %**", "ring **10 %**"]
    good(button(page, "Another picture").click().run())
    assert page.file_uploader


def test_a_drawing_is_moved_and_scaled_like_the_others() -> None:
    typical = look_of(np.stack([np.asarray(drawing("ring", seed).convert("RGB")) for seed in range(20)]))
    assert typical.paper == 0 and typical.plain
    assert typical.fill == pytest.approx(20 / 28, abs=0.05)
    small = Image.new("RGB", (320, 320), "black")
    small.paste(drawing("ring", 30).convert("RGB").resize((112, 112)), (200, 0))
    found = look_of(np.asarray(placed(small, typical))[None])
    assert found.fill == pytest.approx(typical.fill, abs=0.05)
    assert found.centre == pytest.approx(typical.centre, abs=0.02)
    full = replace(typical, fill=0.97, centre=(0.4, 0.7))
    assert look_of(np.asarray(placed(small, full))[None]).fill == pytest.approx(0.97, abs=0.02)
    empty = Image.new("RGB", (320, 320), "black")
    assert placed(empty, typical) is empty


def test_only_a_picture_of_the_canvas_is_taken_from_the_browser() -> None:
    drawn = Image.new("RGBA", (32, 20), (1, 2, 3, 255))
    found = of_canvas(as_file(drawn), (32, 20))
    assert found is not None and found.shape == (20, 32, 4) and found[0, 0].tolist() == [1, 2, 3, 255]
    assert of_canvas(as_file(drawn), (320, 320)) is None
    assert of_canvas(as_file(drawn.convert("RGB"), "JPEG"), (32, 20)) is None
    assert of_canvas(as_file(drawn)[:50], (32, 20)) is None
    assert of_canvas(b"nothing", (32, 20)) is None
    assert of_canvas(None, (32, 20)) is None


def test_photos_are_no_drawings_and_bright_borders_mean_white_paper() -> None:
    random = np.random.default_rng(0)
    photos = random.integers(0, 256, (10, 32, 32, 3)).astype(np.uint8)
    assert not look_of(photos).plain
    drawn = np.stack([255 - np.asarray(drawing("bar", seed).convert("RGB")) for seed in range(5)])
    assert look_of(drawn).paper == 255 and look_of(drawn).plain


def test_what_the_network_gets_is_what_a_set_would_hold(workspace: Workspace) -> None:
    from core.data.images.pixels import pixels
    from core.data.images.read import load_images

    data = drawings_run(workspace).image_config.data
    image_set = load_images(workspace, data.source)
    found = taken(Given(image_set.content(3), "x.png"), data)
    assert isinstance(found, Picture)
    assert np.array_equal(found.pixels, pixels(workspace, image_set, data.size, data.color)[3])
    refused = taken(Given(b"", "empty.png"), data)
    assert isinstance(refused, Refused) and "is empty (0 bytes)" in refused.reason
