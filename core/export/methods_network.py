"""A network and its training in the words of a methods section."""

from __future__ import annotations

from collections.abc import Iterator

from core.evaluation.words import count
from core.export.report_facts import Facts, spoken
from core.network.image_shapes import expanded_image_layers, grown
from core.network.pretrained import PRETRAINED
from core.network.shapes import expanded_layers, layer_shapes
from core.progress import most_epochs
from core.spec import (
    LOSS_WORDS,
    OUTPUTS,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    ImageConfig,
    ImageLayer,
    Layer,
    MaxPooling2D,
    RunConfig,
    TrainingSpec,
    output_units,
)
from core.spec.base import plain_number

ACTIVATIONS = {"relu": "ReLU", "elu": "ELU", "selu": "SELU", "gelu": "GELU", "silu": "SiLU", "linear": "no activation"}
OPTIMIZERS = {
    "adam": "Adam (Kingma and Ba 2015)",
    "sgd": "stochastic gradient descent without momentum",
    "rmsprop": "RMSprop (Tieleman and Hinton 2012)",
}
BACKBONES = {
    "efficientnet_lite0": "EfficientNet-Lite0 (Tan and Le 2019)",
    "mobilenet_v2": "MobileNetV2 (Sandler et al. 2018)",
    "efficientnet_v2_b0": "EfficientNetV2-B0 (Tan and Le 2021)",
    "resnet50": "ResNet-50 (He et al. 2016)",
}


def network_paragraph(facts: Facts) -> str:
    """The network, how it learned, and which of its states was kept."""
    config = facts.shown.config
    sentences = [_layers(facts), *_penalties(config), _start(config), _training(facts)]
    if config.training.class_weights and facts.shown.class_names:
        sentences.append(
            f"In the cost, every class had the same total weight, whatever its number of training {facts.shown.noun}s."
        )
    sentences += [*_fine_tuning(config), _end(facts)]
    return cited_once(" ".join(sentence for sentence in sentences if sentence))


def cited_once(text: str) -> str:
    """Without the works that layers cite each time but the first."""
    for mark in ("; Srivastava et al. 2014", " (Ioffe and Szegedy 2015)"):
        first, found, rest = text.partition(mark)
        text = f"{first}{found}{rest.replace(mark, '')}"
    return text


def parameters(facts: Facts) -> int:
    """How many numbers training changed."""
    config, classes = facts.shown.config, len(facts.shown.class_names)
    if isinstance(config, ImageConfig):
        shapes = grown(config.network, config.training.loss, config.data.shape, classes).shapes
        return sum(shape.trainable for shape in shapes)
    return sum(each.trainable for each in layer_shapes(config.network, config.training.loss, facts.inputs, classes))


def _layers(facts: Facts) -> str:
    config = facts.shown.config
    loss, classes = config.training.loss, len(facts.shown.class_names)
    units, activation = output_units(loss, classes), OUTPUTS[loss].activation
    answer = f"an output layer of {count(units, 'unit')} ({ACTIVATIONS.get(activation, activation)})"
    hidden = [layer_words(layer) for layer in _hidden(config)]
    learned = f"{count(parameters(facts), 'trainable parameter')}"
    if isinstance(config, ImageConfig) and config.network.backbone != "none":
        backbone = BACKBONES[config.network.backbone]
        features = PRETRAINED[config.network.backbone].features
        return (
            f"The network was {backbone}, pretrained on ImageNet, whose {features:,} features were followed by "
            f"{spoken([*hidden, answer])}; it had {learned}."
        )
    convolutional = any(isinstance(layer, Conv2D) for layer in config.network.layers)
    kind = "a convolutional neural network" if convolutional else "a feed-forward neural network"
    if not hidden:
        return f"The network had no hidden layer: it was {answer} on the inputs, with {learned}."
    return f"The network was {kind} that consisted, in this order, of {spoken([*hidden, answer])}; it had {learned}."


def _hidden(config: RunConfig | ImageConfig) -> list[Layer] | list[ImageLayer]:
    if isinstance(config, ImageConfig):
        return [layer for _, layer in expanded_image_layers(config.network)]
    return list(expanded_layers(config.network))


def layer_words(layer: Layer | ImageLayer) -> str:
    """A layer with its settings, such as ``a dense layer of 16 units (ReLU)``."""
    match layer:
        case Dense():
            return f"a dense layer of {count(layer.units, 'unit')} ({_activation(layer)})"
        case Dropout():
            return f"dropout (rate {plain_number(layer.rate)}; Srivastava et al. 2014)"
        case BatchNormalization():
            return "batch normalization (Ioffe and Szegedy 2015)"
        case Conv2D():
            size = f"{layer.kernel_size} × {layer.kernel_size} pixels"
            strides = f", stride {layer.strides}" if layer.strides > 1 else ""
            filters = count(layer.filters, "filter")
            return f"a convolution with {filters} of {size} ({_activation(layer)}{strides}, {layer.padding} padding)"
        case MaxPooling2D() | AveragePooling2D():
            kind = "max" if isinstance(layer, MaxPooling2D) else "average"
            return f"{layer.pool_size} × {layer.pool_size} {kind} pooling (stride {layer.strides})"
        case GlobalAveragePooling2D():
            return "global average pooling"
        case Flatten():
            return "flattening"


def _activation(layer: Dense | Conv2D) -> str:
    return ACTIVATIONS.get(layer.activation, layer.activation)


def _penalties(config: RunConfig | ImageConfig) -> Iterator[str]:
    l1, l2 = config.network.regularization.rates
    added = [f"{plain_number(rate)} times the sum of {what} kernel weights ({name} penalty)"
             for rate, what, name in ((l1, "absolute", "L1"), (l2, "squared", "L2")) if rate]  # fmt: skip
    if added:
        own = " of the layers behind it" if _has_backbone(config) else ""
        yield f"To its cost, {spoken(added)}{own} {'was' if len(added) == 1 else 'were'} added."
    elif not config.network.regularization.dropout and not any(
        isinstance(layer, Dropout) for layer in config.network.layers
    ):
        yield "No weight penalty and no dropout was used."


def _has_backbone(config: RunConfig | ImageConfig) -> bool:
    return isinstance(config, ImageConfig) and config.network.backbone != "none"


def _start(config: RunConfig | ImageConfig) -> str:
    zeros = isinstance(config, RunConfig) and config.network.output_initializer == "zeros"
    hidden = bool(config.network.layers)
    if zeros and not hidden:
        return "Its kernel weights started from zero."
    own = "The kernel weights of its own layers" if _has_backbone(config) else "Kernel weights"
    text = f"{own} were drawn from Glorot's uniform distribution (Glorot and Bengio 2010)"
    return f"{text}, but for those of the output layer, which started from zero." if zeros else f"{text}."


def _training(facts: Facts) -> str:
    config, training = facts.shown.config, facts.shown.config.training
    most = "at most " if training.early_stopping or facts.shown.told.state == "stopped" else ""
    what = "Its own layers were" if _has_backbone(config) else "The network was"
    return (
        f"{what} trained to minimise the {LOSS_WORDS[training.loss]} with {OPTIMIZERS[training.optimizer]} at a "
        f"learning rate of {plain_number(training.learning_rate)}, in mini-batches of "
        f"{count(training.batch_size, facts.shown.noun)}, for {most}{count(training.epochs, 'epoch')} "
        f"(seed {training.seed})."
    )


def _fine_tuning(config: RunConfig | ImageConfig) -> Iterator[str]:
    if not isinstance(config, ImageConfig) or config.network.backbone == "none":
        return
    network = config.network
    if not network.fine_tune_blocks:
        yield "The weights of the pretrained network stayed as they were."
        return
    blocks = network.fine_tune_blocks
    last = "last block" if blocks == 1 else f"last {blocks} blocks"
    yield (
        f"Then the convolutions of the pretrained network's {last} were fine-tuned together with them, at a learning "
        f"rate of {plain_number(network.fine_tune_learning_rate)}, for at most "
        f"{count(most_epochs(config) - config.training.epochs, 'further epoch')}."
    )


def _end(facts: Facts) -> str:
    training, epochs, best = facts.shown.config.training, facts.told.get("epochs"), facts.told.get("best_epoch")
    if epochs is None:
        return ""
    cut = f"Training was stopped {facts.shown.told.stopped_by} after {count(int(epochs), 'epoch')}"
    stopped = facts.shown.told.state == "stopped"
    if not training.early_stopping:
        kept = "weights after the last epoch were kept"
        chosen = (
            " The number of epochs is the median of the best epochs that the comparison found for this setting."
            if facts.shown.config.data.split.learn_from_all
            else ""
        )
        return f"{cut}, and the {kept}." if stopped else f"The {kept}.{chosen}"
    watched = _watched(facts, training)
    kept = f"the weights of the epoch with the lowest such cost were kept (epoch {best})"
    if stopped:
        return f"{cut}. Of these epochs, {kept.replace('such cost', f'cost on {watched}')}."
    ended = f"it ended after {count(int(epochs), 'epoch')}"
    return (
        f"Training was to stop once the cost on {watched} had not fallen for {count(training.patience, 'epoch')}; "
        f"{ended}, and {kept}."
    )


def _watched(facts: Facts, training: TrainingSpec) -> str:
    if facts.shown.config.data.split.folds:
        return f"further {facts.shown.noun}s that were neither learned from nor scored"
    return f"the validation {facts.shown.noun}s"
