"""An ONNX graph that grows node by node."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Those of ONNX 1.12 (2022), so that older runtimes open the file too.
OPSET, ML_OPSET, IR = 17, 3, 8
ML = "ai.onnx.ml"
_TYPES = {
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "string": TensorProto.STRING,
}


class Graph:
    """Nodes and constants in the order in which they were added; values are known by their names."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, domain: str = "", output: str = "", **attributes: Any) -> str:
        """Add a node; returns the name of its (first) output."""
        name = f"{kind}_{len(self._nodes)}"
        output = output or f"{name}_out"
        self._nodes.append(helper.make_node(kind, inputs, [output], name=name, domain=domain, **attributes))
        return output

    def constant(self, values: Any, dtype: type = np.float32) -> str:
        """Add a constant; returns its name."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def model(self, inputs: list[dict[str, Any]], output: dict[str, Any], metadata: dict[str, str]) -> onnx.ModelProto:
        """The whole model, checked.

        Args:
            inputs: ``name``, ``dtype`` and ``shape`` of each, in order; None is the number of rows.
            output: The same of what comes out.
            metadata: Texts that stand in the file, by name.
        """
        graph = helper.make_graph(
            self._nodes, "muffin", [_told(each) for each in inputs], [_told(output)], self._constants
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML, ML_OPSET)]
        model = helper.make_model(
            graph,
            opset_imports=opsets,
            ir_version=IR,
            producer_name="Muffin",
            doc_string="See README.txt in the metadata.",
        )
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model, full_check=True)
        return model


def _told(value: dict[str, Any]) -> onnx.ValueInfoProto:
    shape = ["rows" if length is None else length for length in value["shape"]]
    return helper.make_tensor_value_info(value["name"], _TYPES[value["dtype"]], shape)
