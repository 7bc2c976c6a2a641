"""What a warm worker answers about a trained run: predictions, explanations, the sealed test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from core.data.align import align
from core.data.blocks import number_text
from core.data.features import Features
from core.data.load import load_table
from core.data.preprocess import Preprocessing
from core.data.schema import Schema
from core.data.table import Table
from core.errors import UserError
from core.evaluation.attribution import by_feature
from core.evaluation.contributions import contributions
from core.network.model import NETWORK
from core.network.outputs import from_model
from core.runs import Run
from core.spec import ImageConfig, TableSource
from core.training.conclude import prediction_frame, report
from core.training.image_questions import open_image_test
from core.training.prepare import prepare
from core.training.rows import all_finite, features_of
from core.training.study_members import open_member as open_member
from core.workspace import Workspace

ROWS_AT_ONCE = 4096
# Contributions may miss the prediction by this much: of a probability, or of the target's standard deviation.
ADDS_UP_TO = 2e-4
Rows = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Trained:
    """A run's network in memory. ``reference`` (inputs,) is the average training row."""

    run: Run
    model: keras.Model
    preprocessing: Preprocessing
    schema: Schema
    class_names: tuple[str, ...]
    reference: np.ndarray
    loss: str
    scale: float
    centre: float

    def predict(self, features: Features) -> np.ndarray:
        """Probabilities (n, classes) or values (n,), from the saved model that others get too.

        Raises:
            UserError: Values so huge that the answer is not a number.
        """
        pieces = [
            from_model(self.loss, self.model(self._raw(features.take(slice(start, start + ROWS_AT_ONCE)))).numpy())
            for start in range(0, len(features), ROWS_AT_ONCE)
        ]
        return all_finite(np.concatenate(pieces))

    def predict_inputs(self, x: np.ndarray) -> np.ndarray:
        """The same from preprocessed inputs (n, inputs)."""
        network = self.model.get_layer(NETWORK)
        starts = range(0, max(1, len(x)), ROWS_AT_ONCE)
        outputs = np.concatenate([network(x[start : start + ROWS_AT_ONCE]).numpy() for start in starts])
        predictions = from_model(self.loss, outputs)
        return predictions if self.class_names else predictions * self.scale + self.centre

    def value(self, answer: int) -> Rows:
        """One answer (a regression without its centre), a function (n, inputs) -> (n,)."""
        network = self.model.get_layer(NETWORK)
        return lambda x: _answer(self, network(x), answer).numpy().astype(np.float64)

    def gradient(self, answer: int) -> Rows:
        """The slope of `value`, a function (n, inputs) -> (n, inputs)."""
        network = self.model.get_layer(NETWORK)

        def slope(x: np.ndarray) -> np.ndarray:
            points = tf.constant(x)
            with tf.GradientTape() as tape:
                tape.watch(points)
                value = _answer(self, network(points), answer)
            return tape.gradient(value, points).numpy()

        return slope

    def _raw(self, features: Features) -> list[tf.Tensor]:
        raw = [tf.constant(features.numbers)] if self.schema.number_names else []
        if features.text_names:
            names = [np.array([*categories, ""], object) for categories in features.categories]
            cells = [column[codes] for column, codes in zip(names, features.codes.T, strict=True)]
            raw.append(tf.constant(np.stack(cells, axis=1).tolist()))
        return raw


def is_ready() -> bool:
    """True once the worker has imported and compiled what a run needs."""
    from core.training.warm import warm

    warm()
    return True


def predict_table(root: str, run_id: str, source: dict, uploads: str = "") -> tuple[pd.DataFrame, list[str]]:
    """Predictions for each row of an uploaded table, and notes.

    ``uploads`` is the workspace where the table is, if it is another one than the run's.
    Columns: ``row`` (from 1) or the id column, ``prediction``, and ``probability_<class>`` for each class.
    """
    trained = _trained(root, run_id)
    table = load_table(Workspace(uploads or root), TableSource.parse(source))
    features, notes = align(trained.schema, table)
    frame = answers_frame(trained, trained.predict(features))
    id_column = trained.run.table_config.data.id_column
    if id_column and id_column in table.names:
        name = f"{id_column} (id)" if id_column in frame.columns else id_column
        frame.insert(0, name, _ids(table, id_column))
    else:
        frame.insert(0, "row", np.arange(1, table.rows + 1))
    return frame, notes


def answers_frame(trained: Trained, predictions: np.ndarray) -> pd.DataFrame:
    """Column ``prediction`` and, for classes, a probability each."""
    if predictions.ndim == 1:
        return pd.DataFrame({"prediction": predictions})
    names = np.array(trained.class_names, object)
    frame = pd.DataFrame({"prediction": names[predictions.argmax(axis=1)]})
    for number, name in enumerate(trained.class_names):
        frame[f"probability_{name}"] = predictions[:, number]
    return frame


def explain_row(root: str, run_id: str, values: dict[str, float | str | None]) -> dict[str, Any]:
    """The prediction for one row and what pushed it.

    Returns:
        ``prediction`` (a list of probabilities, or one value), ``average`` (the same for the average training row),
        ``answer`` (index of the explained class) and ``contributions``: (feature, value, push) by size of the push,
        which add up to prediction minus average.
    """
    trained = _trained(root, run_id)
    features = features_of(trained.schema, [values])
    prediction = trained.predict(features)[0]
    x = trained.preprocessing.transform(features)[0].astype(np.float64)
    answer = int(np.argmax(prediction)) if prediction.ndim else 0
    answer = 1 if len(trained.class_names) == 2 else answer
    pushes = contributions(
        trained.value(answer), trained.gradient(answer), x, trained.reference, ADDS_UP_TO * trained.scale
    )
    pushes = by_feature(pushes, trained.preprocessing.input_feature, len(features.names))
    order = np.argsort(-np.abs(pushes))
    average = trained.predict_inputs(trained.reference[None].astype(np.float32))[0]
    return {
        "prediction": np.atleast_1d(prediction).tolist(),
        "average": np.atleast_1d(average).tolist(),
        "answer": answer,
        "contributions": [(features.names[i], values.get(features.names[i]), float(pushes[i])) for i in order[:200]],
        "rest": float(pushes[order[200:]].sum()),
    }


def open_test(root: str, run_id: str) -> dict[str, Any]:
    """Score the sealed rows or pictures; the run remembers each opening."""
    run = Run(Workspace(root), run_id)
    if isinstance(run.config, ImageConfig):
        return open_image_test(run)
    config = run.table_config
    prepared = prepare(config, run.workspace)
    rows = prepared.dataset.split.test
    if not len(rows):
        raise UserError("This run has no sealed test rows: their share was set to 0.", "Give them a share on Data.")
    trained = _trained(root, run_id)
    predictions = trained.predict_inputs(prepared.x[rows])
    run.append("test_opened")
    run.save_predictions(prediction_frame(prepared.dataset, rows, predictions, ["test"] * len(rows)), sealed=True)
    found = report(config, prepared, {"test": (rows, predictions)}, [])
    run.save_test(found)
    return found


def feature_importance(root: str, run_id: str) -> dict[str, Any]:
    """Permutation importance on validation rows, worked out once and kept in the run's metrics."""
    from core.evaluation.importance import permutation_importance

    trained = _trained(root, run_id)
    run = trained.run
    prepared = prepare(run.table_config, run.workspace)
    split = prepared.dataset.split
    rows = split.validation if len(split.validation) else split.train
    x = prepared.x[rows]
    steepness = np.abs(trained.gradient(1 if len(trained.class_names) == 2 else 0)(x)).mean(axis=0)
    found = permutation_importance(
        trained.predict_inputs,
        x,
        prepared.dataset.y[rows],
        run.config.data.task,
        trained.preprocessing.input_feature,
        prepared.dataset.features.names,
        screen=by_feature(steepness, trained.preprocessing.input_feature, len(prepared.dataset.features.names)),
    )
    run.save_importance({"features": found})
    return {"features": found}


def _answer(trained: Trained, outputs: tf.Tensor, answer: int) -> tf.Tensor:
    if trained.loss == "hinge":
        return tf.sigmoid(2.0 * outputs[:, 0])
    if not trained.class_names:
        return outputs[:, 0] * trained.scale
    return outputs[:, answer] if outputs.shape[1] > 1 else outputs[:, 0]


def _trained(root: str, run_id: str) -> Trained:
    run = Run(Workspace(root), run_id)
    if not run.model.is_file():
        raise UserError("This run has no trained network yet.", "Wait until it has finished, or train it again.")
    return _load(root, run_id, run.model.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(root: str, run_id: str, changed: int) -> Trained:
    run = Run(Workspace(root), run_id)
    facts = run.dataset() or {}
    return Trained(
        run=run,
        model=keras.models.load_model(run.model, compile=False, safe_mode=True),
        preprocessing=Preprocessing.from_dict(facts["preprocessing"]),
        schema=Schema.from_dict(facts["schema"]),
        class_names=tuple(facts["class_names"]),
        reference=np.array(facts["input_mean"]),
        loss=run.config.training.loss,
        scale=facts["scale"],
        centre=facts["centre"],
    )


def _ids(table: Table, name: str) -> np.ndarray | list[str]:
    """Names of rows; numbers as people write them (501, not 501.0)."""
    cells = table.column(name)
    if name in table.texts:
        return cells
    return ["" if np.isnan(cell) else number_text(cell) for cell in cells]
