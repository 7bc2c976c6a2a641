"""Tables with hostile names and awkward numbers, runs on them, and what the app says about new rows."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnxruntime
import pandas as pd
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from core.data.images.propose import propose_images
from core.data.images.read import load_images
from core.network.backbone import BACKBONE
from core.network.model import build_model, build_network
from core.proposal import propose_files
from core.runs import Run
from core.spec import ImageConfig, ImageSource, TableSource
from core.training.conclude import dataset_facts
from core.training.image_conclude import image_facts
from core.training.image_job import new_model
from core.training.image_prepare import prepare_images
from core.training.prepare import prepare
from core.training.questions import predict_table
from core.workspace import Workspace
from tests.core.data.images.pictures import picture, zipped

ROWS = 90
HTML, SLASH, WIDE = '<b>x</b> & "y"', "../a/b\\c", "Köln \N{SNOWMAN} 漢字"
COLUMNS = {"tiny": HTML, "year": 'a,b;"c"', "gaps": "{gaps} %s", "town": "=1+1", "flag": SLASH}


def features(seed: int = 0, rows: int = ROWS) -> pd.DataFrame:
    """Numbers near 0, far from 0 and with gaps; texts with gaps; columns with names that want to break something."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "tiny": random.lognormal(-12, 1, rows),
            "year": 1.7e9 + random.normal(0, 5000, rows).round(-2),
            "gaps": random.normal(size=rows).round(3),
            "town": random.choice([HTML, SLASH, WIDE, "a b", "0x1"], rows),
            "flag": random.choice(["yes", "no"], rows),
        }
    )
    frame.loc[::5, "gaps"] = np.nan
    frame.loc[::7, "town"] = None
    return frame


def table(task: str) -> pd.DataFrame:
    """The same with a target: two hostile classes, three, or a number that is far from 0."""
    frame = features()
    score = (frame["year"] - 1.7e9) / 5000 + frame["gaps"].fillna(0) + (frame["flag"] == "yes")
    if task == "regression":
        frame["target"] = 1.7e9 + 40 * score
    elif task == "small":
        frame["target"] = 3 + score
    else:
        names = [WIDE, HTML, SLASH] if task == "multiclass" else [SLASH, HTML]
        cuts = [-0.5, 0.9] if task == "multiclass" else [0.3]
        frame["target"] = np.array(names, object)[np.digitize(score, cuts)]
    return frame.rename(columns=COLUMNS)


def new_rows() -> pd.DataFrame:
    """Rows that no run has seen: with an unknown text, with gaps only, with numbers beyond all seen ones."""
    frame = features(1, 40)
    frame.loc[0] = [np.nan, np.nan, np.nan, None, None]
    frame.loc[1, "town"] = "nobody knows this town"
    frame.loc[2, "tiny"], frame.loc[3, "tiny"], frame.loc[4, "gaps"] = 0.0, -1e-6, 40.0
    return frame.rename(columns=COLUMNS)


def uploaded(workspace: Workspace, frame: pd.DataFrame) -> str:
    return workspace.keep(io.BytesIO(frame.to_csv(index=False).encode()))


def run_on(
    workspace: Workspace, frame: pd.DataFrame, task: str, layers: list[dict[str, Any]], loss: str = "", **data: Any
) -> Run:
    """A run with a network that has weights by chance, which says more about a row than one that learned little."""
    config, _ = propose_files(workspace, [(uploaded(workspace, frame), "table.csv")])
    losses = {"multiclass": "categorical_crossentropy", "regression": "mean_squared_error"}
    config = config.change(
        data={**config.data.model_dump(), "target": "target", "task": task, **data},
        training={"loss": loss or losses.get(task, "binary_crossentropy")},
        network={"preset": "custom", "layers": layers},
    )
    run = Run.create(workspace, config)
    prepared = prepare(config, workspace)
    classes = len(prepared.dataset.class_names)
    network = build_network(config.network, config.training.loss, prepared.x.shape[1], classes)
    network.set_weights(by_chance(network.get_weights()))
    run.save_dataset(dataset_facts(prepared))
    run.save_model(build_model(network, prepared.preprocessing, prepared.centre, prepared.scale).save)
    return run


def run_on_pictures(
    workspace: Workspace, names: tuple[str, ...], chosen: dict[str, Any], network: dict[str, Any]
) -> Run:
    """A run with a network that has weights by chance, but for those of a backbone."""
    files = {
        f"{name.replace('/', '_')}/{number}.png": picture(100 * place + number)
        for place, name in enumerate(names)
        for number in range(8)
    }
    source = ImageSource(fingerprint=workspace.keep(io.BytesIO(zipped(files))), name="pictures.zip")
    data = propose_images(load_images(workspace, source), source).change(**chosen)
    loss = "binary_crossentropy" if len(names) == 2 else "categorical_crossentropy"
    config = ImageConfig.parse({"data": data.model_dump(), "network": network, "training": {"loss": loss}})
    run = Run.create(workspace, config)
    prepared = prepare_images(config, workspace)
    model = new_model(config, prepared)
    for layer in model.layers:
        if layer.name != BACKBONE:
            layer.set_weights(by_chance(layer.get_weights()))
    run.save_dataset(image_facts(prepared))
    run.save_model(model.save)
    return run


def by_chance(weights: list[np.ndarray]) -> list[np.ndarray]:
    """Kernels around 0, and positive numbers for all else, since variances are among them."""
    random = np.random.default_rng(0)
    return [
        random.normal(0, 2 / np.sqrt(np.prod(each.shape[:-1])), each.shape)
        if each.ndim > 1
        else random.uniform(0.1, 0.3, each.shape)
        for each in weights
    ]


def app_says(run: Run, frame: pd.DataFrame) -> np.ndarray:
    """(n, classes) probabilities or (n,) values, as the page Predict shows them."""
    source = TableSource(fingerprint=uploaded(run.workspace, frame), name="new.csv")
    answers, _ = predict_table(str(run.workspace.root), run.id, source.model_dump())
    shares = [name for name in answers.columns if name.startswith("probability_")]
    return answers[shares].to_numpy() if shares else answers["prediction"].to_numpy()


def about(path: Path) -> dict[str, Any]:
    """What a file tells about itself."""
    if path.suffix == ".onnx":
        import onnx

        return json.loads({each.key: each.value for each in onnx.load(path).metadata_props}["model.json"])
    return json.loads(zipfile.ZipFile(path).read("model.json"))


def inputs_of(told: dict[str, Any], frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Raw cells of a table as the description of a model wants them."""
    given = {}
    for each in told["inputs"]:
        cells = frame[each["columns"]]
        if each["dtype"] == "float32":
            given[each["name"]] = cells.to_numpy(np.float32)
        elif each["dtype"] == "string":
            given[each["name"]] = cells.fillna("").to_numpy(object)
        else:
            lists = zip(each["columns"], each["categories"], strict=True)
            places = [[kept.index(cell) if cell in kept else -1 for cell in cells[name]] for name, kept in lists]
            given[each["name"]] = np.array(places, np.int32).T
    return given


def as_app(told: dict[str, Any], answer: np.ndarray) -> np.ndarray:
    """What came out of a model, read by its description alone."""
    output = told["output"]
    assert answer.dtype == output["dtype"] and answer.shape[1:] == tuple(output["shape"][1:])
    if output["name"] == "probabilities":
        return answer
    if output["name"] == "value":
        return answer[:, 0] + np.float64(output["offset"])
    second = answer[:, 0] if output["name"] == "probability" else 1 / (1 + np.exp(-2.0 * answer[:, 0]))
    return np.stack([1 - second, second], axis=1)


def answer_of(key: str, path: Path, told: dict[str, Any], inputs: dict[str, np.ndarray], folder: Path) -> np.ndarray:
    """What the file says, in the runtime of its format."""
    if key == "keras":
        given = [tf.constant(each) for each in inputs.values()]
        return keras.models.load_model(path)(given if "pixels" not in inputs else given[0]).numpy()
    if key == "onnx":
        return onnxruntime.InferenceSession(path).run(None, inputs)[0]
    zipfile.ZipFile(path).extractall(folder)
    if key == "litert":
        return Interpreter(str(folder / "model.tflite")).get_signature_runner()(**inputs)[told["output"]["name"]]
    signature = tf.saved_model.load(folder / "saved_model").signatures["serving_default"]
    given = {name: tf.constant(each) for name, each in inputs.items()}
    return signature(**given)[told["output"]["name"]].numpy()
