"""ONNX: the preprocessing node by node, then the layers; texts are looked up inside, as in Keras.

Written out here with the package ``onnx`` alone: Keras' own export needs tf2onnx besides, and leaves no say in names,
in how texts are looked up, and in double precision.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

from core.data.preprocess import Preprocessing
from core.export.description import CATEGORIES, NUMBERS, as_json, describe, in_double
from core.export.onnx_graph import ML, Graph
from core.export.onnx_layers import add_model
from core.export.opened import Opened, open_run
from core.export.readme import readme
from core.export.scaling import NEAR, SERIES, NumberScaling
from core.network.model import NETWORK
from core.runs import Run


def make_onnx(run: Run, target: Path) -> None:
    """The file; its metadata hold ``model.json`` and ``README.txt``."""
    opened, told = open_run(run), describe(run)
    graph = Graph()
    value = _table(graph, opened, opened.preprocessing) if opened.preprocessing else _pictures(graph, opened)
    graph.add("Identity", value, output=opened.output)
    metadata = {"model.json": as_json(told), "README.txt": readme(told, "onnx")}
    target.write_bytes(graph.model(told["inputs"], told["output"], metadata).SerializeToString())


def _pictures(graph: Graph, opened: Opened) -> str:
    pixels = graph.add("Transpose", opened.input_names[0], perm=[0, 3, 1, 2])
    return add_model(graph, opened.model, pixels)


def _table(graph: Graph, opened: Opened, preprocessing: Preprocessing) -> str:
    values = [_scaled(graph, NumberScaling.of(preprocessing))] if preprocessing.number_names else []
    for place, kept in enumerate(preprocessing.categories):
        if kept:
            column = graph.add("Gather", CATEGORIES, graph.constant(place, np.int64), axis=1)
            values.append(graph.add("OneHotEncoder", column, domain=ML, cats_strings=list(kept), zeros=1))
    value = graph.add("Concat", *values, axis=1) if len(values) > 1 else values[0]
    value = add_model(graph, opened.model.get_layer(NETWORK), value)
    if not in_double(opened.facts):
        return value
    double = graph.add("Cast", value, to=onnx.TensorProto.DOUBLE)
    scaled = graph.add("Mul", double, graph.constant(opened.facts["scale"], np.float64))
    return graph.add("Add", scaled, graph.constant(opened.facts["centre"], np.float64))


def _scaled(graph: Graph, scaling: NumberScaling) -> str:
    """Numbers as the model scales them; what is missing is put in last, already scaled."""
    log = graph.constant(scaling.log, np.bool_)
    x = (
        graph.add("Where", log, graph.add("Max", NUMBERS, graph.constant(0.0)), NUMBERS)
        if scaling.log.any()
        else NUMBERS
    )
    distance = graph.add("Sub", graph.add("Sub", x, graph.constant(scaling.start)), graph.constant(scaling.rest))
    if scaling.log.any():
        distance = graph.add("Where", log, _logarithm(graph, scaling, x, distance), distance)
    value = graph.add("Div", distance, graph.constant(scaling.scale))
    return graph.add("Where", graph.add("IsNaN", NUMBERS), graph.constant(scaling.missing), value)


def _logarithm(graph: Graph, scaling: NumberScaling, x: str, distance: str) -> str:
    """The logarithm's distance from its center; see `core.export.scaling`."""
    near = graph.add("Div", distance, graph.constant(scaling.stretch))
    series = graph.constant(SERIES[0])
    for factor in SERIES[1:]:
        series = graph.add("Add", graph.add("Mul", series, near), graph.constant(factor))
    small = graph.add("Mul", series, near)
    logarithm = graph.add("Log", graph.add("Add", x, graph.constant(1.0)))
    large = graph.add("Sub", logarithm, graph.constant(scaling.center))
    return graph.add("Where", graph.add("Less", graph.add("Abs", near), graph.constant(NEAR)), small, large)
