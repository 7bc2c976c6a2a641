"""How much memory a run will take, before it starts.

The factors were fitted to peaks of real runs, each in a process of its own that had just become warm
(``tests/core/test_memory.py`` holds what was measured).
"""

from __future__ import annotations

import os

from core.data.load import load_joined
from core.data.preprocess import MOST_CATEGORIES
from core.data.table import Table
from core.errors import UserError
from core.machine import WARM_BYTES, worker_memory
from core.network.image_shapes import image_layer_shapes
from core.network.shapes import layer_shapes
from core.spec import DataSpec, ImageConfig, ImageData, ImageNetworkSpec, RunConfig
from core.workspace import Workspace

BYTES = 4
# Compiling a program, and the simple models beside it.
ANY_RUN = 130_000_000
# The table's features are held as they are, scaled, on their way between both, and once more by TensorFlow; and the
# simple models hold them in double precision.
COPIES_OF_ROWS = 6.5
# Of each row: what was true and predicted, its part, its name, what tells copies apart.
BYTES_A_ROW = 300
# At most so many rows are looked at together after an epoch.
ROWS_TOGETHER = 40_000
# Weights are held several times: trained, best, two moments of the optimizer, gradient, copies for a checkpoint.
COPIES_OF_WEIGHTS = 14
# What leaves each layer of a network is kept for the way back, and some of it twice for a moment.
COPIES_OF_VALUES = 1.2
# A backbone looks at 32 pictures of 224 x 224 pixels at a time, at fewer that are larger.
BACKBONE = 250_000_000
# Values that leave the layers of EfficientNet-Lite0 at 224 x 224 pixels; only blocks that learn keep them.
BACKBONE_VALUES = 6_700_000


def check_fits(workspace: Workspace, config: RunConfig | ImageConfig) -> None:
    """Raise `UserError` where a run would not fit into a worker of the local cluster; says what it would take."""
    try:
        needed = needed_bytes(workspace, config)
    except UserError:  # Its data cannot be read; the worker says why.
        return
    check_room(needed)


def check_room(needed: float) -> None:
    """Raise `UserError` where a worker that is warm has no room for so many bytes."""
    room = worker_memory() - WARM_BYTES
    if needed > room:
        raise UserError(
            f"This run would take about {needed / 1e6:,.0f} MB of memory beside what a worker holds anyway; "
            f"{room / 1e6:,.0f} MB are left for it here.",
            "Leave out columns or rows, choose a smaller network or batch size, or smaller pictures.",
        )


def needed_bytes(workspace: Workspace, config: RunConfig | ImageConfig) -> float:
    """About how many bytes a run takes at its peak, beside a warm worker's own.

    Raises:
        UserError: Its table cannot be read, or its network cannot be built.
    """
    if isinstance(config, ImageConfig):
        # How many classes there are changes the last layer only.
        return image_bytes(config.network, config.data, config.training.loss, config.training.batch_size, classes=10)
    table = load_joined(workspace, config.data)
    return table_bytes(config, table.rows, inputs_of(table, config.data))


def table_bytes(config: RunConfig, rows: int, inputs: int) -> float:
    """The same for ``rows`` of a table, sealed ones included, that become ``inputs`` of a network."""
    shapes = layer_shapes(config.network, config.training.loss, inputs, 10)
    weights = sum(shape.parameters for shape in shapes)
    values = sum(shape.units for shape in shapes[1:])
    looked_at = min(rows, ROWS_TOGETHER) * values
    numbers = COPIES_OF_ROWS * rows * inputs + COPIES_OF_WEIGHTS * weights + looked_at
    return ANY_RUN + BYTES_A_ROW * rows + BYTES * numbers


def image_bytes(network: ImageNetworkSpec, data: ImageData, loss: str, batch: int, classes: int) -> float:
    """The same for pictures; raises `UserError` where the network cannot be built."""
    shapes = image_layer_shapes(network, loss, data.shape, classes)
    weights = sum(shape.trainable for shape in shapes)
    values: float = sum(shape.units for shape in shapes)
    looking = 0.0
    if network.backbone != "none":
        looking = BACKBONE
        values += BACKBONE_VALUES * (data.size / 224) ** 2 if network.fine_tune_blocks else 0
    return ANY_RUN + max(looking, BYTES * (COPIES_OF_WEIGHTS * weights + COPIES_OF_VALUES * batch * values))


def inputs_of(table: Table, data: DataSpec) -> int:
    """At most how many inputs the features of a table become."""
    hidden = {data.target, data.id_column, data.group_column, *data.drop}
    texts = [len(text.values) for name, text in table.texts.items() if name not in hidden]
    return sum(name not in hidden for name in table.number_names) + sum(min(MOST_CATEGORIES, each) for each in texts)


def watched() -> bool:
    """Whether workers are those of the local cluster, whose memory is known and watched."""
    return not os.environ.get("MUFFIN_SCHEDULER")
