"""The end of a study: its members' answers become scores, ties and words, and their weights become pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.evaluation.study import Resampled, SimpleModel, judge, study_metric
from core.run_files import seconds_since
from core.spec import StudySpec
from core.studies import Board, Study
from core.study_plan import parameters
from core.study_progress import study_progress
from core.training.study_answers import Answers, label_of
from core.training.study_job import told_or, unless_deleted
from core.training.study_rows import StudyRows
from core.training.study_shared import Shared, rows_of
from core.workspace import Workspace

BINS = 41
MOST_FEATURES = 100
# A feature survives where its strength, the length of its first weights, is this share of the strongest one's.
SURVIVES = 0.05
FEWEST_NEAR_ZERO = 1e-3


def conclude_study(root: str, study_id: str, *chunks: int) -> str:
    """Judge what the chunks of a study led to; ends the study."""
    with unless_deleted():
        study = Study(Workspace(root), study_id)
        if not study_progress(study).done:
            told_or(study.fail, study, lambda: _conclude(study))
    return study_id


def _conclude(study: Study) -> None:
    study.append("stage", words="Comparing the settings")
    began = next((event["time"] for event in study.events() if event["event"] == "started"), None)
    board, spec = study.board(), study.spec
    troubles = [event for event in study.events() if event["event"] == "trouble"]
    learned = any(study.answers(chunk) is not None for chunk in study.chunks)
    if troubles and not learned:
        study.fail(troubles[0]["problem"], troubles[0]["remedy"])
        return
    if learned:
        shared = rows_of(study)
        result = judged(study, shared, board) | {
            "weights": weights_of(study, shared),
            "best_epochs": _best_epochs(spec, board),
            "members": len(spec.members),
            "diverged": int(board.diverged.sum()),
            "seconds": seconds_since(began),
        }
        study.save_result(result)
    facts = {name: troubles[0][name] for name in ("problem", "remedy")} if troubles else {}
    ended = "stopped" if study.stop_requested or troubles else "finished"
    study.finish(ended, seconds=seconds_since(began), **facts)


def judged(study: Study, shared: Shared, board: Board) -> dict[str, Any]:
    """The result of `core.evaluation.study.judge`."""
    spec, dataset = study.spec, shared.dataset
    answers = Answers.of(study)
    classes, inputs = len(dataset.class_names), shared.inputs
    pool = np.concatenate([dataset.split.train, dataset.split.validation])
    task = spec.run.data.task
    metric = study_metric(task, dataset.y[pool], spec.score)
    if metric == "balanced_accuracy":  # An average over classes says nothing where there is a single class.
        answers = answers.without([len(np.unique(dataset.y[held])) < 2 for held in answers.held])
    found = Resampled(
        task=task,
        y=dataset.y,
        held=answers.held,
        learned=answers.learned,
        seeds=np.repeat(np.arange(spec.seeds), spec.folds),
        answers=answers.members,
        diverged=board.diverged.reshape(len(spec.settings), -1),
        train_scores=answers.train_scores,
        clusters=dataset.groups,
    )
    lines = [SimpleModel(key, label_of(key), values) for key, values in answers.baselines.items()]
    sizes = [parameters(spec, setting, inputs, classes) for setting in spec.settings]
    return judge(found, spec.settings, sizes, lines, metric, spec.words)


def weights_of(study: Study, shared: Shared) -> dict[str, Any]:
    """Histogram, share of near-zero weights and surviving features of each setting, over all its members."""
    spec = study.spec
    below = near_zero_below(spec)
    # One chunk after the other: all weights together may be more than the memory holds.
    width = max((_spread(weights) for chunk in study.chunks if (weights := study.weights(chunk))), default=1.0)
    edges = np.linspace(-width, width, BINS + 1)
    counts = np.zeros((len(spec.settings), BINS))
    near = np.zeros((len(spec.settings), 2))
    names = shared.dataset.features.names if isinstance(shared, StudyRows) else ()
    strengths: list[list[np.ndarray]] = [[] for _ in spec.settings]
    inputs = _input_feature(shared) if isinstance(shared, StudyRows) else None
    for chunk in study.chunks:
        weights = study.weights(chunk) or {}
        for row, setting in enumerate(chunk.settings if weights else ()):
            own = [array[:, row] for _, array in sorted(weights.items()) if array.ndim >= 4]
            for kernel in own:
                finite = kernel[np.isfinite(kernel)]
                counts[setting] += np.histogram(np.clip(finite, -width, width), edges)[0]
                near[setting] += (np.abs(finite) < below).sum(), finite.size
            if inputs is None:
                continue
            squares = np.square(own[0].astype(np.float64)).sum(axis=2)
            strengths[setting] += [np.sqrt(np.bincount(inputs, each, len(names))) for each in squares]
    return {
        "edges": edges.tolist(),
        "near_zero_below": below,
        "settings": [
            {
                "near_zero": float(small / every) if every else None,
                "counts": (row / max(row.sum(), 1)).tolist(),
                **_survivors(own),
            }
            for (small, every), row, own in zip(near, counts, strengths, strict=True)
        ],
        "feature_names": [name[:200] for name in names],
        "features": len(names),
    }


def near_zero_below(spec: StudySpec) -> float:
    """A weight smaller than this counts as zero: about a step of the optimizer there.

    Around zero, where the L1 penalty's slope jumps, no optimizer can come to rest closer than that. Plain steps are the
    learning rate times the slope, which is the penalty's rate; the others are about the learning rate.
    """
    training = spec.run.training
    slope = max(spec.grid.l1) if training.optimizer == "sgd" else 1.0
    return max(FEWEST_NEAR_ZERO, training.learning_rate * slope)


def _survivors(strengths: list[np.ndarray]) -> dict[str, Any]:
    """Share of members in which each feature survives, the strongest first."""
    usable = [own / own.max() for own in strengths if np.isfinite(own).all() and own.max() > 0]
    if not usable:
        return {"kept_features": None, "features": []}
    relative = np.stack(usable)
    survives = relative >= SURVIVES
    shares, means = survives.mean(axis=0), relative.mean(axis=0)
    order = np.lexsort((-means, -shares))[:MOST_FEATURES]
    return {
        "kept_features": float(survives.sum(axis=1).mean()),
        "features": [[int(place), float(shares[place]), float(means[place])] for place in order],
    }


def _spread(weights: dict[str, np.ndarray]) -> float:
    """Nearly all weights are smaller than this."""
    samples = [array.ravel()[:: max(1, array.size // 100_000)] for array in weights.values() if array.ndim >= 4]
    every = np.abs(np.concatenate(samples))
    every = every[np.isfinite(every)]
    return float(np.quantile(every, 0.995)) or 1.0 if len(every) else 1.0


def _input_feature(shared: StudyRows) -> np.ndarray:
    """(inputs,) the feature that each input of the common layout comes from."""
    numbers = len(shared.dataset.features.number_names)
    texts = np.repeat(np.arange(len(shared.categories)), [len(kept) for kept in shared.categories])
    return np.concatenate([np.arange(numbers), numbers + texts]).astype(np.int64)


def _best_epochs(spec: StudySpec, board: Board) -> list[int | None]:
    """The median, over a setting's members, of the epoch whose weights were kept."""
    epochs = board.best_epoch if spec.run.training.early_stopping else board.epoch
    usable = (board.epoch >= 0) & ~board.diverged
    return [
        int(np.median(own[use])) if use.any() else None
        for own, use in zip(epochs.reshape(len(spec.settings), -1), usable.reshape(len(spec.settings), -1), strict=True)
    ]
