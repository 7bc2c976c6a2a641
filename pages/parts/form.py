"""Widgets from spec fields: label, help, bounds and options are those that the field declares."""

from __future__ import annotations

from copy import copy
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from core.draft import get_value
from core.evaluation.nouns import in_words
from core.spec import AnyConfig, ImageConfig, RunConfig
from pages.parts.session import change
from pages.parts.terms import help_with_terms

MANY_OPTIONS = 4


def field(config: AnyConfig, path: str, *, key: str = "", only: list[str] | None = None) -> None:
    """Draw the widget of the field at ``path`` (such as ``training.epochs``); a change is saved to the draft.

    Args:
        config: The draft.
        path: Which field.
        key: Key of the widget, if the path will not do.
        only: The options that make sense here, if not all of the field's do.
    """
    info = field_info(path, type(config))
    value = get_value(config, path)
    key = key or f"field:{path}"
    st.session_state[key] = value
    draw(info, key, lambda: change({path: st.session_state[key]}), value, only)


def draw(info: FieldInfo, key: str, on_change: Any, value: Any, only: list[str] | None = None) -> None:
    """The widget that suits the type of a field; its value is ``st.session_state[key]``."""
    extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    label = f"{info.title} ({extra['unit']})" if extra.get("unit") else str(info.title)
    words = extra.get("options") or {}
    options = only or list(get_args(info.annotation)) if get_origin(info.annotation) is Literal else []
    told = help_with_terms(label, info.description or "", (words.get(option, option) for option in options))
    common = {"label": label, "help": told, "key": key, "on_change": on_change}
    if info.annotation is bool:
        st.toggle(**common)
    elif options:
        _options(common, options, words)
    elif extra.get("ladder"):
        ladder = sorted({*extra["ladder"], value})
        st.select_slider(options=ladder, format_func=rate_text, **common)
    elif info.annotation is str:
        st.text_input(**common)
    else:
        _number(common, info, extra.get("step"))


def all_settings() -> bool:
    """Whether the person wants to see every field."""
    return bool(st.session_state.get("all_settings", False))


def fields(config: AnyConfig, paths: list[str]) -> None:
    """Draw several fields; those of the second depth only under "All settings"."""
    for path in paths:
        extra = field_info(path, type(config)).json_schema_extra
        if all_settings() or not isinstance(extra, dict) or extra.get("depth") == "simple":
            field(config, path)


def field_info(path: str, config: type[AnyConfig] = RunConfig) -> FieldInfo:
    """The declaration of the field at ``path``, of a run on a table unless told otherwise, in words that suit it."""
    model: Any = config
    *parents, last = path.split(".")
    for part in parents:
        model = model.model_fields[part].annotation
    info = model.model_fields[last]
    return _of_pictures(info) if config is ImageConfig else info


def _of_pictures(info: FieldInfo) -> FieldInfo:
    extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    info = copy(info)
    info.description = in_words("picture", info.description or "")
    info.json_schema_extra = {**extra, "unit": in_words("picture", extra.get("unit") or "")}
    return info


def rate_text(rate: float) -> str:
    """A rate as people read it: 0.001, 0.00003."""
    return f"{rate:.10f}".rstrip("0").rstrip(".") or "0"


def _options(common: dict[str, Any], options: list[str], words: dict[str, str]) -> None:
    def show(option: str) -> str:
        return words.get(option, option)

    if len(options) <= MANY_OPTIONS:
        st.segmented_control(options=options, format_func=show, required=True, **common)
    else:
        st.selectbox(options=options, format_func=show, **common)


def _number(common: dict[str, Any], info: FieldInfo, step: float | None) -> None:
    bounds = {type(item).__name__: item for item in info.metadata}
    whole = info.annotation is int
    low = getattr(bounds.get("Ge"), "ge", None)
    high = getattr(bounds.get("Le"), "le", None)
    if not whole and step and low is not None and high is not None:
        st.slider(min_value=float(low), max_value=float(high), step=step, **common)
        return
    low = getattr(bounds.get("Gt"), "gt", low)
    high = getattr(bounds.get("Lt"), "lt", high)
    kind: Any = int if whole else float
    st.number_input(
        min_value=None if low is None else kind(low),
        max_value=None if high is None else kind(high),
        step=kind(step) if step else (1 if whole else None),
        format=None if whole else "%g",
        **common,
    )
