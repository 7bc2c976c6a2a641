"""One chunk of a study from its plan to its members' weights and answers; what a worker does for a study."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable

import numpy as np

from core.errors import UserError
from core.evaluation.baselines import baselines
from core.evaluation.study import score, study_metric
from core.network.outputs import to_predictions
from core.studies import CURVES, Chunk, Study
from core.study_progress import study_progress
from core.training.explain import explain
from core.training.fit import Epoch, FitState, Watch, fit
from core.training.initial import initial_weights
from core.training.pool import borrowed
from core.training.prepare import Prepared
from core.training.shape import Group, Rates, Rows, StackShape
from core.training.stack import Stack
from core.training.study_rows import StudyRows
from core.workspace import Workspace

ATTEMPTS = 3
BOARD_SECONDS = 0.5
CHECKPOINT_SECONDS = 5.0


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
    attempts = sum(event["event"] == "started" and event.get("chunk") == chunk.number for event in study.events())
    if attempts >= ATTEMPTS:
        raise UserError(
            f"The same networks were started {attempts} times and each time their process died, most often for lack of "
            "memory.",
            "Compare fewer settings at once, narrower layers or fewer features.",
        )
    study.append("started", chunk=chunk.number)
    study.append("stage", words="Reading the data")
    spec = study.spec
    shared = StudyRows.load(spec, study.workspace)
    prepared = [shared.prepared(place) for place in chunk.groups]
    groups = [shared.group(place, each) for place, each in zip(chunk.groups, prepared, strict=True)]
    rows = shared.together(prepared)
    networks = [spec.dense(spec.settings[place]) for place in chunk.settings]
    training = spec.run.training
    outputs = prepared[0].outputs(training.loss)
    study.append("stage", words="Training all networks")
    with borrowed(StackShape.of(networks, training, shared.inputs, outputs, len(groups))) as stack:
        biases = np.stack([each.starting_bias(training.loss) for each in prepared])
        seeds = [group.seed for group in groups]
        weights = initial_weights(networks[0], shared.inputs, biases, seeds, len(networks))
        stack.prepare(Rates.of(networks), training.learning_rate, weights)
        _fit(study, chunk, stack, rows, groups)
        answers = _answers(shared, chunk, stack, rows, prepared)
        kept = {f"{number:03d}": weights for number, weights in enumerate(stack.get_weights())}
    study.save_chunk(chunk, kept, answers)


def _fit(study: Study, chunk: Chunk, stack: Stack, rows: Rows, groups: list[Group]) -> None:
    told = ChunkTelling(study, chunk, stack)
    state = None
    checkpoint = study.load_checkpoint(chunk)
    if checkpoint:
        stack.restore(checkpoint)
        state = FitState.of(checkpoint)
        told.resume(checkpoint)
    watch = Watch(epoch=told.epoch, stop=told.stop, checkpoint=told.checkpoint)
    state = fit(stack, rows, groups, study.spec.run.training, watch, state)
    told.close(state)


class ChunkTelling:
    """Writes what becomes of a chunk's members into the study's folder: curves, board, checkpoints."""

    def __init__(self, study: Study, chunk: Chunk, stack: Stack) -> None:
        self.study, self.chunk, self.stack = study, chunk, stack
        training = study.spec.run.training
        self.keeps_best, self.patience = training.early_stopping, training.patience
        self.step = study.curve_step
        self.blocks: list[np.ndarray] = []
        self.scores = np.full((len(CURVES), *stack.members), np.nan, np.float32)
        self.shown = self.looked = self.saved = time.monotonic()
        self.pause, self.wish = CHECKPOINT_SECONDS, False
        if study.load_checkpoint(chunk) is None:
            study.cut_curves(chunk, 0)

    def resume(self, checkpoint: dict[str, np.ndarray]) -> None:
        """Go back to a checkpoint: curves that were told after it are told again."""
        self.scores = checkpoint["scores"]
        self.study.cut_curves(self.chunk, int(checkpoint["epoch"]) // self.step + 1)

    def epoch(self, epoch: Epoch, state: FitState) -> None:
        """Keep an epoch's curves, and what the members are like at the epoch whose weights they keep."""
        both = np.stack([epoch.loss, epoch.metric], axis=1).reshape(-1, *self.stack.members)
        block = np.concatenate([both, np.full((len(CURVES) - len(both), *self.stack.members), np.nan)])
        # A member that has ended may go on beside the others; what it does then counts no more.
        block = np.where(self._epochs(state) < epoch.epoch, np.nan, block)
        newest = (state.best_epoch == epoch.epoch) if self.keeps_best else ~state.ended
        self.scores = np.where(newest, block, self.scores).astype(np.float32)
        if epoch.epoch % self.step == 0:
            self.blocks.append(block)
        if time.monotonic() - self.shown > BOARD_SECONDS:
            self.show(state)

    def show(self, state: FitState, over: bool = False) -> None:
        """Write curves and board."""
        self.study.append_curves(self.chunk, self.blocks)
        self.blocks = []
        board = {"epoch": self._epochs(state), "best_epoch": state.best_epoch, "diverged": state.diverged}
        board |= {"ended": state.ended | over, "scores": self.scores}
        self.study.save_board(self.chunk, board)
        self.shown = time.monotonic()

    def _epochs(self, state: FitState) -> np.ndarray:
        """(groups, settings) the last epoch that counts of each member."""
        own = np.full(self.stack.members, state.epoch)
        return np.minimum(own, state.best_epoch + self.patience) if self.keeps_best else own

    def stop(self) -> bool:
        """Whether the person asked to stop, or another chunk failed; looked up at most ten times a second."""
        if time.monotonic() - self.looked > 0.1:
            self.looked = time.monotonic()
            self.wish = self.study.stop_requested or not self.study.folder.exists()
        return self.wish

    def checkpoint(self, state: FitState) -> None:
        """Save every five seconds, or more rarely where saving is slow."""
        began = time.monotonic()
        if began - self.saved < self.pause:
            return
        self.show(state)
        self.study.save_checkpoint(self.chunk, self.stack.state() | state.arrays() | {"scores": self.scores})
        self.saved = time.monotonic()
        self.pause = max(CHECKPOINT_SECONDS, 10 * (self.saved - began))

    def close(self, state: FitState) -> None:
        """Tell the end."""
        self.show(state, over=True)


def _answers(
    shared: StudyRows, chunk: Chunk, stack: Stack, rows: Rows, prepared: list[Prepared]
) -> dict[str, np.ndarray]:
    """What `Study.answers` gives back."""
    spec, task = shared.spec, shared.spec.run.data.task
    loss = spec.run.training.loss
    plain = shared.dataset.split
    pool = np.concatenate([plain.train, plain.validation])
    metric = study_metric(task, shared.dataset.y[pool], spec.score)
    logits = stack.predict(rows.x)
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


def _baselines(task: str, prepared: Prepared) -> dict[str, np.ndarray]:
    """Answers of the simple models for the held-out rows; they learn from the rows for early stopping too."""
    split, dataset = prepared.dataset.split, prepared.dataset
    learned = np.concatenate([split.train, split.watch])
    held = {"held": prepared.x[split.validation]}
    found = baselines(task, prepared.x[learned], dataset.y[learned], held, len(dataset.class_names))  # type: ignore[arg-type]
    return {each.key: each.predictions["held"] for each in found}
