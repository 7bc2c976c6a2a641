"""Changes to the draft's data: asked for by a widget, done when the page is drawn next, undone by one click.

A widget's callback must be quick; reading a file again is not. So a callback only notes what is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.data.load import load_joined
from core.data.propose import propose
from core.data.propose_join import propose_join
from core.data.table import Table
from core.draft import set_values
from core.errors import UserError
from core.proposal import propose_source, turned_to_fit
from core.spec import LOSSES, AnyConfig, DataSpec, ImageConfig, Join, RunConfig, TableSource
from pages.parts.data_state import one_table, proposed_run, whole_table
from pages.parts.intake import Step, progress_words
from pages.parts.session import draft, keep, show_error, workspace

Change = Callable[[RunConfig, Step], RunConfig]


def want(change: Callable[[Any, Step], AnyConfig], done: str = "", place: str = "") -> None:
    """Note a change for the next drawing of the page.

    Args:
        change: From the present draft to the next.
        done: What can be undone afterwards, in words.
        place: The section that says what went wrong, if something does; empty: the top of the page.
    """
    st.session_state["data:wanted"] = (change, done, place)


def fulfil() -> None:
    """Do what is wanted; where that fails, say why and keep the draft."""
    wanted, config = st.session_state.pop("data:wanted", None), draft()
    if wanted is None or config is None:
        return
    change, done, place = wanted
    words = "Looking at the pictures…" if isinstance(config, ImageConfig) else "Looking at the columns…"
    step, clear = progress_words(last_words=words)
    try:
        with st.spinner(words):
            changed = keep(change(config, step))
    except UserError as error:
        if place:
            st.session_state[f"data:problem:{place}"] = error
        else:
            show_error(error)
        return
    finally:
        clear()
    st.session_state["data:undo"] = (done, config, changed) if done else None
    st.rerun()


def show_problem(place: str) -> None:
    """Say what went wrong with what was wanted in a section, once."""
    error = st.session_state.pop(f"data:problem:{place}", None)
    if error is not None:
        show_error(error)


def undo_offer(config: AnyConfig) -> None:
    """A line with a way back, as long as nothing else was changed since."""
    offer = st.session_state.get("data:undo")
    if not offer or offer[2] != config:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="data_undo"):
        st.caption(f":material/check: Done: {offer[0]}.", width="content")
        st.button("Undo", type="tertiary", icon=":material/undo:", on_click=_undo, args=offer[1:2], key="data:undo_it")


def _undo(config: AnyConfig) -> None:
    keep(config)


def set_data(**values: Any) -> Change:
    """Other values for fields of the data."""
    return lambda config, _: follow(config, config.data.change(**values))


def set_target(name: str) -> Change:
    """Learn another column; what goes with it is proposed anew, the split stays."""

    def change(config: RunConfig, _: Step) -> RunConfig:
        data = propose(whole_table(config.data), config.data.source, config.data.join, name)
        return follow(config, data.change(split=config.data.split.model_dump()))

    return change


def set_remedy(changes: dict[str, Any]) -> Change:
    """What a finding proposes: fields of the data, and settings by their path."""

    def change(config: RunConfig, _: Step) -> RunConfig:
        own = {name: value for name, value in changes.items() if "." not in name}
        if own:
            config = follow(config, config.data.change(**own))
        return set_values(config, {path: value for path, value in changes.items() if "." in path})

    return change


def read_again(second: bool, **format: Any) -> Change:
    """Read the first or the second file another way; the rest is proposed anew."""

    def change(config: RunConfig, step: Step) -> RunConfig:
        source = _source(config.data, second)
        changed = source.change(format=source.format.change(**format).model_dump())
        return _with_source(config, changed, second, step)

    return change


def read_as_detected(second: bool) -> Change:
    """Forget what was said about the reading of a file."""

    def change(config: RunConfig, step: Step) -> RunConfig:
        source = _source(config.data, second)
        found, _ = propose_source(workspace(), source.fingerprint, source.name, progress=step)
        return _with_source(config, found, second, step)

    return change


def join_with(fingerprint: str, name: str) -> Change:
    """Put another file's columns beside those of the first; the wider table stands first."""

    def change(config: RunConfig, step: Step) -> RunConfig:
        before, alone = config.data.source, one_table(config.data.source)
        target = config.data.target if config.data.target != propose(alone, before).target else None
        added = propose_source(workspace(), fingerprint, name, progress=step)
        pair = turned_to_fit(workspace(), (before, alone), added, step)
        (source, left), (other, right) = sorted(pair, key=lambda read: -len(read[1].names))
        return _fresh(config, source, Join(source=other, on=propose_join(left, right)), target, step)

    return change


def join_by(on: str | None) -> Change:
    """Match the rows of the two tables by another column, or by their order."""

    def change(config: RunConfig, step: Step) -> RunConfig:
        joined = config.data.join and config.data.join.change(on=on)
        return _fresh(config, config.data.source, joined, config.data.target, step)

    return change


def join_nothing() -> Change:
    """Go on with the first table alone."""
    return lambda config, step: _fresh(config, config.data.source, None, config.data.target, step)


def follow(config: RunConfig, data: DataSpec) -> RunConfig:
    """The run on other data: a proposed network follows, one that a person has changed stays as it is."""
    if _is_as_proposed(config):
        return proposed_run(data).change(name=config.name)
    training = config.training
    if training.loss not in LOSSES[data.task]:
        training = training.change(loss=LOSSES[data.task][0])
    return RunConfig.parse({**config.model_dump(), "data": data.model_dump(), "training": training.model_dump()})


def _is_as_proposed(config: RunConfig) -> bool:
    try:
        before = proposed_run(config.data)
    except UserError:  # a file is gone, and the person is about to use another
        return False
    return (config.network, config.training) == (before.network, before.training)


def _source(data: DataSpec, second: bool) -> TableSource:
    return data.join.source if second and data.join else data.source


def _with_source(config: RunConfig, source: TableSource, second: bool, step: Step) -> RunConfig:
    joined = config.data.join
    if joined is None:
        return _fresh(config, source, None, config.data.target, step)
    left, right = (config.data.source, source) if second else (source, joined.source)
    on = joined.on
    if on is not None and on not in one_table(left).names:
        on = propose_join(one_table(left), one_table(right))
    return _fresh(config, left, Join(source=right, on=on), config.data.target, step)


def _fresh(config: RunConfig, source: TableSource, joined: Join | None, target: str | None, step: Step) -> RunConfig:
    """Everything proposed for a table that was not there before, but for a target that is still there."""
    table: Table = load_joined(workspace(), DataSpec(source=source, join=joined), step)
    kept = target if target in table.names else None
    data = propose(table, source, joined, kept)
    return follow(config, data.change(split=config.data.split.model_dump()))
