"""What a worker answers about a run on pictures, from its folder."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.images.pixels import pixels as pixels_of_set
from core.data.images.read import load_images
from core.errors import UserError
from core.network.cnn import build_cnn
from core.runs import Run
from core.training import answer
from core.workspace import Workspace
from tests.pages.made_images import SIZE, image_config, image_run


@pytest.fixture
def run(workspace: Workspace) -> Run:
    """A run whose network is untrained but real."""
    config = image_config(workspace)
    made = image_run(workspace, config)
    made.save_model(build_cnn(config.network, config.training.loss, (SIZE, SIZE, 3), 2, seed=1).save)
    return made


def pictures(run: Run) -> np.ndarray:
    return pixels_of_set(run.workspace, load_images(run.workspace, run.config.data.source), SIZE)


def ask(question: str, run: Run, *values: object) -> object:
    return answer(question, str(run.workspace.root), run.id, *values)


def test_all_that_the_page_asks_about_one_picture(run: Run) -> None:
    picture = np.asarray(pictures(run)[3])
    layers = ask("image_layers", run)
    assert [layer["name"] for layer in layers] == ["Conv2D_1", "MaxPooling2D_2"]
    said = ask("says", run, picture)
    assert said["logits"].shape == (1,)
    assert said["probabilities"][1] == pytest.approx(1 / (1 + np.exp(-said["logits"][0])), abs=1e-6)
    seen = ask("grad_cam", run, picture, 1, None)
    assert (seen["layer"], seen["map"].shape) == ("Conv2D_1", tuple(layers[0]["shape"][:2]))
    np.testing.assert_allclose(seen["probabilities"], said["probabilities"], atol=1e-6)
    answered = ask("grad_cam", run, picture, -1)
    assert answered["class_index"] == said["probabilities"].argmax()
    assert ask("grad_cam", run, picture, 1, "MaxPooling2D_2")["map"].shape == (SIZE // 2, SIZE // 2)
    maps = ask("feature_maps", run, picture, "MaxPooling2D_2")
    assert maps["maps"].shape == (4, SIZE // 2, SIZE // 2)
    assert [each["kernels"].shape for each in ask("kernels", run)] == [(4, 3, 3, 3)]
    hidden = ask("occlusion", run, picture, 1, 8)
    assert hidden["probability"] == pytest.approx(said["probabilities"][1], abs=1e-6)
    assert hidden["map"].shape == (SIZE, SIZE)


def test_a_picture_of_another_shape_is_refused_in_words(run: Run) -> None:
    for question, *values in (("says",), ("grad_cam", 1), ("feature_maps", "Conv2D_1"), ("occlusion", 1, 8)):
        with pytest.raises(UserError, match="32 x 32 x 3; received 9 x 9 x 1"):
            ask(question, run, np.zeros((9, 9, 1), np.uint8), *values)


def test_robustness_is_of_validation_pictures_and_stays_in_the_folder(run: Run) -> None:
    frame = run.predictions()
    assert frame is not None and run.robustness() is None
    rows = frame[frame["part"] == "validation"]
    found = ask("robustness", run)
    assert found["images"] == found["of"] == len(rows) == 8
    model_answers = [int(ask("says", run, np.asarray(pictures(run)[row - 1]))["probabilities"][1] >= 0.5)
                     for row in rows["row"]]  # fmt: skip
    assert found["untouched"]["value"] == np.mean(np.array(model_answers) == rows["y_true"].to_numpy())
    assert run.robustness() == found
    assert [change["key"] for change in found["changes"]] == ["rotate", "mirror", "darken", "occlude", "noise"]


def test_a_run_without_validation_pictures_says_so(run: Run) -> None:
    frame = run.predictions()
    assert frame is not None
    run.save_predictions(frame[frame["part"] == "train"])
    with pytest.raises(UserError, match="no validation pictures"):
        ask("robustness", run)
