"""One chunk of a study from its plan to its members' weights and answers; what a worker does for a study."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from core.errors import UserError
from core.evaluation.baselines import baselines
from core.evaluation.study import score, study_metric
from core.limits import limits_of
from core.network.dense import dense_network
from core.network.outputs import to_predictions
from core.studies import Chunk, Study
from core.study_progress import study_progress
from core.training.explain import explain
from core.training.fit import fit
from core.training.initial import initial_weights
from core.training.pool import borrowed
from core.training.shape import Rates, StackShape
from core.training.study_alone import train_alone
from core.training.study_shared import Shared, rows_of
from core.training.study_telling import resumed
from core.workspace import Workspace

Learned = tuple[dict[str, np.ndarray], dict[str, np.ndarray]]

ATTEMPTS = 3


def train_chunk(root: str, study_id: str, number: int) -> int:
    """Train a chunk of the study in workspace ``root``; what goes wrong is told in the study's events."""
    with unless_deleted():
        study = Study(Workspace(root), study_id)
        chunk = study.chunks[number]
        # What was interrupted after a wish to stop is not trained on, but what its networks learned is kept.
        begun = study.load_checkpoint(chunk) is not None
        waits = study.answers(chunk) is None and (begun or not study.stop_requested)
        if waits and not study_progress(study).done:
            told_or(study.trouble, study, lambda: _train(study, chunk))
    return number


def unless_deleted() -> contextlib.AbstractContextManager[None]:
    """A study that is deleted while it waits or trains is nobody's error."""
    return contextlib.suppress(UserError, FileNotFoundError, IndexError)


def told_or(tell: Callable[[str, str], None], study: Study, work: Callable[[], None]) -> None:
    """Do a part of a study's work; what goes wrong is told as a problem and its remedy."""
    try:
        work()
    except UserError as error:
        with unless_deleted():
            tell(error.problem, error.remedy)
    except Exception as error:
        with unless_deleted():
            tell(*explain(error))
            with contextlib.suppress(OSError):  # The disk may still be full.
                study.log(traceback.format_exc())


def _train(study: Study, chunk: Chunk) -> None:
    told = [event["event"] for event in study.events() if event.get("chunk") == chunk.number]
    attempts = told.count("started") - told.count("interrupted")
    if attempts >= ATTEMPTS:
        raise UserError(
            f"The same networks were started {attempts} times and each time their process died, most often for lack of "
            "memory.",
            "Compare fewer settings at once, narrower layers or fewer features.",
        )
    study.append("started", chunk=chunk.number)
    began = time.monotonic()
    used = sum(event["seconds"] for event in study.events() if event["event"] == "trained")
    study.allow(60.0 * limits_of(study.workspace).run_minutes - used)
    study.append("stage", words="Reading the data")
    shared = rows_of(study)
    kept, answers = (_train_together if study.spec.stacked else _train_alone)(study, chunk, shared)
    study.save_chunk(chunk, kept, answers)
    study.append("trained", chunk=chunk.number, seconds=round(time.monotonic() - began, 3))


def _train_together(study: Study, chunk: Chunk, shared: Shared) -> Learned:
    spec = study.spec
    prepared: list[Any] = [shared.prepared(place) for place in chunk.groups]
    groups = [shared.group(place, each) for place, each in zip(chunk.groups, prepared, strict=True)]
    rows = shared.together(prepared)
    networks = [dense_network(spec.network(spec.settings[place])) for place in chunk.settings]
    training = spec.run.training
    outputs = prepared[0].outputs(training.loss)
    study.append("stage", words="Training all networks")
    with borrowed(StackShape.of(networks, training, shared.inputs, outputs, len(groups))) as stack:
        biases = np.stack([each.starting_bias(training.loss) for each in prepared])
        seeds = [group.seed for group in groups]
        weights = initial_weights(networks[0], shared.inputs, biases, seeds, len(networks))
        stack.prepare(Rates.of(networks), training.learning_rate, weights)
        told, state = resumed(study, chunk, stack)
        told.close(fit(stack, rows, groups, training, told.watch, state))
        answers = _answers(shared, chunk, stack.predict(rows.x), prepared)
        return {f"{number:03d}": weights for number, weights in enumerate(stack.get_weights())}, answers


def _train_alone(study: Study, chunk: Chunk, shared: Shared) -> Learned:
    """The only network of a chunk, which has convolutions."""
    study.append("stage", words="Training networks one by one")
    weights, logits, prepared = train_alone(shared, chunk, lambda learner: resumed(study, chunk, learner))
    kept = {f"{number:03d}": array[None, None] for number, array in enumerate(weights)}
    return kept, _answers(shared, chunk, logits, [prepared])


def _answers(shared: Shared, chunk: Chunk, logits: np.ndarray, prepared: Sequence[Any]) -> dict[str, np.ndarray]:
    """What `Study.answers` gives back, of logits (groups, settings, n, outputs) for all rows."""
    spec, task = shared.spec, shared.spec.run.data.task
    loss = spec.run.training.loss
    plain = shared.dataset.split
    pool = np.concatenate([plain.train, plain.validation])
    metric = study_metric(task, shared.dataset.y[pool], spec.score)
    found: dict[str, np.ndarray] = {}
    for number, each in enumerate(prepared):
        split, y = each.dataset.split, each.dataset.y
        held = split.validation
        told = [to_predictions(loss, own, each.centre, each.scale) for own in logits[number]]
        found[f"{number}-held"] = held
        found[f"{number}-learned"] = np.array(len(split.train) + len(split.watch))
        found[f"{number}-answers"] = np.stack([own[held] for own in told])
        found[f"{number}-train"] = np.array([_score(task, metric, y[split.train], own[split.train]) for own in told])
        if 0 in chunk.settings:
            found |= {
                f"{number}-baseline-{key}": values for key, values in _baselines(spec.run.data.task, each).items()
            }
    return found


def _score(task: str, metric: str, y: np.ndarray, answers: np.ndarray) -> float:
    return score(task, metric, y, answers) if np.isfinite(answers).all() else np.nan  # type: ignore[arg-type]


def _baselines(task: str, prepared: Any) -> dict[str, np.ndarray]:
    """Answers of the simple models for the held-out rows; they learn from the rows for early stopping too."""
    split, dataset = prepared.dataset.split, prepared.dataset
    learned = np.concatenate([split.train, split.watch])
    held = {"held": prepared.x[split.validation]}
    found = baselines(task, prepared.x[learned], dataset.y[learned], held, len(dataset.class_names))  # type: ignore[arg-type]
    return {each.key: each.predictions["held"] for each in found}
