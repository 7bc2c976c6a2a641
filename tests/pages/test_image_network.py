"""Network and Train for pictures: presets, own layers, transfer learning, augmentation, and their words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.draft import load_draft, save_draft
from core.errors import UserError
from core.network.image_shapes import grown
from core.network.pretrained import PRETRAINED
from core.progress import from_events, most_epochs
from core.runs import Run, all_runs
from core.spec import Augmentation, ImageConfig
from core.spec.network import ImageNetworkSpec
from core.training.augment_questions import augmented
from core.workspace import Workspace
from pages.parts.form import field_info
from pages.parts.header import network_words
from pages.parts.image_network_layers import place_of
from pages.parts.image_network_picture import LEAST_WIDTH, blocks_of, network_chart
from pages.parts.image_network_varied import MOST_CHOICES, MOST_TRIES, TRIES, choices, sheet
from pages.parts.tables import images_of
from tests.pages.made_images import image_config

NAVIGATION = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")
SHAPE = (32, 32, 3)


class Worker:
    """An engine whose worker makes each of the nine pictures one brighter, or does not answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.submitted: list[str] = []
        self.cold = False

    def ask(self, question: Any, name: str, root: str, *values: Any, seconds: float = 120) -> np.ndarray:
        if self.cold:
            raise UserError("No worker answered.", "Try again in a moment.")
        self.asked.append((name, *values))
        _, pixels, _ = values
        return np.stack([np.minimum(pixels.astype(int) + number, 255).astype(np.uint8) for number in range(9)])

    def submit(self, run: Run) -> None:
        self.submitted.append(run.id)

    def recover_silent(self, run: Run) -> None:
        pass


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    made = Worker()
    monkeypatch.setattr("pages.parts.session._engine_of", lambda root: made)
    return made


@pytest.fixture
def config(workspace: Workspace) -> ImageConfig:
    return save_draft(workspace, image_config(workspace))


def open_page(name: str = "network.py", **query: str) -> AppTest:
    page = AppTest.from_file(NAVIGATION, default_timeout=120)
    for key, value in query.items():
        page.query_params[key] = value
    page = page.switch_page(name).run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    parts = [*page.title, *page.subheader, *page.markdown, *page.caption, *page.error, *page.info, *page.warning]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def draft_now() -> ImageConfig:
    found = load_draft(Workspace())
    assert isinstance(found, ImageConfig)
    return found


def kinds() -> list[str]:
    return [layer.kind for layer in draft_now().network.layers]


def button(page: AppTest, label: str) -> Any:
    return next(found for found in page.button if found.label == label)


def with_network(config: ImageConfig, **network: object) -> ImageConfig:
    return save_draft(Workspace(), config.change(network={**config.network.model_dump(), **network}))


def test_page_says_what_comes_in_and_draws_the_network(config: ImageConfig) -> None:
    page = open_page()
    assert "tells 2 classes apart, from pictures of 32 x 32 pixels in colour" in said(page)
    assert not button(page, "Train").disabled
    rows = page.dataframe[0].value
    assert rows["What leaves it"].tolist() == ["32 x 32 x 3", "32 x 32 x 4", "16 x 16 x 4", "4 values", "1 value"]
    assert rows["Parameters"].tolist() == [0, 112, 0, 0, 5]


@pytest.mark.parametrize(
    ("name", "words"),
    [("medium_cnn", "Two convolutions"), ("transfer", "1.2 million photos"), ("custom", "from top to bottom")],
)
def test_presets_change_the_network_and_say_what_they_are_for(config: ImageConfig, name: str, words: str) -> None:
    page = open_page()
    page.segmented_control(key="preset").set_value(name)
    page.run()
    assert draft_now().network.preset == name
    assert words in said(page)


def test_own_layers_are_added_where_they_fit_changed_moved_and_removed(config: ImageConfig) -> None:
    with_network(config, preset="custom")
    page = open_page()
    assert "→ 16 x 16 x 4" in said(page)
    button(page, "Add Dense").click()
    page.run()
    button(page, "Add Conv2D").click()
    page.run()
    assert kinds() == ["Conv2D", "MaxPooling2D", "Conv2D", "GlobalAveragePooling2D", "Dense"]
    page.number_input(key="layer-2-Conv2D-filters").set_value(6)
    page.run()
    assert "→ 16 x 16 x 6, 222 parameters" in said(page)
    page.button(key="move-2--1").click()
    page.run()
    page.button(key="remove-0").click()
    page.run()
    assert kinds() == ["Conv2D", "MaxPooling2D", "GlobalAveragePooling2D", "Dense"]
    assert "→ 32 x 32 x 6, 168 parameters" in said(page)


def test_impossible_stack_is_explained_at_its_layer_and_can_be_mended(config: ImageConfig, worker: Worker) -> None:
    with_network(config, preset="custom")
    page = open_page()
    page.button(key="move-2--1").click()
    page.run()
    assert kinds() == ["Conv2D", "GlobalAveragePooling2D", "MaxPooling2D"]
    assert "Layer 3, MaxPooling2D, works on an image" in said(page)
    assert "see layer 3 below" in said(page)
    assert "→ 4 values" in said(page)
    assert button(page, "Train").disabled
    page.button(key="move-2--1").click()
    page.run()
    assert not button(page, "Train").disabled
    page.button(key="remove-2").click()
    page.run()
    assert "The output layer takes single values" in said(page)
    assert "see the end of your layers below" in said(page)
    assert not worker.submitted


def test_impossible_network_of_a_preset_is_explained_beside_train(config: ImageConfig) -> None:
    with_network(config, preset="small_cnn", layers=[{"kind": "Conv2D"}])
    page = open_page()
    assert button(page, "Train").disabled
    assert "The output layer takes single values" in said(page)


def test_train_hands_the_pictures_to_the_engine(config: ImageConfig, worker: Worker) -> None:
    page = open_page()
    button(page, "Train").click()
    page.run()
    (run,) = all_runs(Workspace())
    assert worker.submitted == [run.id]
    assert run.config == config


def test_transfer_offers_the_networks_and_says_whose_weights_are_missing(
    config: ImageConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MUFFIN_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    with_network(config, preset="transfer", backbone="efficientnet_lite0", layers=[])
    page = open_page()
    chosen = page.segmented_control(key="field:network.backbone")
    assert chosen.options[0] == "EfficientNet-Lite0 (works offline)"
    assert not page.warning
    assert "Without fine-tuning this has no effect" in said(page)
    chosen.set_value("resnet50")
    page.run()
    assert draft_now().network.backbone == "resnet50"
    assert "The weights of ResNet50 (95 MB) are not on this machine yet" in page.warning[0].value
    (tmp_path / PRETRAINED["resnet50"].file).touch()
    assert not page.run().warning
    page.number_input(key="field:network.fine_tune_blocks").set_value(2)
    page.run()
    assert "Without fine-tuning" not in said(page)
    page.select_slider(key="field:network.fine_tune_learning_rate").set_value(1e-5)
    page.run()
    assert draft_now().network.fine_tune_learning_rate == 1e-5


def test_behind_a_pretrained_network_only_layers_for_values_are_offered(config: ImageConfig) -> None:
    with_network(config, preset="custom", backbone="efficientnet_lite0", layers=[])
    page = open_page()
    added = [found.label for found in page.button if found.label.startswith("Add ")]
    assert added == ["Add Dense", "Add Dropout", "Add BatchNormalization"]
    page.selectbox(key="field:network.backbone").set_value("none")
    page.run()
    assert "The output layer takes single values" in said(page)


def test_augmentation_shows_nine_of_the_chosen_picture_and_another_nine(config: ImageConfig, worker: Worker) -> None:
    page = open_page()
    assert "Only training pictures are varied" in said(page)
    assert "all nine are alike" in said(page)
    page.slider(key="field:augmentation.rotate").set_value(0.5)
    page.run()
    assert draft_now().augmentation.rotate == 0.5
    button(page, "Another nine").click()
    page.run()
    page.selectbox(key="augmentation_picture").set_value(7)
    page.run()
    seeds = [(Augmentation.parse_json(asked[1]).rotate, asked[3]) for asked in worker.asked]
    assert seeds == [(0.0, 0), (0.5, 0), (0.5, 1), (0.5, 1)]
    assert worker.asked[-1][2].shape == SHAPE
    assert (worker.asked[-1][2] != worker.asked[-2][2]).any()
    button(page, "Vary nothing").click()
    page.run()
    assert not draft_now().augmentation.active


def test_while_no_worker_answers_the_picture_is_shown_with_a_sentence(config: ImageConfig, worker: Worker) -> None:
    worker.cold = True
    page = open_page()
    assert "appear here in a moment" in said(page)
    page.session_state[TRIES] = MOST_TRIES
    page.run()
    assert "does not answer" in said(page)
    worker.cold = False
    button(page, "Ask again").click()
    page.run()
    assert "all nine are alike" in said(page)


def test_pictures_that_cannot_be_learned_yet_lead_back_to_data(config: ImageConfig) -> None:
    save_draft(Workspace(), config.change(data={**config.data.model_dump(), "leave_out_classes": ["circle"]}))
    page = open_page()
    assert page.title[0].value == "The pictures are not ready yet"
    assert page.error


def test_worker_varies_a_picture_as_it_was_asked_to() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    json = Augmentation(noise=0.5).model_dump_json()
    nine = augmented("", json, pixels, 1)
    assert nine.shape == (9, 8, 8, 3)
    assert (nine[0] != nine[1]).any()
    assert (augmented("", json, pixels, 2) != nine).any()
    assert (augmented("", Augmentation().model_dump_json(), pixels, 1) == pixels).all()


def test_pictures_to_choose_from_take_part_in_the_training(config: ImageConfig) -> None:
    pictures = images_of(config.data.source)
    assert choices(pictures, config.data) == list(range(40))
    out = config.data.change(leave_out_classes=("circle",), left_out=(pictures.images[-1].id,))
    assert choices(pictures, out) == list(range(20, 39))
    assert len(choices(pictures, config.data)) <= MOST_CHOICES


def test_sheet_puts_pictures_side_by_side_and_leaves_gaps_clear() -> None:
    nine = np.stack([np.full((160, 160, 1), number, np.uint8) for number in range(9)])
    whole = sheet(nine, 3)
    assert whole.shape == (3 * 160 + 2 * 8, 3 * 160 + 2 * 8, 4)
    assert whole[0, 170].tolist() == [1, 1, 1, 255]
    assert whole[340, 340].tolist() == [8, 8, 8, 255]
    assert whole[0, 164].tolist() == [0, 0, 0, 0]
    assert sheet([np.zeros((32, 32, 3), np.uint8)], 1).shape == (160, 160, 4)


def test_picture_of_the_network_shrinks_with_the_image_and_widens_with_the_channels() -> None:
    network = ImageNetworkSpec.parse(
        {"layers": [{"kind": "Conv2D", "filters": 8}, {"kind": "BatchNormalization"}, {"kind": "MaxPooling2D"},
                    {"kind": "Flatten"}]}
    )  # fmt: skip
    growth = grown(network, "binary_crossentropy", SHAPE, 2)
    start, convolution, normalized, pooled, flat, answer = blocks_of(growth.shapes)
    assert start.height == convolution.height == 2 * pooled.height
    assert start.width < convolution.width == pooled.width
    assert normalized.left < convolution.left + convolution.width + convolution.depth
    assert flat.height > answer.height
    chart = network_chart(growth)
    assert chart.figure.layout.xaxis.ticktext[1] == "32×32×8"
    assert "Conv2D 3 x 3, relu (32 x 32 x 8)" in chart.sentence
    low, high = chart.figure.layout.xaxis.range
    assert high - low >= LEAST_WIDTH


def test_picture_of_an_impossible_network_ends_where_it_breaks() -> None:
    network = ImageNetworkSpec.parse({"layers": [{"kind": "Conv2D"}, {"kind": "Dense"}]})
    growth = grown(network, "binary_crossentropy", SHAPE, 2)
    assert (growth.number, len(growth.shapes)) == (2, 2)
    assert "the next layer does not fit" in network_chart(growth).sentence


def test_new_layers_go_where_they_can_work() -> None:
    layers = ImageNetworkSpec.parse(
        {"layers": [{"kind": "Conv2D"}, {"kind": "Flatten"}, {"kind": "Dense"}]}
    ).layers  # fmt: skip
    assert [place_of(layers, kind) for kind in ("MaxPooling2D", "Flatten", "Dense", "Dropout")] == [1, 2, 3, 3]
    assert place_of((), "Conv2D") == 0


def test_words_speak_of_pictures(config: ImageConfig) -> None:
    unit: Any = field_info("training.batch_size", ImageConfig).json_schema_extra
    assert unit["unit"] == "pictures"
    assert "order of pictures" in str(field_info("training.seed", ImageConfig).description)
    assert "order of rows" in str(field_info("training.seed").description)
    assert network_words(config) == "small CNN"
    backbone = with_network(config, backbone="resnet50", layers=[], fine_tune_blocks=2, preset="transfer")
    assert network_words(backbone) == "transfer from ResNet50, 2 blocks fine-tuned"
    assert network_words(with_network(backbone, preset="custom", fine_tune_blocks=0)) == "own layers on ResNet50"


def test_fine_tuning_counts_its_epochs_and_its_pace_on_its_own(config: ImageConfig) -> None:
    tuned = with_network(config, backbone="resnet50", layers=[], fine_tune_blocks=1)
    assert (most_epochs(config), most_epochs(tuned)) == (10, 15)
    events: list[dict[str, Any]] = [{"event": "started", "time": 0.0, "from_epoch": None}]
    events += [{"event": "epoch", "epoch": epoch, "time": 0.1 * epoch} for epoch in range(11)]
    events += [{"event": "stage", "time": 2.0, "words": "Fine-tuning the last 1 block"}]
    assert from_events(events, 15).seconds_left is None
    events += [{"event": "epoch", "epoch": 11 + number, "time": 10.0 + 4 * number} for number in range(3)]
    assert from_events(events, 15).seconds_left == pytest.approx(8.0)


def training_run(config: ImageConfig, *stages: str) -> Run:
    run = Run.create(Workspace(), config)
    run.append("started", from_epoch=None)
    run.append("stage", words="Building the network")
    for epoch in range(2):
        run.append("epoch", epoch=epoch, loss=0.5, val_loss=0.6, metric=0.7, val_metric=0.8)
    for words in stages:
        run.append("stage", words=words)
    return run


def test_train_page_tells_stages_and_pictures(config: ImageConfig) -> None:
    page = open_page("train.py", run=training_run(config).id)
    assert page.title[0].value == "Training, epoch 1"
    words = said(page)
    assert "learns to tell pictures apart, 32 x 32 pixels" in words
    assert "0.50 on the pictures it learns from (train), 0.60 on pictures it does not" in words
    assert "looks a little worse than it is" in words
    page = open_page("train.py", run=training_run(config, "Fine-tuning the last 2 blocks").id)
    assert page.title[0].value == "Fine-tuning the last 2 blocks, epoch 1"
    page = open_page("train.py", run=training_run(config, "Measuring how good it is").id)
    assert page.title[0].value == "Measuring how good it is…"


def test_train_page_shows_how_far_a_stage_is(config: ImageConfig) -> None:
    run = Run.create(Workspace(), config)
    run.append("started", from_epoch=None)
    run.append("stage", words="Reading the pictures: 40%")
    page = open_page("train.py", run=run.id)
    assert page.title[0].value == "Reading the pictures: 40%…"
    assert [bar.proto.value for bar in page.get("progress")] == [40]
