"""Image layers are there for images only: tables neither offer nor take them."""

import pytest

from core.errors import UserError
from core.spec import LAYERS, NetworkSpec
from core.spec.augmentation import Augmentation
from core.spec.network import IMAGE_LAYERS, ImageNetworkSpec


def test_tables_are_offered_the_same_layers_as_before() -> None:
    assert list(LAYERS) == ["Dense", "Dropout", "BatchNormalization"]


@pytest.mark.parametrize("kind", ["Conv2D", "MaxPooling2D", "AveragePooling2D", "Flatten", "GlobalAveragePooling2D"])
def test_tables_refuse_image_layers(kind: str) -> None:
    with pytest.raises(UserError):
        NetworkSpec.parse({"layers": [{"kind": kind}]})


@pytest.mark.parametrize("kind", IMAGE_LAYERS)
def test_every_image_layer_comes_back_from_json_as_it_was(kind: str) -> None:
    network = ImageNetworkSpec.parse({"layers": [{"kind": kind}]})
    assert network.layers == (IMAGE_LAYERS[kind](),)
    assert ImageNetworkSpec.parse_json(network.model_dump_json()) == network


@pytest.mark.parametrize("model", [*IMAGE_LAYERS.values(), ImageNetworkSpec, Augmentation])
def test_every_choice_has_a_label_and_a_sentence_of_help(model: type) -> None:
    for name, info in model.model_fields.items():  # type: ignore[attr-defined]
        if name not in ("kind", "regularization"):
            assert info.title and info.description.endswith((".", ")")), name


def test_strengths_outside_0_and_1_are_refused_by_name() -> None:
    with pytest.raises(UserError, match="zoom"):
        Augmentation.parse({"zoom": 1.1})
    assert not Augmentation().active
    assert Augmentation(rotate=0.1, noise=0.25).words == "rotate 0.1, noise 0.25"
