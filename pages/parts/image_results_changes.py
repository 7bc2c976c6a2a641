"""Corrections of pictures that Results leads to: other classes, left out; kept in the draft until a run learns them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core.data.images.dataset import build_image_dataset
from core.data.images.view import labelled
from core.errors import UserError
from core.evaluation.words import count, shorten
from core.image_proposal import follow_images
from core.spec import LOSSES, ImageConfig, ImageData
from pages.parts.image_results_pictures import Tile, picture_set
from pages.parts.launch import train_now
from pages.parts.results_opened import Opened, class_labels
from pages.parts.session import draft, errors_shown, keep, plain, read_only, remember_error

MOST_LINES = 20


@dataclass(frozen=True)
class Pending:
    """What the draft says otherwise than the run that is shown.

    Attributes:
        relabelled: The new class of pictures, by id; None for the one that their folder gives.
        left_out: Pictures that newly take no part (True) or take part again (False), by id.
    """

    relabelled: Mapping[str, str | None]
    left_out: Mapping[str, bool]

    def __len__(self) -> int:
        return len({*self.relabelled, *self.left_out})


def pending(shown: Opened) -> Pending:
    """The changes that wait; none while the draft is on other data."""
    own, now = shown.run.image_config.data, _base(shown).data
    classes, new_classes = dict(own.relabelled), dict(now.relabelled)
    out, new_out = set(own.left_out), set(now.left_out)
    differing = [id for id in {**classes, **new_classes} if classes.get(id) != new_classes.get(id)]
    return Pending({id: new_classes.get(id) for id in differing}, {id: id in new_out for id in sorted(out ^ new_out)})


def actions(shown: Opened, tile: Tile, waiting: Pending, scope: str) -> None:
    """What can be done with one picture: another class, leaving it out; says what waits; nothing in what was shared."""
    if read_only():
        return
    if waiting.left_out.get(tile.id):
        st.caption(":material/block: left out next time")
    elif tile.id in waiting.relabelled:
        name = waiting.relabelled[tile.id] or picture_set(shown).images[tile.index].class_name
        st.caption(f":material/edit: {plain(shorten(name, 24))} next time")
    with st.popover("Correct", icon=":material/edit:", key=f"correct:{scope}:{tile.id}",
                    help="Give this picture another class, or leave it out."):  # fmt: skip
        _choices(shown, tile, waiting, scope)


def _choices(shown: Opened, tile: Tile, waiting: Pending, scope: str) -> None:
    st.caption(plain(shorten(picture_set(shown).images[tile.index].path, 60)))
    if other := _other_data(shown):
        st.caption(f":material/info: {other}")
    key, names = f"class:{scope}:{tile.id}", class_labels(shown)
    now = _class_now(shown, tile)
    st.session_state[key] = shown.class_names.index(now) if now in shown.class_names else None
    st.selectbox(
        "It really is",
        range(len(names)),
        format_func=names.__getitem__,
        key=key,
        on_change=lambda: _correct(shown, tile, st.session_state[key]),
        help="The class that the next run learns for this picture.",
    )
    out = tile.id in _base(shown).data.left_out
    st.button(
        "Take it in again" if out else "Leave it out",
        icon=":material/undo:" if out else ":material/block:",
        key=f"out:{scope}:{tile.id}",
        on_click=_leave_out,
        args=(shown, tile, not out),
        help="Whether the next run learns from this picture. The file itself stays.",
    )


def pending_card(shown: Opened) -> None:
    """How many changes wait, each with an undo, and the button that trains with them."""
    waiting = pending(shown)
    if not len(waiting):
        return
    with st.container(border=True, key="pending_changes"):
        st.markdown(f"**{count(len(waiting), 'picture')} changed, not learned yet.** {_kinds(waiting)}")
        with st.container(horizontal=True):
            if st.button("Train again with these changes", type="primary", icon=":material/model_training:",
                         help="A new run that differs from this one in these pictures alone."):  # fmt: skip
                with errors_shown():
                    train_now(next_run(shown))
            st.button("Undo all", icon=":material/undo:", on_click=_undo, args=(shown, None),
                      help="Puts all pictures back to how this run had them.")  # fmt: skip
        st.caption(
            "The new run shows what changed, on validation pictures that both have. Correct what is wrong in the "
            "label, not what is merely hard: leaving out hard pictures makes the score better and the network no wiser."
        )
        with st.expander("Which pictures"):
            _list(shown, waiting)


def next_run(shown: Opened) -> ImageConfig:
    """This run once more, with the changes that wait.

    Raises:
        UserError: Nothing can be learned that way.
    """
    config, now = shown.run.image_config.plain, _base(shown).data
    data = _with_task(shown, config.data.change(left_out=now.left_out, relabelled=now.relabelled))
    build_image_dataset(picture_set(shown), data)
    return _on(config, data)


def _on(config: ImageConfig, data: ImageData) -> ImageConfig:
    loss = config.training.loss if config.training.loss in LOSSES[data.task] else LOSSES[data.task][0]
    training = config.training.change(loss=loss)
    return config.parse({**config.model_dump(), "data": data.model_dump(), "training": training.model_dump()})


def _base(shown: Opened) -> ImageConfig:
    """The draft, or this run's choices while the draft is on other data."""
    current, own = draft(), shown.run.image_config
    if isinstance(current, ImageConfig) and current.data.source.fingerprint == own.data.source.fingerprint:
        return current
    return own.plain


def _other_data(shown: Opened) -> str:
    current, own = draft(), shown.run.image_config
    if current is None or current.data.source.fingerprint == own.data.source.fingerprint:
        return ""
    name = plain(shorten(current.data.source.name, 40))
    return f"Data now holds {name}. A change here puts this run's pictures and settings there instead."


def _class_now(shown: Opened, tile: Tile) -> str:
    return dict(_base(shown).data.relabelled).get(tile.id, picture_set(shown).images[tile.index].class_name)


def _correct(shown: Opened, tile: Tile, number: int | None) -> None:
    if number is None:
        return
    relabelled = dict(_base(shown).data.relabelled)
    relabelled.pop(tile.id, None)
    if shown.class_names[number] != picture_set(shown).images[tile.index].class_name:
        relabelled[tile.id] = shown.class_names[number]
    _save(shown, relabelled=tuple(relabelled.items()))


def _leave_out(shown: Opened, tile: Tile, out: bool) -> None:
    others = tuple(id for id in _base(shown).data.left_out if id != tile.id)
    _save(shown, left_out=(*others, tile.id) if out else others)


def _undo(shown: Opened, only: str | None) -> None:
    """Back to how the run had it: one picture, or all."""
    own, now = shown.run.image_config.data, _base(shown).data
    if only is None:
        _save(shown, left_out=own.left_out, relabelled=own.relabelled)
        return
    left_out = {id for id in now.left_out if id != only} | ({only} & set(own.left_out))
    classes = {id: name for id, name in now.relabelled if id != only}
    classes |= {id: name for id, name in own.relabelled if id == only}
    _save(shown, left_out=tuple(sorted(left_out)), relabelled=tuple(classes.items()))


def _save(shown: Opened, **changes: Any) -> None:
    try:
        base = _base(shown)
        data = _with_task(shown, base.data.change(**changes))
        keep(follow_images(base, data, picture_set(shown)))
    except UserError as error:
        remember_error(error)


def _with_task(shown: Opened, data: ImageData) -> ImageData:
    classes = len(np.unique(labelled(picture_set(shown), data).names.astype(str)))
    return data.change(task="binary" if classes == 2 else "multiclass")


def _kinds(waiting: Pending) -> str:
    out = sum(waiting.left_out.values())
    parts = {"another class": len(waiting.relabelled), "left out": out, "taken in again": len(waiting.left_out) - out}
    return ", ".join(f"{number:,} {words}" for words, number in parts.items() if number) + "."


def _list(shown: Opened, waiting: Pending) -> None:
    image_set = picture_set(shown)
    ids = [id for id in {**waiting.relabelled, **waiting.left_out} if id in image_set.index]
    for id in ids[:MOST_LINES]:
        info = image_set.images[image_set.index[id]]
        told = "left out" if waiting.left_out.get(id) else "taken in again"
        if id in waiting.relabelled and id not in waiting.left_out:
            told = f"now {shorten(waiting.relabelled[id] or info.class_name, 30)}"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Undo", key=f"undo:{id}", on_click=_undo, args=(shown, id), help="Back to how this run had it.")
            st.markdown(plain(f"{shorten(info.path, 60)}: {told}"), width="stretch")
    if len(ids) > MOST_LINES:
        st.caption(f"And {len(ids) - MOST_LINES:,} more.")
