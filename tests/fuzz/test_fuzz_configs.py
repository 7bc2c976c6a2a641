"""Whatever stands in a configuration, a study or a draft: it is understood, or the mistake is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.draft import load_draft
from core.errors import UserError
from core.spec import ImageConfig, RunConfig, StudySpec, parse_config
from core.study_draft import load_study_draft
from tests.fuzz.snapshot import fenced

LONGEST = 3_000
FINGERPRINT = "0" * 64
RUN = RunConfig.parse({"data": {"source": {"fingerprint": FINGERPRINT, "name": "a.csv"}, "target": "y"}})
IMAGES = ImageConfig.parse({"data": {"source": {"fingerprint": FINGERPRINT, "name": "a.zip"}}})
STUDY = StudySpec.parse({"run": RUN.model_dump(), "grid": {"l2": [0.0, 0.01], "dropout": [0.0, 0.5]}})
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
    st.sampled_from([2**63, -(2**63) - 1, 10**400, "1e999", "NaN", "\ud800", "../../etc", "\0", "=1+1", "<b>"]),
)  # fmt: skip
ANYTHING = st.recursive(
    ODD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def places(value: Any, before: tuple = ()) -> list[tuple]:
    """The way to every value inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before, *(place for key, each in inner for place in places(each, (*before, key)))]


def spoiled(value: Any, place: tuple, new: Any) -> Any:
    """A copy with another value at one place."""
    if not place:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = spoiled(value[place[0]], place[1:], new)
    return copy


@st.composite
def hostile(draw: Callable, whole: Any) -> bytes:
    """JSON of a configuration with one to three values exchanged, cut off, or followed by something."""
    value = json.loads(whole.model_dump_json())
    for _ in range(draw(st.integers(1, 3))):
        value = spoiled(value, draw(st.sampled_from(places(value))), draw(ANYTHING))
    text = json.dumps(value).encode()
    return draw(
        st.sampled_from([text, text[: len(text) // 2], text + b"}", b"\xff" + text, text.decode().encode("utf-16")])
    )


def check(read: Callable[[bytes], Any], content: bytes) -> None:
    try:
        found = read(content)
    except UserError as error:
        assert error.problem and error.remedy and len(str(error)) < LONGEST
        str(error).encode()
    else:
        assert read(found.model_dump_json().encode()) == found


@settings(max_examples=300, deadline=None)
@given(hostile(RUN) | hostile(IMAGES) | st.binary(max_size=50) | ANYTHING.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 100_000)
@example(b'{"data":' * 5_000)
def test_configuration_is_understood_or_its_mistake_is_named(content: bytes) -> None:
    check(parse_config, content)


@settings(max_examples=200, deadline=None)
@given(hostile(STUDY) | st.binary(max_size=50) | ANYTHING.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 100_000)
def test_study_is_understood_or_its_mistake_is_named(content: bytes) -> None:
    check(StudySpec.parse_json, content)


@settings(max_examples=100, deadline=None)
@given(hostile(RUN) | hostile(STUDY) | st.binary(max_size=50))
def test_draft_on_disk_is_understood_or_counts_as_none(content: bytes) -> None:
    with fenced() as workspace:
        workspace.draft.write_bytes(content)
        workspace.draft.with_name("study_draft.json").write_bytes(content)
        assert load_draft(workspace) is None or isinstance(load_draft(workspace), RunConfig)
        load_study_draft(workspace)
