"""Weights from a PyTorch file (the format before version 1.6), without PyTorch and without running anything in it.

Such a file is a row of pickles and the raw numbers. A pickle is a program; here its instructions are read one by one,
and only those that build plain values and tensors are followed, with the few names below. Anything else is refused.
Format: torch.serialization._legacy_save.
"""

from __future__ import annotations

import math
import pickletools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from core.errors import UserError

MAGIC = 0x1950A86A20F9469CFC6C
STORAGES: dict[str, np.dtype] = {"torch FloatStorage": np.dtype("<f4"), "torch LongStorage": np.dtype("<i8")}
ORDERED_DICT = "collections OrderedDict"
TENSOR = "torch._utils _rebuild_tensor_v2"
# EfficientNet-Lite0 needs 10,000 instructions and 19 MB.
MOST_INSTRUCTIONS = 200_000
MOST_BYTES = 200_000_000
_MARK = object()


class _Name(NamedTuple):
    text: str


class _Storage(NamedTuple):
    key: str
    dtype: np.dtype
    length: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_state(path: Path) -> dict[str, np.ndarray]:
    """Every tensor of a file by its name, in the order and layout of PyTorch.

    Raises:
        UserError: The file holds anything but tensors of single precision and counters, or is damaged.
    """
    try:
        with path.open("rb") as file:
            if path.stat().st_size > MOST_BYTES:
                raise ValueError("it is too large")
            return _state(file)
    except OSError:
        raise UserError("The pretrained weights cannot be read.", "Install the requirements again.") from None
    except Exception as error:  # A damaged pickle raises almost anything.
        raise UserError(
            f"The pretrained weights are damaged or not what was expected: {str(error)[:100]}.",
            "Install the requirements again.",
        ) from None


def _state(file: BinaryIO) -> dict[str, np.ndarray]:
    magic, version, system = (read_pickle(file) for _ in range(3))
    if magic != MAGIC or version != 1001 or not system.get("little_endian"):
        raise ValueError("it has another format")
    named, keys = read_pickle(file), read_pickle(file)
    if not isinstance(named, dict) or not all(isinstance(tensor, _Tensor) for tensor in named.values()):
        raise ValueError("it holds more than tensors")
    storages = {tensor.storage.key: tensor.storage for tensor in named.values()}
    numbers = {key: _numbers(file, storages[key]) for key in keys}
    return {name: _array(tensor, numbers[tensor.storage.key]) for name, tensor in named.items()}


def _numbers(file: BinaryIO, storage: _Storage) -> np.ndarray:
    length = int.from_bytes(file.read(8), "little")
    if length != storage.length:
        raise ValueError("its lengths disagree")
    content = file.read(length * storage.dtype.itemsize)
    return np.frombuffer(content, storage.dtype, length)


def _array(tensor: _Tensor, numbers: np.ndarray) -> np.ndarray:
    """A tensor's numbers need not lie in the order of its axes, but none may lie outside of its storage."""
    steps = [(length - 1) * stride for length, stride in zip(tensor.shape, tensor.strides, strict=True)]
    if min(tensor.offset, *tensor.strides, 0) < 0 or min(tensor.shape, default=1) < 1:
        raise ValueError("a tensor has an impossible shape")
    if tensor.offset + sum(steps) >= len(numbers) or math.prod(tensor.shape) > len(numbers):
        raise ValueError("a tensor is larger than its storage")
    strides = [stride * numbers.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(numbers[tensor.offset :], tensor.shape, strides, writeable=False)


def read_pickle(file: BinaryIO) -> Any:
    """The next pickle of a file; ValueError for an instruction or a name that is not needed for weights."""
    stack: list[Any] = []
    kept: dict[int, Any] = {}
    instructions: Iterator[tuple[Any, Any, Any]] = pickletools.genops(file)
    for number, (instruction, value, _) in enumerate(instructions):
        name = instruction.name
        if number > MOST_INSTRUCTIONS:
            raise ValueError("it is too long")
        if name == "STOP":
            return stack.pop()
        if name in _VALUES:
            stack.append(value)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name]())
        elif name in ("BINPUT", "LONG_BINPUT"):
            kept[value] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(kept[value])
        elif name == "GLOBAL":
            stack.append(_name(value))
        elif name in _STEPS:
            _STEPS[name](stack)
        elif name != "PROTO":
            raise ValueError(f"it holds the instruction {name}")
    raise ValueError("it ends too early")


def _name(text: str) -> _Name:
    if text not in (*STORAGES, ORDERED_DICT, TENSOR):
        raise ValueError(f"it asks for {text}")
    return _Name(text)


def _call(stack: list[Any]) -> None:
    arguments, name = stack.pop(), stack.pop()
    if name == _Name(ORDERED_DICT) and arguments == ():
        stack.append({})
    elif name == _Name(TENSOR):
        storage, offset, shape, strides, *_ = arguments
        if not isinstance(storage, _Storage):
            raise ValueError("a tensor has no storage")
        stack.append(_Tensor(storage, offset, shape, strides))
    else:
        raise ValueError("it calls something that weights do not need")


def _storage(stack: list[Any]) -> None:
    word, kind, key, _, length, view = stack.pop()
    if word != "storage" or not isinstance(kind, _Name) or kind.text not in STORAGES or view is not None:
        raise ValueError("it refers to something that is not a storage")
    stack.append(_Storage(key, STORAGES[kind.text], length))


def _build(stack: list[Any]) -> None:
    """PyTorch's notes about versions; they are not needed."""
    stack.pop()
    if not isinstance(stack[-1], dict):
        raise ValueError("it changes an object")


def _above_mark(stack: list[Any]) -> list[Any]:
    place = max(place for place, value in enumerate(stack) if value is _MARK)
    values = stack[place + 1 :]
    del stack[place:]
    return values


def _set_items(stack: list[Any]) -> None:
    values = _above_mark(stack)
    _plain_dict(stack[-1]).update(zip(values[::2], values[1::2], strict=True))


def _set_item(stack: list[Any]) -> None:
    value, key = stack.pop(), stack.pop()
    _plain_dict(stack[-1])[key] = value


def _plain_dict(value: Any) -> dict:
    if not isinstance(value, dict):
        raise ValueError("it fills something that is not a dictionary")
    return value


def _append_all(stack: list[Any]) -> None:
    values = _above_mark(stack)
    stack[-1].extend(values)


_VALUES = {"BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE"}
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "MARK": lambda: _MARK,
}
_STEPS: dict[str, Callable[[list[Any]], None]] = {
    "TUPLE": lambda stack: stack.append(tuple(_above_mark(stack))),
    "TUPLE1": lambda stack: stack.append((stack.pop(),)),
    "TUPLE2": lambda stack: stack.append((stack.pop(), stack.pop())[::-1]),
    "REDUCE": _call,
    "BINPERSID": _storage,
    "BUILD": _build,
    "SETITEM": _set_item,
    "SETITEMS": _set_items,
    "APPENDS": _append_all,
}
