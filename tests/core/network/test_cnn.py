"""The model that leaves a run opens without this project and takes raw pixels."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from core.errors import UserError
from core.network.cnn import build_cnn, logits_model
from core.network.outputs import from_model, to_predictions
from core.spec.network import ImageNetworkSpec

SHAPE = (8, 8, 3)
NETWORK = ImageNetworkSpec.parse(
    {
        "layers": [
            {"kind": "Conv2D", "filters": 4, "strides": 2, "activation": "tanh"},
            {"kind": "BatchNormalization"},
            {"kind": "AveragePooling2D"},
            {"kind": "Flatten"},
            {"kind": "Dropout"},
            {"kind": "Dense", "units": 5},
        ],
        "regularization": {"kernel_regularizer": "l1_l2", "l1": 0.01, "l2": 0.1, "dropout": 0.5},
    }
)
OPEN = """
import sys, keras, numpy as np
model = keras.models.load_model(sys.argv[1], safe_mode=True)
np.save(sys.argv[2], model.predict(np.load(sys.argv[3]), verbose=0))
assert not any(name.split(".")[0] == "core" for name in sys.modules)
"""


def images(count: int = 6, shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)


def test_saved_model_opens_without_this_project_and_takes_raw_pixels(tmp_path: Path) -> None:
    model = build_cnn(NETWORK, "categorical_crossentropy", SHAPE, 3)
    paths = [str(tmp_path / name) for name in ("model.keras", "answers.npy", "images.npy")]
    model.save(paths[0])
    np.save(paths[2], images())
    subprocess.run([sys.executable, "-c", OPEN, *paths], check=True, cwd=tmp_path)
    np.testing.assert_allclose(np.load(paths[1]), model(images()).numpy(), atol=1e-6)


def test_answer_is_that_of_the_layers_on_pixels_between_0_and_1() -> None:
    network = ImageNetworkSpec.parse({"layers": [{"kind": "GlobalAveragePooling2D"}]})
    model = build_cnn(network, "binary_crossentropy", SHAPE, 2)
    model.get_layer("output").set_weights([np.array([[1.0], [2.0], [-4.0]]), np.array([0.5])])
    logit = images().astype(np.float64).mean((1, 2)) / 255 @ [1.0, 2.0, -4.0] + 0.5
    np.testing.assert_allclose(logits_model(model)(images()).numpy()[:, 0], logit, atol=1e-5)
    np.testing.assert_allclose(model(images()).numpy()[:, 0], 1 / (1 + np.exp(-logit)), atol=1e-5)
    np.testing.assert_allclose(model(images().astype(np.float32)), model(images()))


@pytest.mark.parametrize(
    ("loss", "classes", "units"),
    [("binary_crossentropy", 2, 1), ("hinge", 2, 1), ("categorical_crossentropy", 4, 4)],
)
def test_outputs_are_those_that_tables_have(loss: str, classes: int, units: int) -> None:
    model = build_cnn(NETWORK, loss, SHAPE, classes)
    assert model.output.shape == (None, units)
    logits = logits_model(model)(images()).numpy()
    np.testing.assert_allclose(from_model(loss, model(images())), to_predictions(loss, logits), atol=1e-5)


def test_penalty_counts_every_kernel_and_no_bias() -> None:
    model = build_cnn(NETWORK, "categorical_crossentropy", SHAPE, 3)
    kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
    assert len(kernels) == 3
    expected = sum(0.01 * np.abs(kernel).sum() + 0.1 * np.square(kernel).sum() for kernel in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


def test_layers_keep_their_kind_and_number() -> None:
    names = [layer.name for layer in build_cnn(NETWORK, "hinge", SHAPE, 2).layers]
    assert names == [
        "pixels", "rescaling", "Conv2D_1", "BatchNormalization_2", "AveragePooling2D_3", "AveragePooling2D_3_dropout",
        "Flatten_4", "Dropout_5", "Dense_6", "Dense_6_dropout", "output", "probabilities",
    ]  # fmt: skip


def test_same_seed_gives_the_same_start_and_another_seed_another() -> None:
    one, two, other = (build_cnn(NETWORK, "hinge", SHAPE, 2, seed).get_weights() for seed in (1, 1, 2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)
    assert (one[0] != other[0]).all()
    assert len(set(np.abs(one[0]).ravel())) > 100


def test_impossible_stack_is_explained_before_keras_sees_it() -> None:
    network = ImageNetworkSpec.parse({"layers": [{"kind": "Dense"}]})
    with pytest.raises(UserError, match="Layer 1, Dense"):
        build_cnn(network, "hinge", SHAPE, 2)
    assert isinstance(build_cnn(NETWORK, "hinge", SHAPE, 2), keras.Model)


def test_layers_alike_start_differently() -> None:
    convolution = {"kind": "Conv2D", "filters": 3}
    network = ImageNetworkSpec.parse({"layers": [convolution, convolution, {"kind": "GlobalAveragePooling2D"}]})
    one, two = (build_cnn(network, "hinge", SHAPE, 2).get_layer(f"Conv2D_{number}").kernel for number in (1, 2))
    assert (one.numpy() != two.numpy()).all()
