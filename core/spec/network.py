"""What was chosen about the network: its layers and how it is held back from memorising."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.spec.base import Spec, choice, plain_number

Activation = Literal["relu", "tanh", "sigmoid", "elu", "selu", "gelu", "silu", "linear"]


class Dense(Spec):
    """A fully connected layer, ``activation(x @ kernel + bias)``."""

    kind: Literal["Dense"] = "Dense"
    units: int = choice(16, "Neurons (units)", "How many neurons this layer has.", ge=1, le=4096, step=1)
    activation: Activation = choice(
        "relu", "Activation", "The bend that each neuron puts into its answer; without one, layers collapse to a line."
    )


class Dropout(Spec):
    """Switches off a random share of the values while training."""

    kind: Literal["Dropout"] = "Dropout"
    rate: float = choice(
        0.3,
        "Dropout rate",
        "Share of the values that is switched off at random in each training step.",
        ge=0.0,
        le=0.9,
        step=0.05,
    )


class BatchNormalization(Spec):
    """Re-centres and re-scales the values of each batch."""

    kind: Literal["BatchNormalization"] = "BatchNormalization"
    momentum: float = choice(
        0.9, "Momentum", "How slowly the running averages follow the batches.", ge=0.0, lt=1.0, step=0.01, depth="all"
    )
    epsilon: float = choice(
        1e-3, "Epsilon", "A small number that keeps the division safe.", gt=0.0, le=0.1, depth="all"
    )


Layer = Annotated[Dense | Dropout | BatchNormalization, Field(discriminator="kind")]
LAYERS: dict[str, type[Spec]] = {"Dense": Dense, "Dropout": Dropout, "BatchNormalization": BatchNormalization}


Padding = Literal["same", "valid"]
_PADDING_WORDS = {"same": "same (edges filled up)", "valid": "valid (edges cut off)"}
_PADDING_HELP = "Whether edges are filled up with zeros, so that only strides shrink the image, or cut off."
_STRIDES_HELP = "How many pixels the window moves on at a time; 2 halves height and width."


class Conv2D(Spec):
    """Slides small filters over the image; each answers where it finds its pattern."""

    kind: Literal["Conv2D"] = "Conv2D"
    filters: int = choice(16, "Filters", "How many different patterns this layer looks for.", ge=1, le=1024, step=1)
    kernel_size: int = choice(
        3, "Kernel size", "Height and width of the window that each filter sees.", ge=1, le=15, step=1, unit="pixels"
    )
    strides: int = choice(1, "Strides", _STRIDES_HELP, ge=1, le=8, step=1, unit="pixels", depth="all")
    padding: Padding = choice("same", "Padding", _PADDING_HELP, options=_PADDING_WORDS, depth="all")
    activation: Activation = choice(
        "relu", "Activation", "The bend that each filter puts into its answer; without one, layers collapse to a line."
    )


class _Pooling(Spec):
    pool_size: int = choice(2, "Pool size", "Height and width of the window.", ge=1, le=16, step=1, unit="pixels")
    strides: int = choice(2, "Strides", _STRIDES_HELP, ge=1, le=16, step=1, unit="pixels")
    padding: Padding = choice("valid", "Padding", _PADDING_HELP, options=_PADDING_WORDS, depth="all")


class MaxPooling2D(_Pooling):
    """Keeps the largest value of each window, so that the image shrinks and small shifts matter less."""

    kind: Literal["MaxPooling2D"] = "MaxPooling2D"


class AveragePooling2D(_Pooling):
    """Keeps the average of each window, so that the image shrinks."""

    kind: Literal["AveragePooling2D"] = "AveragePooling2D"


class Flatten(Spec):
    """Lays all pixels of all channels out in one row, as Dense layers need them."""

    kind: Literal["Flatten"] = "Flatten"


class GlobalAveragePooling2D(Spec):
    """Keeps one number a channel, its average over the image: what was found, no matter where."""

    kind: Literal["GlobalAveragePooling2D"] = "GlobalAveragePooling2D"


ImageLayer = Annotated[
    Conv2D | MaxPooling2D | AveragePooling2D | BatchNormalization | Dropout | Flatten | GlobalAveragePooling2D | Dense,
    Field(discriminator="kind"),
]
IMAGE_LAYERS: dict[str, type[Spec]] = {
    "Conv2D": Conv2D,
    "MaxPooling2D": MaxPooling2D,
    "AveragePooling2D": AveragePooling2D,
    "BatchNormalization": BatchNormalization,
    "Dropout": Dropout,
    "Flatten": Flatten,
    "GlobalAveragePooling2D": GlobalAveragePooling2D,
    "Dense": Dense,
}


PENALTY_LADDER = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)


class Regularization(Spec):
    """How large weights and memorising are punished (L1, L2) or made impossible (dropout)."""

    kernel_regularizer: Literal["none", "l1", "l2", "l1_l2"] = choice(
        "none",
        "Weight penalty",
        "Adds the size of the weights to the cost, so that the network prefers small (L2) or few (L1) weights.",
        options={"none": "none", "l1": "L1 (few weights)", "l2": "L2 (small weights)", "l1_l2": "both"},
    )
    l1: float = choice(
        1e-3,
        "L1 rate",
        "How strongly the sum of absolute weights counts in the cost.",
        ge=0.0,
        le=10.0,
        ladder=PENALTY_LADDER,
    )
    l2: float = choice(
        1e-3,
        "L2 rate",
        "How strongly the sum of squared weights counts in the cost.",
        ge=0.0,
        le=10.0,
        ladder=PENALTY_LADDER,
    )
    dropout: float = choice(
        0.0,
        "Dropout rate",
        "Share of the neurons of every hidden layer that is switched off at random while training.",
        ge=0.0,
        le=0.9,
        step=0.05,
    )

    @property
    def rates(self) -> tuple[float, float]:
        """The L1 and L2 rates that take effect."""
        return (
            self.l1 if self.kernel_regularizer in ("l1", "l1_l2") else 0.0,
            self.l2 if self.kernel_regularizer in ("l2", "l1_l2") else 0.0,
        )

    @property
    def words(self) -> str:
        """What is in use, such as ``L2 0.001, dropout 0.3``; empty for none."""
        named = zip(("L1", "L2", "dropout"), (*self.rates, self.dropout), strict=True)
        return ", ".join(f"{name} {plain_number(rate)}" for name, rate in named if rate)


class NetworkSpec(Spec):
    """Hidden layers and regularization. The output layer follows from the task and the loss."""

    preset: Literal["small", "medium", "wide", "custom"] = choice(
        "small",
        "Preset",
        "A network that suits the shape of the table, or one that you build yourself.",
        options={"small": "small", "medium": "medium", "wide": "wide table", "custom": "my own layers"},
    )
    layers: tuple[Layer, ...] = choice(
        (Dense(units=16),), "Hidden layers", "The layers between the features and the answer.", max_length=20
    )
    regularization: Regularization = Regularization()
    output_initializer: Literal["glorot_uniform", "zeros"] = choice(
        "glorot_uniform",
        "Start of the output layer",
        "Random, or zeros, so that training starts from the average answer.",
        depth="all",
        options={"glorot_uniform": "random (Glorot)", "zeros": "zeros"},
    )


Backbone = Literal["none", "efficientnet_lite0", "mobilenet_v2", "efficientnet_v2_b0", "resnet50"]


class ImageNetworkSpec(Spec):
    """Layers for images, with a pretrained backbone in front or without. The output layer follows from the loss."""

    kind: Literal["images"] = "images"
    preset: Literal["small_cnn", "medium_cnn", "transfer", "custom"] = choice(
        "small_cnn",
        "Preset",
        "A network that suits the images, or one that you build yourself.",
        options={
            "small_cnn": "small CNN",
            "medium_cnn": "medium CNN",
            "transfer": "transfer learning",
            "custom": "my own layers",
        },
    )
    backbone: Backbone = choice(
        "none",
        "Pretrained network (backbone)",
        "A network that has seen 1.2 million photos describes each image; your layers learn from its description.",
        options={
            "none": "none",
            "efficientnet_lite0": "EfficientNet-Lite0 (works offline)",
            "mobilenet_v2": "MobileNetV2",
            "efficientnet_v2_b0": "EfficientNetV2B0",
            "resnet50": "ResNet50",
        },
    )
    fine_tune_blocks: int = choice(
        0,
        "Blocks to fine-tune",
        "How many of the backbone's last blocks go on learning once your own layers have learned.",
        ge=0,
        le=16,
        step=1,
        depth="all",
    )
    fine_tune_learning_rate: float = choice(
        3e-5,
        "Learning rate of fine-tuning",
        "Small steps, so that what the backbone knows is not washed away.",
        gt=0.0,
        le=0.1,
        ladder=(1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3),
        depth="all",
    )
    layers: tuple[ImageLayer, ...] = choice(
        (Conv2D(), MaxPooling2D(), Flatten()),
        "Layers",
        "The layers between the image and the answer.",
        max_length=40,
    )
    regularization: Regularization = Regularization()

    @property
    def frozen(self) -> bool:
        """Whether a backbone describes the images once and for all, so that only a dense network learns."""
        return self.backbone != "none" and not self.fine_tune_blocks
