"""Before a study begins: which members train together, what they need, how long it will take."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import TypeVar

import psutil

from core.data.folds import FEWEST_ROWS
from core.data.words import counted
from core.errors import UserError
from core.limits import check_disk, check_epochs, check_members, check_queued, check_runs
from core.machine import WARM_BYTES, worker_count, worker_memory
from core.memory import check_room, image_bytes, watched
from core.network.dense import dense_network
from core.network.image_shapes import image_layer_shapes
from core.network.shapes import layer_shapes
from core.spec import ImageConfig, ImageData, ImageNetworkSpec, NetworkSpec, Setting, StudySpec
from core.studies import Chunk, Study
from core.workspace import Workspace

T = TypeVar("T")
MEMORY = "MUFFIN_STUDY_MB"
# Weights are held several times: trained, best, two moments of the optimizer, gradient, copies for a checkpoint.
COPIES = 14
# Of what a warm worker has left; compiling, scoring and the simple models take the rest.
OWN_SHARE = 0.6
MOST_TOGETHER = 256
MOST_CHUNKS = 32
CACHE = 24_000_000
# EfficientNet-Lite0 at 224 x 224 pixels (its paper).
BACKBONE_PRODUCTS = 385e6
MOST_DISK = 4_000_000_000
BYTES = 4


def create_study(workspace: Workspace, spec: StudySpec, rows: int, inputs: int, classes: int) -> Study:
    """A new study in state queued.

    Args:
        workspace: Where it will live.
        spec: What is compared.
        rows: Train and validation rows together.
        inputs: Inputs of the network.
        classes: Number of classes; 0 for regression.

    Raises:
        UserError: There are too few rows, a single network does not fit into memory, or all of them not on the disk; or
            something else is over a limit.
    """
    check_rows(spec, rows)
    check_members(workspace, len(spec.members))
    check_epochs(workspace, spec.run.training.epochs)
    check_queued(workspace)
    check_runs(workspace)
    check_disk(workspace, _bytes_on_disk(spec, inputs, classes))
    _check_alone(spec, classes)
    return Study.create(workspace, spec, plan(spec, rows, inputs, classes))


def check_rows(spec: StudySpec, rows: int) -> None:
    """Raise `UserError` where there are fewer train and validation rows than so many parts need."""
    fewest = max(FEWEST_ROWS, 2 * spec.folds)
    if rows < fewest:
        raise UserError(
            f"A comparison with {counted(spec.folds, 'part (fold)', 'parts (folds)')} needs at least {fewest} rows "
            f"beside the sealed ones; there are {rows}.",
            "Add rows, choose fewer parts, or lower the sealed share on Data.",
        )


def plan(
    spec: StudySpec, rows: int, inputs: int, classes: int, budget: int | None = None, workers: int | None = None
) -> list[Chunk]:
    """Chunks that fit into ``budget`` bytes and keep all ``workers`` busy; other widths and depths are other chunks.

    How members are cut never changes what they learn.
    """
    budget, workers = budget or memory_budget(), workers or worker_count()
    groups = [(fold, seed) for seed in range(spec.seeds) for fold in range(spec.folds)]
    _check_disk(spec, inputs, classes)
    if not spec.stacked:  # Convolutions gain nothing from each other's company, so each network trains by itself.
        places = [(setting, group) for group in groups for setting in range(len(spec.settings))]
        return [Chunk(number, (setting,), (group,)) for number, (setting, group) in enumerate(places)]
    chunks: list[Chunk] = []
    alike = architectures(spec)
    for own in alike:
        network = dense_network(spec.network(spec.settings[own[0]]))
        member, group = needs(spec, network, rows, inputs, classes)
        together = int(max(1, (budget - group) // member))
        if group + member > budget:
            raise UserError(
                f"One network with its rows needs {(group + member) / 1e9:.1f} GB; {budget / 1e9:.1f} GB can be used.",
                "Try narrower layers or fewer features.",
            )
        beside = _beside(parameters(spec, spec.settings[own[0]], inputs, classes), len(spec.settings) * len(groups))
        for settings in _evenly(own, min(together, beside)):
            most = min(budget // (group + len(settings) * member), max(1, beside // len(settings)))
            most = min(most, -(-len(groups) * len(alike) // workers))
            for some in _evenly(groups, int(max(1, most))):
                chunks.append(Chunk(len(chunks), tuple(settings), tuple(some)))
    return chunks


def _beside(weights: int, members: int) -> int:
    """How many networks train as one program: large ones as many as fit into the processor's cache.

    Weights, gradients and the optimizer's moments are touched in each step; from main memory that takes nearly twice as
    long, and smaller pieces keep all workers busy to the end. Each chunk costs a few files and about a third of a
    second, so that a study has hardly more than `MOST_CHUNKS`.
    """
    in_cache = CACHE // (4 * BYTES * max(1, weights))
    return int(min(MOST_TOGETHER, max(1, in_cache, -(-members // MOST_CHUNKS))))


def architectures(spec: StudySpec) -> list[list[int]]:
    """Places of the settings that share their layers' sizes, and so can train as one program."""
    found: dict[tuple[int | None, int | None], list[int]] = {}
    for place, setting in enumerate(spec.settings):
        found.setdefault((setting.units, setting.depth), []).append(place)
    return list(found.values())


def parameters(spec: StudySpec, setting: Setting, inputs: int, classes: int) -> int:
    """How many numbers the network of a setting holds."""
    network, loss = spec.network(setting), spec.run.training.loss
    if isinstance(spec.run, ImageConfig) and isinstance(network, ImageNetworkSpec) and not spec.stacked:
        return sum(each.parameters for each in image_layer_shapes(network, loss, spec.run.data.shape, classes))
    return sum(shape.parameters for shape in layer_shapes(dense_network(network), loss, inputs, classes))


def needs(spec: StudySpec, network: NetworkSpec, rows: int, inputs: int, classes: int) -> tuple[int, int]:
    """Bytes of one member, and of the rows that a group of members shares."""
    shapes = layer_shapes(network, spec.run.training.loss, inputs, classes)
    weights = sum(shape.parameters for shape in shapes)
    values = sum(shape.units for shape in shapes[1:])
    rows = int(rows / (1.0 - spec.run.data.split.test)) + 1  # The sealed rows lie beside them.
    return BYTES * (COPIES * weights + 2 * rows * values), BYTES * 4 * rows * (inputs + 2)


def memory_budget() -> int:
    """Bytes that a chunk may take: ``MUFFIN_STUDY_MB``, else a third of what is free, shared by the workers."""
    wish = os.environ.get(MEMORY, "")
    if wish.isdigit() and int(wish):
        return int(wish) * 1_000_000
    free = min(max(psutil.virtual_memory().available / 3 / worker_count(), 200e6), 4e9)
    return int(min(free, OWN_SHARE * (worker_memory() - WARM_BYTES)) if watched() else free)


def expected_seconds(spec: StudySpec, rows: int, inputs: int, classes: int) -> float:
    """About how long a study takes: a second and a half a program, then a cost a weight, row and step.

    The costs were measured with ``python -m benchmarks studies``; networks that stop early wait for the last ones,
    which are expected to take four fifths of the epochs.
    """
    if not spec.stacked:
        return _expected_one_by_one(spec, rows, classes)
    training = spec.run.training
    learned = rows * (1 - (1 / spec.folds if spec.folds > 1 else spec.run.data.split.validation))
    steps = max(1.0, learned / training.batch_size)
    epochs = training.epochs * (0.8 if training.early_stopping else 1.0)
    work = 0.0
    for setting in spec.settings:
        weights = parameters(spec, setting, inputs, classes)
        cost = 1.2e-9 if weights < 30_000 else 1.5e-10
        step = weights * (training.batch_size * cost + 2.5e-9) + 5e-7
        work += (step * steps + learned * weights * cost / 4) * epochs * spec.folds * spec.seeds
    programs = len(architectures(spec))
    return 2.0 + 1.5 * programs + work / min(worker_count(), spec.folds * spec.seeds * programs)


def _expected_one_by_one(spec: StudySpec, rows: int, classes: int) -> float:
    """About how long networks with convolutions take: some seconds each, then a cost a multiplication.

    A core learns from about 7e9 multiplications a second (a 16-32-64 CNN at 64 x 64 pixels: 700 pictures).
    """
    training, data = spec.run.training, spec.run.data
    assert isinstance(data, ImageData)
    epochs = training.epochs * (0.6 if training.early_stopping else 1.0)
    work = 0.0
    for setting in spec.settings:
        network = spec.network(setting)
        assert isinstance(network, ImageNetworkSpec)
        shapes = image_layer_shapes(network, training.loss, data.shape, classes)
        products = sum(
            float(each.parameters) * (prod(each.shape[:2]) if len(each.shape) == 3 else 1) for each in shapes
        )
        if network.backbone != "none":
            products += BACKBONE_PRODUCTS * (data.size / 224) ** 2
        work += 3.0 + rows * epochs * (products / 7e9 + 1e-4)
    return 3.0 + work * spec.folds * spec.seeds / min(worker_count(), len(spec.members))


def _check_disk(spec: StudySpec, inputs: int, classes: int) -> None:
    bytes_ = _bytes_on_disk(spec, inputs, classes)
    if bytes_ > MOST_DISK:
        raise UserError(
            f"The weights of all these networks would take {bytes_ / 1e9:.1f} GB on the disk; at most "
            f"{MOST_DISK / 1e9:.0f} GB are kept for one study.",
            "Compare fewer settings, folds or seeds, or narrower layers.",
        )


def _check_alone(spec: StudySpec, classes: int) -> None:
    """Raise `UserError` where one of the networks with convolutions, which train one by one, would not fit."""
    if spec.stacked or not watched() or not isinstance(spec.run, ImageConfig):
        return
    training, data = spec.run.training, spec.run.data
    for setting in spec.settings:
        network = spec.network(setting)
        assert isinstance(network, ImageNetworkSpec)
        check_room(image_bytes(network, data, training.loss, training.batch_size, classes))


def _bytes_on_disk(spec: StudySpec, inputs: int, classes: int) -> int:
    each = sum(parameters(spec, setting, inputs, classes) for setting in spec.settings)
    return BYTES * each * spec.folds * spec.seeds


def _evenly(values: Sequence[T], most: int) -> list[Sequence[T]]:
    """Pieces of at most ``most``, as equal as can be, so that one compiled program serves them all."""
    pieces = -(-len(values) // most)
    ends = [round(piece * len(values) / pieces) for piece in range(pieces + 1)]
    return [values[start:end] for start, end in pairwise(ends)]
