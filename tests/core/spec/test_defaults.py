"""What is not said is filled in with what could have been said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import ValidationError

import core.spec  # noqa: F401
from core.spec.base import Spec
from core.spec.run import Origin


def every(spec: type[Spec] = Spec) -> Iterator[type[Spec]]:
    for kind in spec.__subclasses__():
        yield kind
        yield from every(kind)


@pytest.mark.parametrize(
    "kind", sorted(set(every()), key=lambda kind: kind.__qualname__), ids=lambda kind: kind.__name__
)
def test_what_can_be_left_out_can_be_read_again(kind: type[Spec]) -> None:
    try:
        left_out = kind()
    except ValidationError:
        return
    assert kind.model_validate_json(left_out.model_dump_json()) == left_out


def test_origin_without_its_study_is_refused() -> None:
    with pytest.raises(ValidationError):
        Origin.model_validate({"setting": 1})
