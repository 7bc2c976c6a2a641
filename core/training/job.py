"""One training run from its folder to its metrics; what a worker does for `engine.submit`."""

from __future__ import annotations

import contextlib
import traceback

import numpy as np

from core.errors import UserError
from core.limits import limits_of
from core.progress import progress
from core.run_files import seconds_since
from core.runs import Run
from core.spec import ImageConfig, RunConfig
from core.studies import Study
from core.training.conclude import conclude
from core.training.explain import explain
from core.training.fit import FitState, Watch, fit
from core.training.image_job import train_images
from core.training.initial import initial_weights
from core.training.pool import borrowed
from core.training.prepare import Prepared, prepare
from core.training.shape import Rates, StackShape
from core.training.stack import Stack
from core.training.telling import Checkpoints, Telling
from core.workspace import Workspace

ATTEMPTS = 3


def train_run(root: str, run_id: str) -> str:
    """Train the run in workspace ``root``; every end, good or bad, is told in the run's events."""
    with contextlib.suppress(UserError):  # The run was deleted while it waited.
        run = Run(Workspace(root), run_id)
        if not progress(run).ended:
            _train_or_explain(run)
    return run_id


def _train_or_explain(run: Run) -> None:
    try:
        _train(run)
    except UserError as error:
        run.fail(error.problem, error.remedy)
    except Exception as error:
        if not run.folder.exists():
            return
        (run.folder / "reserve").unlink(missing_ok=True)
        run.log(traceback.format_exc())
        run.fail(*explain(error))


def _train(run: Run) -> None:
    told = [event["event"] for event in run.events()]
    attempts = told.count("started") - told.count("interrupted")
    if attempts >= ATTEMPTS:
        raise UserError(
            f"Training was started {attempts} times and each time its process died, most often for lack of memory.",
            "Try a smaller network, fewer features or smaller pictures, or a smaller batch size.",
        )
    checkpoint = run.load_checkpoint()
    if run.config.data.split.learn_from_all and run.config.origin is not None:
        Study(run.workspace, run.config.origin.study)  # Its answers are needed at the end; say so now if it is gone.
    run.append("started", from_epoch=_epoch_of(checkpoint))
    run.allow(60.0 * limits_of(run.workspace).run_minutes)
    if isinstance(run.config, ImageConfig):
        train_images(run, checkpoint)
    else:
        _train_table(run, checkpoint)


def _epoch_of(checkpoint: dict[str, np.ndarray] | None) -> int | None:
    """The epoch after which training goes on, counted over all phases."""
    return int(checkpoint["epoch"]) + int(checkpoint.get("before", 0)) if checkpoint else None


def _train_table(run: Run, checkpoint: dict[str, np.ndarray] | None) -> None:
    config = run.table_config
    run.append("stage", words="Reading the data")
    prepared = prepare(config, run.workspace)
    run.append("stage", words="Building the network")
    with borrowed(stack_shape(config, prepared)) as stack:
        start_stack(stack, config, prepared)
        state = _fit(run, stack, config, prepared, checkpoint)
        _finish(run, stack, state, config, prepared)


def _finish(run: Run, stack: Stack, state: FitState, config: RunConfig, prepared: Prepared) -> None:
    if not all(np.isfinite(weights).all() for weights in stack.get_weights()):
        raise UserError(
            "The training ran away: the cost became infinite or not a number.",
            "Lower the learning rate, or check the data for huge values.",
        )
    run.append("stage", words="Measuring how good it is")
    conclude(run, config, prepared, [weights[0, 0] for weights in stack.get_weights()])
    stopped = run.stop_requested
    run.finish(
        "stopped" if stopped else "finished",
        best_epoch=int(state.best_epoch[0, 0]) if config.training.early_stopping else state.epoch,
        epochs=state.epoch,
        seconds=seconds_since(progress(run).started),
    )


def stack_shape(config: RunConfig, prepared: Prepared) -> StackShape:
    """The shape of a stack for this data."""
    outputs = prepared.outputs(config.training.loss)
    return StackShape.of([config.network], config.training, prepared.x.shape[1], outputs)


def start_stack(stack: Stack, config: RunConfig, prepared: Prepared) -> None:
    """Put the network at its starting weights."""
    biases = prepared.starting_bias(config.training.loss)[None]
    weights = initial_weights(config.network, prepared.x.shape[1], biases, [config.training.seed])
    stack.prepare(Rates.of([config.network]), config.training.learning_rate, weights)


def _fit(
    run: Run, stack: Stack, config: RunConfig, prepared: Prepared, checkpoint: dict[str, np.ndarray] | None
) -> FitState:
    told = Telling(run)
    watch = Watch(
        epoch=told.epoch,
        step=told.step,
        stop=told.stop,
        checkpoint=Checkpoints(run, stack, told),
    )
    state = None
    if checkpoint:
        stack.restore(checkpoint)
        state = FitState.of(checkpoint)
    group = prepared.group(config.training.seed, config.data.split.fold)
    try:
        return fit(stack, prepared.rows, [group], config.training, watch, state)
    finally:
        told.flush()
