"""LiteRT (TensorFlow Lite): the network as built-in operations alone, so that every LiteRT runtime can run it.

LiteRT has no look-up of texts, so categories go in as their places in lists that stand beside the model; and it counts
in single precision, so a target that is far from zero comes out less its average (see `core.export.description`).
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from core.data.preprocess import Preprocessing
from core.export.description import CATEGORIES, NUMBERS, files_of, in_double, offset
from core.export.opened import Opened, open_run
from core.export.program import SIGNATURE, Answer, pictures, with_constants, write_program
from core.export.scaling import NEAR, SERIES, NumberScaling
from core.network.model import NETWORK
from core.runs import Run


def make_litert(run: Run, target: Path) -> None:
    """A zip of ``model.tflite`` and its description."""
    content = converted(open_run(run), target.parent)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.tflite", content)
        for name, text in files_of(run, "litert", codes=True).items():
            archive.writestr(name, text)


def converted(opened: Opened, scratch: Path) -> bytes:
    """The ``.tflite`` file; its signature ``serving_default`` names inputs and output.

    Args:
        opened: The network.
        scratch: A folder in which it may write.
    """
    answer, specs = _table(opened, opened.preprocessing) if opened.preprocessing else pictures(opened)
    folder = scratch / "for_litert"
    write_program(answer, specs, opened.output, folder)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder), signature_keys=[SIGNATURE])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    return converter.convert()


def _table(opened: Opened, preprocessing: Preprocessing) -> tuple[Answer, list[tf.TensorSpec]]:
    facts, network = opened.facts, with_constants(opened.model.get_layer(NETWORK))
    scale, centre = np.float32(facts["scale"]), np.float32(facts["centre"] - offset(facts))

    def answer(*inputs: tf.Tensor) -> tf.Tensor:
        given = dict(zip(opened.input_names, inputs, strict=True))
        values = [_scaled(given[NUMBERS], NumberScaling.of(preprocessing))] if NUMBERS in given else []
        for place, kept in enumerate(preprocessing.categories):
            if kept:
                values.append(tf.one_hot(given[CATEGORIES][:, place], len(kept)))
        output = network(tf.concat(values, axis=1))
        return output * scale + centre if in_double(facts) else output

    types = {NUMBERS: tf.float32, CATEGORIES: tf.int32}
    return answer, [tf.TensorSpec(each.shape, types[each.name], each.name) for each in opened.model.inputs]


def _scaled(x: tf.Tensor, scaling: NumberScaling) -> tf.Tensor:
    """Numbers as the model scales them; what is missing is put in last, already scaled."""
    values = tf.where(scaling.log, tf.maximum(x, 0.0), x)
    distance = values - scaling.start - scaling.rest
    if scaling.log.any():
        near = distance / scaling.stretch
        series = near * tf.math.polyval([tf.constant(each) for each in SERIES], near)
        logarithm = tf.where(tf.abs(near) < NEAR, series, tf.math.log(1.0 + values) - scaling.center)
        distance = tf.where(scaling.log, logarithm, distance)
    return tf.where(tf.math.is_nan(x), scaling.missing, distance / scaling.scale)
