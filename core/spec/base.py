"""What every spec shares: frozen, closed to unknown fields, with readable errors."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from core.errors import UserError

Depth = Literal["simple", "all"]


class Spec(BaseModel):
    """A frozen set of choices. Each field carries its bounds, default, label, help and unit."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def parse(cls, values: Any) -> Self:
        """Validate ``values`` (a dict); raises `UserError` that names every wrong field."""
        return readable(cls.model_validate, values)

    @classmethod
    def parse_json(cls, text: str | bytes) -> Self:
        """Validate a JSON text; raises `UserError` that names every wrong field."""
        return readable(cls.model_validate_json, text)

    def change(self, **values: Any) -> Self:
        """A validated copy with some fields replaced; raises `UserError`."""
        return self.parse({**self.model_dump(), **values})


def choice(
    default: Any,
    label: str,
    help: str,
    *,
    unit: str = "",
    step: float | None = None,
    depth: Depth = "simple",
    options: dict[str, str] | None = None,
    ladder: tuple[float, ...] = (),
    **bounds: Any,
) -> Any:
    """One thing a person can choose.

    Args:
        default: The value when nothing is chosen.
        label: Words beside the widget.
        help: One sentence in plain words.
        unit: Unit shown with the value, if any.
        step: Step of a number widget.
        depth: ``"simple"`` is always shown, ``"all"`` only under "All settings".
        options: Plain words for the values of a `Literal` field.
        ladder: Sensible values to offer, smallest first, where steps should be multiplications.
        bounds: ``ge``, ``le``, ``gt``, ``lt``, ``max_length``… as pydantic takes them.
    """
    extra: dict[str, Any] = {"unit": unit, "step": step, "depth": depth, "options": options or {}, "ladder": ladder}
    return Field(default, title=label, description=help, json_schema_extra=extra, **bounds)


def plain_number(value: float) -> str:
    """A rate as people write it: 0.00001, not 1e-05."""
    return format(Decimal(f"{value:g}"), "f")


def readable(validate: Any, values: Any) -> Any:
    try:
        return validate(values)
    except ValidationError as error:
        parts = [_sentence(detail) for detail in error.errors()[:5]]
        raise UserError(" ".join(parts), "Correct the value and try again.") from None


def _sentence(detail: ErrorDetails) -> str:
    place = ".".join(str(part) for part in detail["loc"]) or "settings"
    received = repr(detail["input"])
    if len(received) > 80:
        received = received[:77] + "..."
    if detail["type"] == "extra_forbidden":
        return f"{place}: there is no such setting."
    if detail["type"] == "value_error":
        reason = str(detail["ctx"]["error"])
        return f"{reason[0].upper()}{reason[1:]}."
    return f"{place}: {detail['msg'][0].lower()}{detail['msg'][1:]}. Received: {received}."
