"""A study from outside (see `core.project.check`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from core.project.arrays import read_npz
from core.project.check import File, Source, dumped
from core.project.events import checked_events
from core.project.files import ENDED_WELL
from core.project.schemas import Title
from core.project.study_schemas import ChunkPlan, Plan, Result
from core.spec import StudySpec
from core.studies import CURVES, MOST_EPOCHS
from core.training.study_answers import LABELS


def checked_study(source: Source) -> Iterator[File]:
    """The files of a study, as they are written; raises `UserError` where one is not as it should be."""
    spec = source.checked("study.json", StudySpec.parse_json)
    yield "study.json", spec.model_dump_json(indent=1).encode()
    plan = source.checked("plan.json", partial(_plan, spec))
    yield "plan.json", dumped(plan)
    if "title.json" in source.names:
        yield source.json("title.json", Title)
    events, state = source.checked("events.jsonl", partial(checked_events, "study"))
    yield "events.jsonl", events
    if state not in ENDED_WELL:
        return
    if "result.json" in source.names:
        yield "result.json", source.checked("result.json", partial(_result, spec))
    for number, chunk in enumerate(plan.chunks):
        checks = {
            "board.npz": partial(_board, chunk),
            "curves": partial(_curves, chunk),
            "weights.npz": partial(_weights, chunk),
            "answers.npz": partial(_answers, chunk),
        }
        for end, check in checks.items():
            name = f"{number:02d}.{end}"
            if name in source.names:
                yield name, source.checked(name, check)


def _plan(spec: StudySpec, content: bytes) -> Plan:
    plan = Plan.model_validate_json(content)
    plan.check(spec)
    return plan


def _result(spec: StudySpec, content: bytes) -> bytes:
    result = Result.model_validate_json(content)
    result.check(spec)
    return dumped(result)


def _members(chunk: ChunkPlan) -> tuple[int, int]:
    return len(chunk.groups), len(chunk.settings)


def _board(chunk: ChunkPlan, content: bytes) -> bytes:
    """How the chunk's members stand."""
    board, own = read_npz(content), _members(chunk)
    wanted = {"epoch": own, "best_epoch": own, "ended": own, "diverged": own, "scores": (len(CURVES), *own)}
    if board.keys() != wanted.keys():
        raise ValueError("arrays of another kind")
    for name, shape in wanted.items():
        kinds = "f" if name == "scores" else "b" if name in ("ended", "diverged") else "iu"
        if board[name].dtype.kind not in kinds or board[name].shape not in (shape, ()):
            raise ValueError(f"{name} of another kind")
    return content


def _curves(chunk: ChunkPlan, content: bytes) -> bytes:
    """Float32 in whole blocks."""
    groups, settings = _members(chunk)
    block = 4 * len(CURVES) * groups * settings
    whole = len(content) // block
    if whole > MOST_EPOCHS + 1:
        raise ValueError("too many epochs")
    return content[: whole * block]


def _weights(chunk: ChunkPlan, content: bytes) -> bytes:
    arrays = read_npz(content)
    if any(array.shape[:2] != _members(chunk) or array.dtype != np.float32 for array in arrays.values()):
        raise ValueError("weights of other networks")
    return content


def _answers(chunk: ChunkPlan, content: bytes) -> bytes:
    """What the members of each group answered, as `core.studies.Study.answers` describes."""
    arrays, (groups, settings) = read_npz(content), _members(chunk)
    known: set[str] = set()
    for group in range(groups if arrays else 0):
        own = {name: arrays[f"{group}-{name}"] for name in ("held", "answers", "train", "learned")}
        rows = len(own["held"])
        shapes = [own["held"].shape, own["answers"].shape[:2], own["train"].shape, own["learned"].shape]
        if shapes != [(rows,), (settings, rows), (settings,), ()] or own["answers"].ndim > 3:
            raise ValueError("answers of another shape")
        if own["held"].dtype.kind not in "iu" or (own["held"] < 0).any() or own["learned"].dtype.kind not in "iu":
            raise ValueError("positions of rows that are none")
        _check_baselines([array for name, array in arrays.items() if name.startswith(f"{group}-baseline-")], rows)
        known |= {f"{group}-{name}" for name in (*own, *(f"baseline-{key}" for key in LABELS))}
    if not arrays.keys() <= known:
        raise ValueError("arrays of another kind")
    return content


def _check_baselines(answers: Sequence[np.ndarray], rows: int) -> None:
    if any(array.shape[:1] != (rows,) or array.ndim > 2 for array in answers):
        raise ValueError("answers of a baseline that are not those of the rows")
