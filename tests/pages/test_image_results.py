"""Results of a run on pictures: those behind each cell, corrections and what they change, what the network sees."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data.images.dataset import build_image_dataset
from core.data.images.read import load_images
from core.draft import load_draft, save_draft
from core.engine import Engine
from core.errors import UserError
from core.evaluation.nouns import in_words
from core.runs import Run
from core.spec import ImageConfig
from core.spec.augmentation import Augmentation
from core.workspace import Workspace
from pages.parts.image_results_changes import next_run
from pages.parts.image_results_robustness import augmented, sentence
from pages.parts.image_results_seeing import cam_sentence, occlusion_sentence
from pages.parts.image_results_softmax import one_score, softmax_steps
from pages.parts.results_downloads import predictions_csv
from pages.parts.results_opened import opened
from tests.pages.made_images import SIZE, image_config, image_run
from tests.pages.made_runs import config_for
from tests.pages.test_results import button, results
from tests.pages.test_results import words as words_with_marks


@pytest.fixture(autouse=True)
def ids_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that begin within one second are told apart by chance; these begin one after the other."""
    numbers = iter(range(100))
    monkeypatch.setattr("core.runs.new_id", lambda: f"20260101-0000{next(numbers):02d}-abcdef")


@pytest.fixture
def run(workspace: Workspace) -> Run:
    """Circles and crosses, 40 of each; more than half of the answers are wrong."""
    return image_run(workspace, image_config(workspace, each=40), wrong=0.6)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...]]]:
    """Answers what a worker would; keeps the questions."""
    asked: list[tuple[str, tuple[Any, ...]]] = []
    grid = np.zeros((8, 8), np.float32)
    grid[:2, :2] = 1
    layer = {"name": "Conv2D_1", "kind": "Conv2D", "shape": (8, 8, 3), "convolution": True, "inside": ""}
    answers: dict[str, Any] = {
        "says": {"logits": np.array([1.0]), "probabilities": np.array([0.27, 0.73])},
        "image_layers": [layer],
        "grad_cam": {"map": grid, "layer": "Conv2D_1", "logits": np.array([1.0])},
        "feature_maps": {"shape": [8, 8, 3], "places": [2, 0, 1], "maps": np.ones((3, 8, 8), np.float32)},
        "kernels": [{"layer": "Conv2D_1", "shape": [3, 3, 3, 4], "kernels": np.ones((4, 3, 3, 3)), "inputs": []}],
        "occlusion": {"drop": np.array([[0.6, 0.0], [0.0, 0.0]]), "map": grid, "probability": 0.73, "patch": 6,
                      "rows": [0, 26], "columns": [0, 26]},
    }  # fmt: skip

    def answer(question: str, run: Run, *values: Any, seconds: float = 0) -> Any:
        asked.append((question, values))
        return answers[question]

    monkeypatch.setattr("pages.parts.image_results_ask.ask", answer)
    return asked


def words(page: AppTest) -> str:
    """What the page says, without the marks that keep names from being Markdown."""
    return words_with_marks(page).replace("\\", "")


def validation(run: Run) -> Any:
    frame = run.predictions()
    assert frame is not None
    return frame[frame["part"] == "validation"].reset_index(drop=True)


def wrong_cell(run: Run) -> Any:
    """Validation pictures that are truly circles and called crosses, the surest first."""
    rows = validation(run)
    cell = rows[(rows["y_true"] == 0) & (rows["prediction"] == 1)]
    return cell.sort_values("probability_1", ascending=False)


def open_cell(run: Run, true: int, predicted: int, page: AppTest | None = None) -> AppTest:
    page = page or results(run.id)
    page.selectbox(key=f"cell_true:{run.id}").select(true)
    page.selectbox(key=f"cell_predicted:{run.id}").select(predicted)
    page.run()
    assert not page.exception
    return page


def popovers(page: AppTest, scope: str) -> list[str]:
    """Ids of the pictures in a gallery, in order."""
    keys = [str(each.key) for each in page.button if str(each.key).startswith(f"out:{scope}")]
    return [key.rsplit(":", 1)[1] for key in keys]


def draft(workspace: Workspace) -> ImageConfig:
    found = load_draft(workspace)
    assert isinstance(found, ImageConfig)
    return found


def test_a_cell_opens_the_pictures_behind_it_the_surest_mistakes_first(run: Run) -> None:
    page = open_cell(run, 0, 1)
    cell = wrong_cell(run)
    assert len(cell) > 1
    assert popovers(page, f"cell:{run.id}:0:1") == cell["id"].tolist()
    sure = cell["probability_1"].iloc[0]
    assert f"circle, taken for cross, {100 * sure:.0f} %" in words(page)
    assert f"{len(cell)} pictures are truly **circle** and predicted **cross**" in words(page)
    right = open_cell(run, 1, 1, page)
    rows = validation(run)
    assert set(popovers(right, f"cell:{run.id}:1:1")) <= set(
        rows[(rows["y_true"] == 1) & (rows["prediction"] == 1)]["id"]
    )


def test_the_surest_mistakes_over_all_classes_stand_below(run: Run) -> None:
    rows = validation(run)
    wrong = rows[rows["y_true"] != rows["prediction"]]
    sure = wrong[["probability_0", "probability_1"]].max(axis=1).sort_values(ascending=False)
    assert popovers(results(run.id), f"surest:{run.id}") == rows.loc[sure.index[:12], "id"].tolist()


def test_everything_is_said_of_pictures(run: Run) -> None:
    page = results(run.id)
    told = words(page)
    assert "of 16 validation pictures right" in told
    assert "48 to learn from, 16 to judge by" in told
    assert "**Augmentation:** none" in told
    for part in ("Probabilities", "Learning curves"):
        told += words(results(run.id, part))
    told += str(page.table[0].value.to_dict())
    assert re.findall(r".{0,60}\brows?\b.{0,60}", told.lower()) == []


def test_correcting_a_picture_changes_the_draft_and_says_what_waits(workspace: Workspace, run: Run) -> None:
    config = run.image_config
    save_draft(workspace, config)
    page = open_cell(run, 0, 1)
    assert "changed, not learned yet" not in words(page)
    first, second = wrong_cell(run)["id"].tolist()[:2]
    scope = f"cell:{run.id}:0:1"
    page.selectbox(key=f"class:{scope}:{first}").select(1).run()
    assert draft(workspace).data.relabelled == ((first, "cross"),)
    assert "**1 picture changed" in words(page) and "cross next time" in words(page)
    page.button(key=f"out:{scope}:{second}").click().run()
    assert draft(workspace).data.left_out == (second,)
    assert "**2 pictures changed" in words(page) and "1 another class, 1 left out" in words(page)
    page.selectbox(key=f"class:{scope}:{first}").select(0).run()
    assert draft(workspace).data.relabelled == ()
    page.button(key=f"undo:{second}").click().run()
    assert draft(workspace).data == config.data
    assert "not learned yet" not in words(page)


def test_a_draft_on_other_data_is_replaced_only_by_a_change_and_that_is_said(workspace: Workspace, run: Run) -> None:
    save_draft(workspace, config_for(workspace, "binary", "marks.csv"))
    page = open_cell(run, 0, 1)
    assert "Data now holds marks.csv. A change here puts this run's pictures" in words(page)
    assert load_draft(workspace) == config_for(workspace, "binary", "marks.csv")
    first = wrong_cell(run)["id"].iloc[0]
    page.button(key=f"out:cell:{run.id}:0:1:{first}").click().run()
    assert draft(workspace).data == run.image_config.data.change(left_out=(first,))
    assert "Data now holds marks" not in words(page)


def test_training_again_takes_the_run_own_settings_and_the_changes(
    workspace: Workspace, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = run.image_config
    id = wrong_cell(run)["id"].iloc[0]
    data = config.data.change(left_out=(id,))
    other = config.training.change(epochs=77).model_dump()
    save_draft(workspace, config.change(data=data.model_dump(), training=other))
    submitted: list[Run] = []
    monkeypatch.setattr(Engine, "submit", lambda engine, run: submitted.append(run))
    page = results(run.id)
    button(page, "Train again with these changes").click().run()
    assert submitted[0].config == config.change(data=data.model_dump())


def test_changes_from_which_nothing_can_be_learned_are_refused_in_words(workspace: Workspace, run: Run) -> None:
    config = run.image_config
    circles = [each.id for each in load_images(workspace, config.data.source).images if each.class_name == "circle"]
    save_draft(workspace, config.change(data=config.data.change(left_out=tuple(circles)).model_dump()))
    with pytest.raises(UserError, match="one class"):
        next_run(opened(run))
    page = results(run.id)
    button(page, "Train again with these changes").click().run()
    assert "of one class" in page.error[0].value


def test_a_new_run_shows_what_corrections_changed(workspace: Workspace, run: Run) -> None:
    assert "corrections have changed" not in words(results(run.id))
    config = run.image_config
    id = wrong_cell(run)["id"].iloc[0]
    after = image_run(workspace, config.change(data=config.data.change(relabelled=((id, "cross"),)).model_dump()),
                      wrong=0.1, seed=5)  # fmt: skip
    page = results(after.id)
    assert "What your corrections have changed" in words(page)
    rows, before = validation(after), validation(run)
    assert rows["id"].tolist() == before["id"].tolist()
    table = next(each.value for each in page.dataframe if "The run before" in each.value.iloc[:, 0].tolist())
    shares = [(frame["prediction"] == rows["y_true"]).mean() for frame in (before, rows)]
    assert [cell.split(" ")[0] for cell in table.iloc[:2, 1]] == [f"{100 * share:.0f}" for share in shares]
    differs = int((before["prediction"] != rows["prediction"]).sum())
    assert f"1 picture with another class: {differs} answers of 16 changed" in words(page)
    assert words(page).count("now right") + words(page).count("now wrong") >= differs
    button(page, "Open the run before").click().run()
    assert run.id in page.query_params["run"]


def test_what_it_sees_opens_with_the_surest_mistake(run: Run, worker: list[Any]) -> None:
    page = results(run.id, "What it sees")
    told = words(page)
    assert "Most of what speaks for cross lies in the upper left." in told
    assert "Sigmoid makes it a probability" in told and "73.0 % for cross" in told
    assert "Conv2D" in told and "All are shown" in told and "looks for 4 patterns of 3 x 3 pixels" in told
    rows = validation(run)
    wrong = rows[rows["y_true"] != rows["prediction"]]
    surest = rows.loc[wrong[["probability_0", "probability_1"]].max(axis=1).idxmax()]
    config = run.image_config.data
    image_set = load_images(run.workspace, config.source)
    question, (pixels,) = worker[0]
    assert question == "says" and pixels.shape == (SIZE, SIZE, 3)
    drawn = np.asarray(image_set.open(int(surest["row"]) - 1))
    np.testing.assert_array_equal(pixels, drawn)
    assert "occlusion" not in [question for question, _ in worker]


def test_another_picture_class_and_occlusion_are_asked_for(run: Run, worker: list[Any]) -> None:
    page = results(run.id, "What it sees")
    looks = [each for each in page.button if each.label == "Look"]
    looks[1].click().run()
    assert next(each for each in page.button if each.key == looks[1].key).disabled
    index = int(validation(run).set_index("id").loc[str(looks[1].key).rsplit(":", 1)[1], "row"]) - 1
    page.selectbox(key=f"cam_class:{run.id}:{index}").select(0).run()
    assert worker[-1][0] in ("grad_cam", "says", "feature_maps", "kernels")
    assert [values[1] for question, values in worker if question == "grad_cam"][-1] == 0
    button(page, "Hide place after place").click().run()
    _, (_, number, patch) = next(each for each in worker if each[0] == "occlusion")
    assert (number, patch) == (0, SIZE // 5)
    assert "Hiding what lies in the upper left costs most" in words(page)


def test_a_picture_leads_from_its_cell_to_what_it_saw(run: Run, worker: list[Any]) -> None:
    page = open_cell(run, 0, 1)
    id = wrong_cell(run)["id"].iloc[1]
    page.button(key=f"look:cell:{run.id}:0:1:{id}").click().run()
    assert page.session_state["results_part"] == "What it sees"
    assert page.session_state[f"seen:{run.id}"] == validation(run)["id"].tolist().index(id)


def test_without_a_worker_the_page_says_so(run: Run) -> None:
    page = results(run.id, "What it sees")
    assert "no engine in this test" in page.error[0].value


def level(name: str, value: float, loss: tuple[float, float, float]) -> dict[str, Any]:
    share = {"value": value, "low": value - 0.1, "high": min(1.0, value + 0.1)}
    return {"words": name, **share, "loss": dict(zip(("value", "low", "high"), loss, strict=True))}


FALLS = [level("a little", 0.9, (0.0, -0.1, 0.1)), level("much", 0.4, (0.5, 0.3, 0.6))]
HOLDS = [FALLS[0]]
FOUND = {
    "images": 16,
    "of": 40,
    "untouched": {"value": 0.9, "low": 0.8, "high": 1.0},
    "changes": [{"key": "rotate", "levels": HOLDS}, {"key": "noise", "levels": FALLS}],
}


def test_robustness_is_worked_out_on_a_button_and_kept(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(question: str, run: Run, seconds: float) -> None:
        assert question == "robustness" and seconds > 300
        run.save_robustness(FOUND)

    monkeypatch.setattr("pages.parts.image_results_ask.ask", answer)
    page = results(run.id, "Robustness")
    button(page, "Try it on changed pictures").click().run()
    told = words(page)
    assert "It breaks first where pictures are noisy (much): 90 % right fall to 40 %." in told
    assert "Training never did that: augmentation had noise at 0." in told
    assert "It is hardly hurt where they are turned." in told
    assert "16 validation pictures (of 40, drawn by chance)" in told
    assert len(page.get("plotly_chart")) >= 2


def test_another_run_can_be_drawn_beside_it(workspace: Workspace, run: Run) -> None:
    page = results(run.id, "Robustness")
    run.save_robustness(FOUND)
    other = image_run(workspace, run.image_config.change(augmentation={"noise": 0.5}))
    other.save_robustness(FOUND)
    page.run()
    before = [str(each.proto.spec) for each in page.get("plotly_chart")]
    assert not any("augmentation noise 0.5" in spec for spec in before)
    page.selectbox(key=f"beside:{run.id}").select(other.id).run()
    assert not page.exception
    after = [str(each.proto.spec) for each in page.get("plotly_chart")]
    assert sum("augmentation noise 0.5" in spec for spec in after) == 2


def test_a_tab_that_only_tables_have_leads_to_one_of_pictures(run: Run) -> None:
    assert "The surest mistakes" in words(results(run.id, "Features that matter"))


def test_robustness_names_augmentation_and_what_holds() -> None:
    assert "noise 0.3" in sentence(FOUND, Augmentation(noise=0.3))
    calm = {**FOUND, "changes": [{"key": "rotate", "levels": HOLDS}]}
    assert sentence(calm, Augmentation()).startswith("It stands all these changes")
    from core.training.image_changes import CHANGES

    mirror = next(change for change in CHANGES if change.key == "mirror")
    assert "left and right 0.5" in augmented(mirror, Augmentation(mirror=0.5))
    assert "mirror 1)" in augmented(mirror, Augmentation(mirror=1))


def test_predictions_name_the_file_and_probabilities_of_classes(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(predictions_csv(opened(run)).decode("utf-8-sig"))))
    frame = run.predictions()
    assert frame is not None
    assert list(rows[0])[:4] == ["file", "part", "true", "prediction"]
    assert [row["file"] for row in rows] == frame["file"].tolist()
    assert rows[0]["prediction"] == ("circle", "cross")[frame["prediction"].iloc[0]]
    assert float(rows[0]["probability_cross"]) == pytest.approx(frame["probability_1"].iloc[0])


def test_the_sealed_test_counts_pictures(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    page = results(run.id)
    assert "16 pictures were put aside" in words(page)

    def answer(question: str, run: Run) -> None:
        assert question == "open_test"
        run.append("test_opened")
        metrics = run.metrics()
        frame = run.predictions()
        assert metrics is not None and frame is not None
        run.save_predictions(frame[frame["part"] == "validation"].assign(part="test"), sealed=True)
        run.save_test({**metrics, "parts": {"test": metrics["parts"]["validation"]}})

    monkeypatch.setattr("pages.parts.results_sealed.ask", answer)
    button(page, "Open the sealed test").click().run()
    assert not page.exception
    assert "Opened 1 time" in words(page)


def test_other_settings_start_from_this_run(workspace: Workspace, run: Run) -> None:
    page = results(run.id)
    button(page, "Train again with other settings").click().run()
    assert not page.exception
    assert draft(workspace) == run.image_config


def test_pictures_that_are_gone_leave_scores_and_names(workspace: Workspace, run: Run) -> None:
    source = run.image_config.data.source
    import shutil

    import streamlit

    shutil.rmtree(load_images(workspace, source).folder)
    workspace.upload(source.fingerprint).unlink()
    streamlit.cache_resource.clear()
    page = open_cell(run, 0, 1)
    assert page.error
    names = next(each.value["file"].tolist() for each in page.dataframe if "file" in each.value.columns)
    assert names == wrong_cell(run)["file"].tolist()
    assert "validation pictures right" in words(page)
    assert results(run.id, "What it sees").error


def test_many_pictures_are_shown_a_page_at_a_time(workspace: Workspace) -> None:
    run = image_run(workspace, image_config(workspace, each=40), wrong=0.95)
    page = results(run.id)
    scope = f"surest:{run.id}"
    first = popovers(page, scope)
    assert len(first) == 12
    page.button(key=f"{scope}:more").click().run()
    assert popovers(page, scope) and not set(first) & set(popovers(page, scope))
    page.button(key=f"{scope}:before").click().run()
    assert popovers(page, scope) == first


def test_names_are_shown_as_they_are(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    config = image_config(workspace, classes=3)
    hostile = "<b>:red[x]</b>"
    ids = [each.id for each in load_images(workspace, config.data.source).images if each.class_name == "square"]
    config = config.change(data=config.data.change(relabelled=tuple((id, hostile) for id in ids)).model_dump())
    run = image_run(workspace, config, wrong=0.6)
    number = build_image_dataset(load_images(workspace, config.data.source), config.data).class_names.index(hostile)
    page = open_cell(run, number, (number + 1) % 3)
    told = words_with_marks(page)
    assert r"\<b\>\:red\[x\]" in told
    assert ":red[x]" not in told.replace(r"\:red\[x\]", "")


def test_sentences_of_rows_become_sentences_of_pictures() -> None:
    assert in_words("picture", "Rows: 3 validation rows, a row") == "Pictures: 3 validation pictures, a picture"
    assert in_words("row", "3 rows") == "3 rows"
    assert in_words("picture", 'Few are "first row".', ["first row"]) == 'Few are "first row".'
    assert in_words("picture", "arrows throw brown") == "arrows throw brown"


def test_softmax_is_followed_step_by_step() -> None:
    table, told = softmax_steps(np.array([0.0, np.log(3.0), 0.0]), ["a", "b", "c"])
    assert table["Class"].tolist() == ["b", "a", "c", "all together"]
    assert table["e to its power"].tolist() == ["3.00", "1.00", "1.00", "5.00"]
    assert table["Probability"].tolist() == ["60.0 %", "20.0 %", "20.0 %", "100 %"]
    assert "For b: 3.00 / 5.00 = 60.0 %." in told
    many, told = softmax_steps(np.arange(300.0), [str(number) for number in range(300)])
    assert many["Class"].tolist()[-2:] == ["the other 292", "all together"] and len(many) == 10
    assert "first taken off" in told and "nan" not in str(many)


def test_one_score_for_two_classes_is_followed_too() -> None:
    told = one_score("binary_crossentropy", np.log(3.0), np.array([0.25, 0.75]), ("no", "yes"))
    assert "1.10" in told and "75.0 % for yes" in told and "25.0 %, for no" in told
    assert "hinge" in one_score("hinge", 0.5, np.array([0.27, 0.73]), ("no", "yes"))


def test_maps_are_told_in_words() -> None:
    corner = np.zeros((8, 8))
    corner[6:, :2] = 2
    assert cam_sentence(corner, "muffin") == "Most of what speaks for muffin lies in the lower left."
    assert cam_sentence(np.ones((8, 8)), "muffin") == "What speaks for muffin is spread over the picture."
    assert cam_sentence(np.zeros((8, 8)), "muffin") == "In this layer nothing speaks for muffin."
    found = {"drop": np.zeros((3, 3)), "map": np.zeros((30, 30)), "probability": 0.8, "patch": 10,
             "rows": [0, 10, 20], "columns": [0, 10, 20]}  # fmt: skip
    assert "hardly lowers" in occlusion_sentence(found, "muffin")
    found["drop"][1, 1] = 0.5
    assert occlusion_sentence(found, "muffin") == (
        "Hiding what lies in the middle costs most: the probability of muffin falls from 80 % to 30 %."
    )
