"""Keras' own pretrained networks: the right numbers go in, the right counts are told, and missing weights are told."""

import functools
import http.client
import threading
import urllib.error
import urllib.request
from io import BytesIO
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from core.errors import UserError
from core.network import weights_file
from core.network.applications import build_application
from core.network.backbone import build_backbone, features, load_head, unfreeze
from core.network.cnn import build_cnn
from core.network.image_shapes import image_layer_shapes
from core.network.pretrained import PRETRAINED
from core.network.weights_file import weights_here
from core.spec.network import ImageNetworkSpec

KERAS: dict[str, Any] = {
    "mobilenet_v2": (keras.applications.MobileNetV2, keras.applications.mobilenet_v2),
    "efficientnet_v2_b0": (keras.applications.EfficientNetV2B0, keras.applications.efficientnet_v2),
    "resnet50": (keras.applications.ResNet50, keras.applications.resnet),
}
SHAPE = (32, 32, 3)
HEAD = {"layers": [{"kind": "Dense", "units": 4}]}
PICTURES = np.random.default_rng(0).integers(0, 256, (2, *SHAPE), dtype=np.uint8)


@functools.cache
def original(name: str) -> keras.Model:
    """Keras' network, with weights by chance."""
    keras.utils.set_random_seed(0)
    return KERAS[name][0](include_top=False, weights=None, input_shape=SHAPE, pooling="avg")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with such weights under Keras' own names: one in the format of its server, two in the newer one."""
    folder = tmp_path_factory.mktemp("weights")
    original("mobilenet_v2").save(folder / PRETRAINED["mobilenet_v2"].file)
    for name in ("efficientnet_v2_b0", "resnet50"):
        original(name).save_weights(folder / f"{PRETRAINED[name].file.removesuffix('.h5')}.weights.h5")
    return folder


@pytest.fixture(autouse=True)
def own_folder(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUFFIN_WEIGHTS", str(weights))


@functools.cache
def whole(name: str) -> keras.Model:
    """The same inside of a network of ours; its blocks are frozen and opened by the tests."""
    return build_cnn(ImageNetworkSpec.parse({"backbone": name, **HEAD}), "binary_crossentropy", SHAPE, 2)


@pytest.mark.parametrize("name", KERAS)
def test_features_are_those_of_keras_with_its_own_preparation_of_pixels(name: str) -> None:
    prepared = KERAS[name][1].preprocess_input(PICTURES.astype(np.float32))
    expected = np.asarray(original(name)(prepared, training=False))
    found = np.asarray(whole(name).get_layer("backbone")(PICTURES, training=False))
    assert found.shape == (2, PRETRAINED[name].features)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_grey_pictures_are_described_as_their_rgb_copies() -> None:
    grey = PICTURES[..., :1]
    rgb = np.repeat(grey, 3, axis=-1)
    expected = np.asarray(whole("mobilenet_v2").get_layer("backbone")(rgb, training=False))
    np.testing.assert_allclose(build_backbone(1, "mobilenet_v2")(grey), expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("name", KERAS)
def test_counts_from_the_spec_are_those_of_keras_frozen_and_fine_tuned(name: str) -> None:
    model = whole(name)
    assert PRETRAINED[name].parameters == model.get_layer("backbone").count_params()
    for blocks in (0, 1, 16):
        unfreeze(model, blocks)
        network = ImageNetworkSpec.parse({"backbone": name, **HEAD, "fine_tune_blocks": blocks})
        shapes = image_layer_shapes(network, "binary_crossentropy", SHAPE, 2)
        assert shapes[1].shape == (PRETRAINED[name].features,)
        assert sum(shape.parameters for shape in shapes) == model.count_params()
        assert sum(shape.trainable for shape in shapes) == sum(int(np.prod(w.shape)) for w in model.trainable_weights)


@pytest.mark.parametrize(
    ("name", "tuned"),
    [
        ("mobilenet_v2", {"block_15", "block_16", "Conv_1"}),
        ("efficientnet_v2_b0", {"block6g", "block6h", "top_conv"}),
        ("resnet50", {"conv5_block2", "conv5_block3"}),
    ],
)
def test_fine_tuning_two_blocks_opens_them_and_nothing_before_them(name: str, tuned: set[str]) -> None:
    unfreeze(whole(name), 2)
    open_layers = {layer.name for layer in whole(name).get_layer("backbone").layers if layer.trainable_weights}
    assert {next(block for block in tuned if layer.startswith(block)) for layer in open_layers} == tuned
    assert not any("bn" in layer for layer in open_layers)


def test_whole_model_answers_as_its_head_on_the_features() -> None:
    model = keras.Sequential([whole("mobilenet_v2").get_layer("backbone"), keras.layers.Dense(1, "sigmoid")])
    described = features(PICTURES, backbone="mobilenet_v2")
    kernel = np.random.default_rng(1).normal(size=(1280, 1)).astype(np.float32) / np.abs(described).max()
    bias = np.array([-0.2], np.float32)
    load_head(model, [kernel, bias])
    answers = np.asarray(model(PICTURES))
    np.testing.assert_allclose(answers, 1 / (1 + np.exp(-(described @ kernel + bias))), atol=1e-3)


def test_a_file_under_the_name_on_keras_server_is_found_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUFFIN_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    network = PRETRAINED["mobilenet_v2"]
    assert weights_here(network) is None
    kept = tmp_path / "keras" / "models" / network.file
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"")
    assert weights_here(network) == kept
    (tmp_path / network.file).write_bytes(b"")
    assert weights_here(network) == tmp_path / network.file


def test_a_file_that_holds_something_else_is_told(tmp_path: Path, weights: Path) -> None:
    wrong = tmp_path / "weights.h5"
    wrong.write_bytes(b"no weights")
    with pytest.raises(UserError, match=r"weights\.h5 does not hold the weights of MobileNetV2"):
        build_application("mobilenet_v2", weights=wrong)
    other = weights / f"{PRETRAINED['resnet50'].file.removesuffix('.h5')}.weights.h5"
    with pytest.raises(UserError, match="does not hold the weights of MobileNetV2"):
        build_application("mobilenet_v2", weights=other)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("MUFFIN_WEIGHTS")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return tmp_path / "models"


def answering(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    def urlopen(url: str, timeout: float) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (urllib.error.URLError("no name"), "could not be reached"),
        (TimeoutError(), "did not answer within"),
        (urllib.error.HTTPError("", 403, "no", http.client.HTTPMessage(), None), "answered 403"),
    ],
)
def test_no_internet_is_told_with_both_ways_out(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception, words: str
) -> None:
    answering(monkeypatch, failure)
    with pytest.raises(UserError) as error:
        build_backbone(3, "resnet50")
    assert words in error.value.problem
    assert "storage.googleapis.com" in error.value.problem
    assert "choose EfficientNet-Lite0" in error.value.remedy
    assert "MUFFIN_WEIGHTS" in error.value.remedy
    assert "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5" in error.value.remedy


def test_a_server_that_never_answers_is_given_up(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forever = threading.Event()
    answering(monkeypatch, forever.wait)
    monkeypatch.setattr(weights_file, "CONNECT_SECONDS", -0.9)
    with pytest.raises(UserError, match="did not answer"):
        build_backbone(3, "resnet50")
    forever.set()


class _Answer(BytesIO):
    headers: dict[str, str]


def test_a_download_is_kept_only_when_it_is_complete(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = PRETRAINED["mobilenet_v2"]
    answer = _Answer(b"half")
    answer.headers = {"Content-Length": "8"}
    answering(monkeypatch, answer)
    with pytest.raises(UserError, match="broke off"):
        weights_file.weights_file(network)
    assert list(nowhere.iterdir()) == []
    answer = _Answer(b"complete")
    answer.headers = {"Content-Length": "8"}
    answering(monkeypatch, answer)
    shares: list[float] = []
    monkeypatch.setattr(weights_file, "BLOCK", 2)
    assert weights_file.weights_file(network, shares.append).read_bytes() == b"complete"
    assert shares == [0.25, 0.5, 0.75, 1.0]
    assert weights_here(network) == nowhere / network.file
    assert [path.name for path in nowhere.iterdir()] == [network.file]


def test_a_download_that_is_stopped_leaves_nothing(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = _Answer(b"complete")
    answer.headers = {"Content-Length": "8"}
    answering(monkeypatch, answer)

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        weights_file.weights_file(PRETRAINED["mobilenet_v2"], stop)
    assert list(nowhere.iterdir()) == []
