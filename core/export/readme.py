"""A page of text that stands beside an exported model: what goes in, what comes out, and a few lines that use it."""

from __future__ import annotations

import json
from typing import Any

_TITLES = {
    "keras": "a Keras model (model.keras)",
    "saved_model": "a TensorFlow SavedModel (the folder saved_model)",
    "litert": "a LiteRT (TensorFlow Lite) model (model.tflite)",
    "onnx": "an ONNX model (model.onnx)",
}
_OPEN = {
    "keras": """\
import json, zipfile
import numpy as np
import keras, tensorflow as tf    # pip install tensorflow

model = keras.models.load_model("model.keras")
about = json.loads(zipfile.ZipFile("model.keras").read("model.json"))
""",
    "saved_model": """\
import json
import numpy as np
import tensorflow as tf           # pip install tensorflow

model = tf.saved_model.load("saved_model").signatures["serving_default"]
about = json.load(open("model.json", encoding="utf-8"))
""",
    "litert": """\
import json
import numpy as np
from ai_edge_litert.interpreter import Interpreter    # pip install ai-edge-litert

model = Interpreter("model.tflite").get_signature_runner("serving_default")
about = json.load(open("model.json", encoding="utf-8"))
""",
    "onnx": """\
import json
import numpy as np
import onnxruntime                # pip install onnxruntime

model = onnxruntime.InferenceSession("model.onnx")
about = json.loads(model.get_modelmeta().custom_metadata_map["model.json"])
""",
}
_RUN = {
    "keras": """\
answer = model.predict([tf.constant(rows) for rows in inputs.values()])
""",
    "saved_model": """\
answer = model(**{name: tf.constant(rows) for name, rows in inputs.items()})[about["output"]["name"]].numpy()
""",
    "litert": """\
answer = model(**inputs)[about["output"]["name"]] + np.float64(about["output"].get("offset", 0))
""",
    "onnx": """\
answer = model.run(None, inputs)[0]
""",
}
_TABLE = """\
types = {"float32": np.float32, "int32": np.int32, "string": object}
inputs = {each["name"]: np.array(about["example"][each["name"]], types[each["dtype"]]) for each in about["inputs"]}
"""
_PICTURE = """\
from PIL import Image, ImageOps   # pip install pillow

height, width, channels = about["inputs"][0]["shape"][1:]
picture = ImageOps.exif_transpose(Image.open("picture.jpg")).convert("RGB")
picture = picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0)
picture = picture.convert("L" if channels == 1 else "RGB")
inputs = {"pixels": np.asarray(picture, np.float32).reshape(1, height, width, channels)}
"""


def readme(told: dict[str, Any], key: str) -> str:
    """The text.

    Args:
        told: What `core.export.description.describe` gives.
        key: Which of the formats of models.
    """
    lines = [
        f"{_quoted(told['name'])}: {_TITLES[key]}, trained with Muffin.",
        "",
        f"It predicts {_quoted(told['target'])}. Preprocessing is inside: give it the raw values.",
        "",
        "What goes in",
        *(line for each in told["inputs"] for line in _input(each)),
        "",
        "What comes out",
        *_output(told["output"]),
        "",
        "The same facts for programs stand in model.json" + _WHERE.get(key, ", beside this file") + ".",
        "",
        "In Python",
        "",
        *(f"    {line}".rstrip() for line in code(told, key).splitlines()),
    ]
    return "\n".join(lines) + "\n"


_WHERE = {"onnx": " in the metadata of the file", "keras": " inside model.keras, which is a zip file"}


def code(told: dict[str, Any], key: str) -> str:
    """Python lines that load the model and ask it; they find all names in ``model.json``."""
    table = "example" in told
    ask = _RUN[key] if table or key != "keras" else 'answer = model.predict(inputs["pixels"])\n'
    return f"{_OPEN[key]}\n{_TABLE if table else _PICTURE}\n{ask}print(answer)\n"


def _input(each: dict[str, Any]) -> list[str]:
    lines = [f"  {each['name']}: {each['dtype']} {_shape(each['shape'])}; {each['meaning']}."]
    categories = each.get("categories") or [None] * len(each.get("columns", []))
    for place, (name, kept) in enumerate(zip(each.get("columns", []), categories, strict=True)):
        known = "" if kept is None else f": {', '.join(map(_quoted, kept)) or 'no category is known'}"
        lines.append(f"    {place}  {_quoted(name)}{known}")
    return lines


def _output(told: dict[str, Any]) -> list[str]:
    lines = [f"  {told['name']}: {told['dtype']} {_shape(told['shape'])}; {told['meaning']}."]
    return lines + [f"    {place}  {_quoted(name)}" for place, name in enumerate(told["class_names"])]


def _shape(shape: list[int | None]) -> str:
    return f"({', '.join('rows' if length is None else str(length) for length in shape)})"


def _quoted(name: object) -> str:
    """On one line, whatever it holds."""
    return json.dumps(str(name), ensure_ascii=False)
