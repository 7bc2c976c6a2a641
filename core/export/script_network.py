"""The part of a generated script that builds the network, and gives it the starting weights of the app."""

from __future__ import annotations

import re

from core.export.script_augmentation import about_varied, augmentation_layers, augmentation_seeds
from core.export.script_cells import Cell, Code, Text, literal
from core.export.script_facts import Facts
from core.network.image_shapes import expanded_image_layers
from core.network.shapes import expanded_layers
from core.spec import (
    OUTPUTS,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    ImageConfig,
    ImageLayer,
    Regularization,
    output_units,
)

LONGEST_CALL = 95
_PENALTIES = {
    "none": "",
    "l1": "keras.regularizers.L1({l1!r})",
    "l2": "keras.regularizers.L2({l2!r})",
    "l1_l2": "keras.regularizers.L1L2({l1!r}, {l2!r})",
}
_START = """\
random = np.random.default_rng([SEED, 1])


def glorot(inputs, outputs):
    \"\"\"Starting weights (Glorot and Bengio 2010): the more connections, the smaller.\"\"\"
    limit = np.sqrt(6 / (inputs + outputs))
    return random.uniform(-limit, limit, (inputs, outputs))


"""
_ALL_KERNELS = """\
for layer in {network}.layers:
    if isinstance(layer, layers.Dense):
        layer.kernel.assign(glorot(*layer.kernel.shape))
"""
_SHARED_KERNELS = """\
# In the comparison, networks shared {inputs} inputs; this one knows only these of them.
KNOWN = {places}
first, *others = [layer.kernel for layer in {network}.layers if isinstance(layer, layers.Dense)]
first.assign(glorot({inputs}, first.shape[1])[KNOWN])
for kernel in others:
    kernel.assign(glorot(*kernel.shape))
"""
_SEEDS = """\
def seed(place):
    \"\"\"Of each layer a seed of its own.\"\"\"
    return int(np.random.SeedSequence([SEED, 5, place]).generate_state(1)[0] >> 1)


def glorot(place):
    \"\"\"Starting weights (Glorot and Bengio 2010): the more connections, the smaller.\"\"\"
    return keras.initializers.GlorotUniform(seed(place))


"""


def dense_network(facts: Facts, network: str, inputs: str) -> list[Cell]:
    """A dense network, for a table or behind a frozen backbone, and its starting weights.

    Args:
        facts: What is known of the run; its ``dense`` is there.
        network: Name of the variable.
        inputs: Code of the number of inputs.
    """
    assert facts.dense is not None
    regularizer, penalty = _penalty(facts.dense.regularization)
    hidden = [_dense_layer(layer, penalty) for layer in expanded_layers(facts.dense) if not _idle(layer)]
    lines = [f"keras.Input(({inputs},))", *hidden, _output(facts, penalty)]
    source = f"{regularizer}{network} = keras.Sequential(\n{listed(lines)}\n)\n{network}.summary()"
    return [Text("Network", (_about(facts.dense.regularization),)), Code(source), *_dense_start(facts, network)]


def _about(regularization: Regularization) -> str:
    ways = [
        "large weights cost extra (the weight penalty)" if any(regularization.rates) else "",
        "neurons are switched off at random while it learns (dropout)" if regularization.dropout else "",
    ]
    held = " and ".join(way for way in ways if way)
    return "The layers one after the other." + (f" So that the network does not memorise, {held}." if held else "")


def _penalty(regularization: Regularization) -> tuple[str, str]:
    """The line that makes the weight penalty, and the argument that layers take; both empty for none."""
    l1, l2 = regularization.rates
    kind = {(False, False): "none", (True, False): "l1", (False, True): "l2", (True, True): "l1_l2"}[l1 > 0, l2 > 0]
    made = _PENALTIES[kind].format(l1=l1, l2=l2)
    return (f"penalty = {made}\n", ", kernel_regularizer=penalty") if made else ("", "")


def _idle(layer: ImageLayer) -> bool:
    return isinstance(layer, Dropout) and not layer.rate


def listed(layers: list[str]) -> str:
    """Layers as the list that keras.Sequential takes, one a line."""
    inner = "\n".join(f"        {_wrapped(layer)}," for layer in layers)
    return f"    [\n{inner}\n    ]"


def _wrapped(call: str) -> str:
    """A call on one line if it fits there, else with each argument on a line of its own."""
    if len(call) <= LONGEST_CALL:
        return call
    name, _, inner = call.removesuffix(")").partition("(")
    arguments = re.split(r", (?![^()]*\))", inner)
    return "\n".join([f"{name}(", *(f"            {each}," for each in arguments), "        )"])


def _dense_layer(layer: ImageLayer, penalty: str) -> str:
    match layer:
        case Dense():
            return f"layers.Dense({layer.units}, {_activation(layer.activation)}{penalty})"
        case Dropout():
            return f"layers.Dropout({layer.rate!r})"
        case BatchNormalization():
            return f"layers.BatchNormalization(momentum={layer.momentum!r}, epsilon={layer.epsilon!r})"
    raise ValueError(f"{layer.kind} does not work on single values")


def _activation(name: str) -> str:
    return f"activation={name!r}".replace("'", '"')


def _output(facts: Facts, more: str) -> str:
    loss = facts.config.training.loss
    units, activation = output_units(loss, len(facts.classes)), _activation(OUTPUTS[loss].activation)
    return f'layers.Dense({units}, {activation}{more}, name="output")'


def _dense_start(facts: Facts, network: str) -> list[Cell]:
    assert facts.dense is not None
    kernels = _ALL_KERNELS.format(network=network)
    if facts.start.places:
        places = _ranges(facts.start.places)
        kernels = _SHARED_KERNELS.format(network=network, inputs=facts.start.inputs, places=places)
    zeros = ""
    if facts.dense.output_initializer == "zeros":
        zeros = f'output = {network}.get_layer("output")\noutput.kernel.assign(np.zeros(output.kernel.shape))\n'
    why = (
        "Keras draws starting weights by itself, in just this way. Drawing them with numpy makes them those of the "
        "app, so that the scores at the end can be held against each other."
    )
    return [
        Text("Starting weights", (why, *_about_bias(facts))),
        Code(_START + kernels + zeros + starting_bias(facts, network)),
    ]


def _ranges(places: tuple[int, ...]) -> str:
    """Code of the list; what counts up from 0 as a range."""
    counted = next((number for number, place in enumerate(places) if number != place), len(places))
    if counted < 20:
        return literal(list(places))
    return f"[*range({counted}), *{literal(list(places[counted:]))}]"


def _about_bias(facts: Facts) -> list[str]:
    return ["The output starts at the answer that needs no features: the shares of the classes."] * bool(
        starting_bias(facts, "")
    )


def starting_bias(facts: Facts, network: str) -> str:
    """Code that gives the output layer's bias its start; empty where that is 0, as Keras has it."""
    training = facts.config.training
    if training.class_weights or training.loss not in ("binary_crossentropy", "categorical_crossentropy"):
        return ""
    bias = "np.log(share)" if OUTPUTS[training.loss].per_class else "np.log(share / (1 - share))"
    return f'share = y[part == "train"].mean(axis=0)\n{network}.get_layer("output").bias.assign({bias})\n'


def convolutional_network(facts: Facts, config: ImageConfig) -> list[Cell]:
    """A network that sees the pictures themselves, from the first pixel on."""
    regularizer, penalty = _penalty(config.network.regularization)
    expanded = list(enumerate(expanded_image_layers(config.network), start=1))
    hidden = [image_layer(layer, place, penalty) for place, (_, layer) in expanded if not _idle(layer)]
    lines = [
        f"keras.Input({config.data.shape!r})",
        "layers.Rescaling(1 / 255)",
        *augmentation_layers(config.augmentation),
        *hidden,
        _output(facts, f", kernel_initializer=glorot(0){penalty}"),
    ]
    varied = augmentation_seeds(config.augmentation)
    source = f"{_SEEDS}{varied}{regularizer}model = keras.Sequential(\n{listed(lines)}\n)\nmodel.summary()"
    bias = starting_bias(facts, "model")
    about = [_about(config.network.regularization), *about_varied(config.augmentation)]
    about += ["The seeds are those of the app, so that the scores at the end can be held against each other."]
    return [Text("Network", (*about, *_about_bias(facts))), Code(source + (f"\n\n{bias}" if bias else ""))]


def image_layer(layer: ImageLayer, place: int, penalty: str) -> str:
    """One layer as code; ``place`` tells its seed from those of others."""
    start = f", kernel_initializer=glorot({place}){penalty}"
    match layer:
        case Conv2D():
            strides = f", strides={layer.strides}" if layer.strides > 1 else ""
            shape = f'{layer.filters}, {layer.kernel_size}{strides}, padding="{layer.padding}"'
            return f"layers.Conv2D({shape}, {_activation(layer.activation)}{start})"
        case Flatten() | GlobalAveragePooling2D():
            return f"layers.{layer.kind}()"
        case Dense():
            return f"layers.Dense({layer.units}, {_activation(layer.activation)}{start})"
        case Dropout():
            return f"layers.Dropout({layer.rate!r}, seed=seed({place}))"
        case BatchNormalization():
            return _dense_layer(layer, "")
    return f'layers.{layer.kind}({layer.pool_size}, strides={layer.strides}, padding="{layer.padding}")'
