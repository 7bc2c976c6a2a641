"""The layers behind a frozen backbone, trained on its features as a dense network."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from core.network.image_shapes import head_of
from core.spec import ImageConfig
from core.training.fit import FitState, Watch, fit
from core.training.image_prepare import PreparedImages
from core.training.initial import initial_weights
from core.training.pool import borrowed
from core.training.shape import Group, Rates, Rows, StackShape
from core.training.stack import Stack


def fit_head(
    config: ImageConfig,
    prepared: PreparedImages,
    features: np.ndarray,
    group: Group,
    watch: Callable[[Stack], Watch],
    checkpoint: Mapping[str, np.ndarray] | None = None,
) -> tuple[list[np.ndarray], FitState]:
    """Train from the start, or go on from the checkpoint.

    Args:
        config: What was chosen; its network has a backbone.
        prepared: n pictures.
        features: (n, features) that the backbone gives for them.
        group: Who learns from what.
        watch: What the loop tells and asks, for the stack that is trained.
        checkpoint: As `Stack.state` and `FitState.arrays` gave it.

    Returns:
        The weights of the layers in Keras' order, and where training ended.
    """
    training, head = config.training, head_of(config.network)
    biases = prepared.starting_bias(training.loss)[None]
    with borrowed(StackShape.of([head], training, features.shape[1], biases.shape[1])) as stack:
        start = initial_weights(head, features.shape[1], biases, [training.seed])
        stack.prepare(Rates.of([head]), training.learning_rate, start)
        state = None
        if checkpoint:
            stack.restore(dict(checkpoint))
            state = FitState.of(dict(checkpoint))
        rows = Rows.one(features, prepared.target, prepared.weight)
        state = fit(stack, rows, [group], training, watch(stack), state)
        return [weights[0, 0] for weights in stack.get_weights()], state
