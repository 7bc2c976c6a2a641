"""How well the network stands changed pictures: turned, mirrored, darker, covered, noisy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import UserError
from core.evaluation.words import count, format_percent, shorten
from core.runs import Run, all_runs
from core.spec import ImageConfig
from core.spec.augmentation import Augmentation
from core.training.image_changes import CHANGES, Change, changed
from core.training.image_robustness import breaks_at
from pages.parts.charts_robustness import Line, robustness_lines
from pages.parts.image_results_ask import robustness_now
from pages.parts.image_results_drawing import enlarged
from pages.parts.image_results_pictures import network_pixels
from pages.parts.results_draw import draw
from pages.parts.results_facts import run_label
from pages.parts.results_opened import Opened
from pages.parts.session import errors_shown, plain, read_only, workspace
from pages.parts.terms import help_with_terms

SAMPLE = 68
# Of mirroring: up to this strength only left and right are swapped.
ONE_WAY = 0.5
BY_KEY = {change.key: change for change in CHANGES}


def robustness(shown: Opened) -> None:
    """What was found, or what it is and the button that works it out."""
    found = shown.run.robustness()
    if found is None:
        _not_yet(shown)
        return
    config = shown.run.image_config
    augmentation = Augmentation() if config.network.frozen else config.augmentation
    st.markdown(f"**{plain(sentence(found, augmentation))}**")
    of = f" (of {found['of']:,}, drawn by chance)" if found.get("of", 0) > found["images"] else ""
    st.caption(
        f"Share of right answers on {count(found['images'], 'validation picture')}{of}, as they are and changed, with "
        "95 % intervals. All chance is seeded, so the same run gives the same lines.",
        help=help_with_terms("robustness, validation, interval, seed"),
    )
    other = _beside(shown)
    for row in (found["changes"][start : start + 2] for start in range(0, len(found["changes"]), 2)):
        for column, told in zip(st.columns(2, gap="medium"), row, strict=False):
            with column:
                _one(shown, found, told, other, augmentation)


def sentence(found: Mapping[str, Any], augmentation: Augmentation) -> str:
    """Where it breaks first, and what augmentation had to do with it."""
    broken = []
    for told in found["changes"]:
        place = breaks_at(told["levels"])
        if place is not None and told["key"] in BY_KEY:
            broken.append((place, -told["levels"][place]["loss"]["value"], told))
    if not broken:
        return "It stands all these changes: nothing costs it surely more than 5 percentage points."
    place, _, worst = min(broken, key=lambda each: each[:2])
    change, level = BY_KEY[worst["key"]], worst["levels"][place]
    before, after = format_percent(found["untouched"]["value"]), format_percent(level["value"])
    others = [BY_KEY[each["key"]].title.lower() for _, _, each in broken if each is not worst]
    more = f" It also suffers where pictures are {_listed(others)}." if others else ""
    held = [BY_KEY[each["key"]].title.lower() for each in found["changes"]
            if each["key"] in BY_KEY and each not in [told for _, _, told in broken]]  # fmt: skip
    more += f" It is hardly hurt where they are {_listed(held)}." if held else ""
    return (
        f"It breaks first where pictures are {change.title.lower()} ({level['words']}): {before} right fall to {after}."
        f" {augmented(change, augmentation)}{more}"
    )


def augmented(change: Change, augmentation: Augmentation) -> str:
    """Whether training varied pictures in this way."""
    strength = getattr(augmentation, change.augmentation)
    title = str(Augmentation.model_fields[change.augmentation].title)
    if strength:
        title += " left and right" * (change.key == "mirror" and strength <= ONE_WAY)
        return f"Training varied pictures in this way (augmentation, {title.lower()} {strength:g})."
    return f"Training never did that: augmentation had {title.lower()} at 0."


def _not_yet(shown: Opened) -> None:
    st.write(
        "Pictures of real life are turned, darker, half covered or noisy. This tries the network on validation "
        "pictures that are changed so, stronger and stronger, and shows what augmentation is worth."
    )
    if read_only():
        st.info("This was not tried before it was shared.", icon=":material/info:")
        return
    slow = " It has a pretrained network inside, so this can take a few minutes." * _slow(shown)
    if st.button("Try it on changed pictures", type="primary", icon=":material/blur_on:",
                 help=f"About twenty times the validation pictures, at most 500 of them.{slow}"):  # fmt: skip
        with errors_shown():
            with st.spinner(f"Trying the network on changed pictures…{slow}"):
                robustness_now(shown.run)
            st.rerun()


def _slow(shown: Opened) -> bool:
    return shown.run.image_config.network.backbone != "none"


def _one(
    shown: Opened, found: Mapping[str, Any], told: Mapping[str, Any], other: Run | None, augmentation: Augmentation
) -> None:
    change = BY_KEY.get(told["key"])
    if change is None:
        return
    lines = [Line("This run", found["untouched"], told["levels"])]
    beside = other.robustness() if other is not None else None
    if other is not None and beside is not None:
        same = [each for each in beside["changes"] if each["key"] == told["key"]]
        if same and len(same[0]["levels"]) == len(told["levels"]):
            lines.append(Line(_name(other), beside["untouched"], same[0]["levels"]))
    draw(robustness_lines(change.title, lines), f"robust:{shown.run.id}:{change.key}")
    st.caption(plain(augmented(change, augmentation)))
    _samples(shown, change)


def _samples(shown: Opened, change: Change) -> None:
    """One validation picture at each strength."""
    try:
        pixels = network_pixels(shown, int(shown.rows["row"].iloc[0]) - 1)
    except UserError:
        return
    made = [enlarged(changed(change, level, pixels[None])[0], SAMPLE) for level in change.levels]
    words = [level.words for level in change.levels]
    st.image(list(made), caption=words, alt=[f"{change.title}, {word}" for word in words], width=SAMPLE)


def _beside(shown: Opened) -> Run | None:
    """Another run on the same zip that was tried in the same way, if the person wants one."""
    own = shown.config.data.source.fingerprint
    runs = {
        run.id: run
        for run in all_runs(workspace())
        if run.id != shown.run.id
        and isinstance(run.config, ImageConfig)
        and run.config.data.source.fingerprint == own
        and (run.folder / "robustness.json").is_file()
    }
    if not runs:
        return None
    chosen = st.selectbox(
        "Beside it",
        list(runs),
        index=None,
        format_func=lambda run: run_label(runs[run]),
        key=f"beside:{shown.run.id}",
        persist_state="session",
        placeholder="Another run on these pictures",
        help="Draws a second line, such as the same network with other augmentation.",
    )
    return runs.get(chosen) if chosen else None


def _name(run: Run) -> str:
    config = run.image_config
    return f"{shorten(run.name, 20)}, augmentation {config.augmentation.words or 'off'}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
