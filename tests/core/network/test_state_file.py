"""Weights are read; whatever else such a file could ask for is refused, and nothing in it is ever run."""

import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.network.state_file import MAGIC, read_state

NUMBERS = np.arange(6, dtype="<f4")
KEYS = b"\x80\x02](X\x01\x00\x00\x007e."


def text(word: str) -> bytes:
    return b"X" + struct.pack("<I", len(word)) + word.encode()


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def numbers(*values: int) -> bytes:
    return b"(" + b"".join(map(number, values)) + b"t"


def tensors(
    storage: str = "torch\nFloatStorage",
    shape: tuple[int, ...] = (2, 3),
    strides: tuple[int, ...] = (3, 1),
    offset: int = 0,
    length: int = 6,
    build: str = "torch._utils\n_rebuild_tensor_v2",
) -> bytes:
    """A pickle {"w": tensor} as PyTorch writes it, instruction by instruction."""
    place = b"(" + text("storage") + b"c" + storage.encode() + b"\n" + text("7") + text("cpu") + number(length) + b"NtQ"
    hooks = b"\x89ccollections\nOrderedDict\n)R"
    tensor = b"c" + build.encode() + b"\n(" + place + number(offset) + numbers(*shape) + numbers(*strides) + hooks
    return b"\x80\x02}(" + text("w") + tensor + b"tRu."


def file_of(content: bytes, raw: np.ndarray = NUMBERS, magic: int = MAGIC) -> bytes:
    head = pickle.dumps(magic, 2) + pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
    return head + content + KEYS + struct.pack("<q", len(raw)) + raw.tobytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "weights.pth"


def test_tensors_are_read_in_their_layout(path: Path) -> None:
    path.write_bytes(file_of(tensors()))
    np.testing.assert_array_equal(read_state(path)["w"], [[0, 1, 2], [3, 4, 5]])
    path.write_bytes(file_of(tensors(shape=(3, 2), strides=(1, 3))))
    np.testing.assert_array_equal(read_state(path)["w"], [[0, 3], [1, 4], [2, 5]])
    path.write_bytes(file_of(tensors(shape=(2,), strides=(1,), offset=4)))
    np.testing.assert_array_equal(read_state(path)["w"], [4, 5])


def test_counters_are_read_too(path: Path) -> None:
    path.write_bytes(file_of(tensors("torch\nLongStorage", shape=(), strides=(), length=1), np.array([9], "<i8")))
    assert read_state(path)["w"] == 9


HOSTILE = {
    "a command": (b"\x80\x02cos\nsystem\n(" + text("touch ran") + b"tR.", "asks for os system"),
    "a command by its other spelling": (text("os") + text("system") + b"\x93(" + text("a") + b"tR.", "STACK_GLOBAL"),
    "a command as an instance": (b"(" + text("touch ran") + b"ios\nsystem\n.", "INST"),
    "eval": (b"\x80\x02cbuiltins\neval\n(" + text("1") + b"tR.", "asks for builtins eval"),
    "another storage": (tensors("torch\nHalfStorage"), "asks for torch HalfStorage"),
    "storage of an unknown module": (tensors("numpy\nFloatStorage"), "asks for numpy FloatStorage"),
    "a storage that is none": (tensors("collections\nOrderedDict"), "not a storage"),
    "another way to build": (tensors(build="torch._utils\n_rebuild_sparse"), "asks for torch._utils _rebuild_sparse"),
    "a new object": (b"\x80\x02ccollections\nOrderedDict\n)\x81.", "NEWOBJ"),
    "an extension": (b"\x80\x02\x82\x01.", "EXT1"),
    "called with arguments": (b"ccollections\nOrderedDict\n(" + text("a") + b"tR.", "calls something"),
    "a storage that is called": (b"\x80\x02ctorch\nFloatStorage\n)R.", "calls something"),
    "a changed name": (b"\x80\x02ctorch\nFloatStorage\n}b.", "changes an object"),
    "a text": (b"\x80\x02" + text("words") + b".", "more than tensors"),
    "more than tensors": (b"\x80\x02}" + text("w") + text("words") + b"s.", "more than tensors"),
    "numbers outside of the storage": (tensors(shape=(2, 4), strides=(4, 1)), "larger than its storage"),
    "strides that leave the storage": (tensors(strides=(6, 1)), "larger than its storage"),
    "numbers before the storage": (tensors(offset=-1), "impossible shape"),
    "strides backwards": (tensors(shape=(2, 2), strides=(-1, 1), offset=2), "impossible shape"),
    "one number without end": (tensors(shape=(2**30, 2**30), strides=(0, 0)), "larger than its storage"),
    "lengths that disagree": (tensors(length=7), "lengths disagree"),
    "no end": (tensors()[:-1], ""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_anything_else_is_refused_and_not_run(name: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    content, reason = HOSTILE[name]
    path.write_bytes(file_of(content))
    with pytest.raises(UserError, match="pretrained weights are damaged or not what was expected") as error:
        read_state(path)
    assert reason in error.value.problem
    assert os.listdir() == ["weights.pth"]


def test_the_hostile_file_would_have_run_elsewhere(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    pickle.loads(HOSTILE["a command"][0])
    assert os.listdir() == ["ran"]


def test_another_format_and_no_file_are_told(path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_state(path)
    path.write_bytes(file_of(tensors(), magic=1))
    with pytest.raises(UserError, match="another format"):
        read_state(path)


@given(place=st.integers(0, 400), content=st.binary(max_size=8), cut=st.integers(0, 400))
@settings(max_examples=300, deadline=None)
def test_a_damaged_file_gives_a_sentence_or_numbers_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, place: int, content: bytes, cut: int
) -> None:
    whole = file_of(tensors())
    damaged = (whole[:place] + content + whole[place + len(content) :])[: len(whole) - cut // 2]
    path = tmp_path_factory.getbasetemp() / "damaged.pth"
    path.write_bytes(damaged)
    try:
        state = read_state(path)
    except UserError:
        return
    assert all(array.dtype in (np.float32, np.int64) and array.size <= len(damaged) for array in state.values())
