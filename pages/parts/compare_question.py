"""Choose the question: what is varied, how often it is repeated, and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import streamlit as st

from core.errors import UserError
from core.evaluation.words import count, format_percent
from core.network.dense import dense_inputs
from core.spec import AnyConfig, Grid, ImageConfig, StudySpec
from core.study_axes import value_words
from core.study_draft import (
    AXIS_NAMES,
    Axis,
    StudyDraft,
    axes_of,
    ladder,
    load_study_draft,
    own_values,
    proposed,
    save_study_draft,
    study_spec,
    suitable_scores,
    with_values,
)
from core.study_plan import check_rows, create_study, expected_seconds
from pages.parts.form import draw
from pages.parts.header import network_words
from pages.parts.session import draft, engine, errors_shown, plain, remember_error, show_error, workspace
from pages.parts.tables import pictures_of, shape_of
from pages.parts.terms import help_with_terms


def question_page() -> None:
    """The form, or what must be chosen before."""
    config = draft()
    if config is None:
        _nothing_chosen()
        return
    try:
        shape = study_shape(config)
    except UserError as error:
        st.title("The data are not ready yet")
        show_error(error)
        st.page_link("data.py", label="Back to Data", icon=":material/table_chart:")
        return
    chosen = load_study_draft(workspace()) or proposed(config)
    st.title("Which regularization, and is the difference real?", help=help_with_terms("regularization"))
    st.write(
        f"Many networks that predict **{plain(config.data.target[:80])}** train at once, each a little differently, "
        "and several times each, so that chance can be told from a real difference."
    )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _axes(config, chosen)
    with right:
        _repeats(config, chosen)
        _before_starting(config, chosen, shape)


def study_shape(config: AnyConfig) -> tuple[int, int, int]:
    """Train and validation rows (or pictures), inputs of a dense network, classes; raises `UserError`."""
    if isinstance(config, ImageConfig):
        train, validation, _, classes = pictures_of(config)
        return train + validation, dense_inputs(config.network), classes
    found = shape_of(config.data)
    return found.train + found.validation, found.inputs, found.classes


def _nothing_chosen() -> None:
    st.title("Nothing to compare yet")
    st.write(
        "Here you see which regularization suits your data, and whether the difference is real. "
        "Choose a table or pictures first: your own, or one of the samples."
    )
    st.page_link("home.py", label="Choose data", icon=":material/upload_file:")


def _axes(config: AnyConfig, chosen: StudyDraft) -> None:
    with st.container(border=True):
        st.subheader("What is varied", anchor=False)
        _pick_axes(config, chosen)
        for axis in axes_of(config):
            if axis in chosen.axes:
                _values(config, chosen, axis)
        fixed = _fixed_words(config, chosen)
        st.caption(f"The same in all networks: {plain(fixed)}. These are the choices on Network.")


def _pick_axes(config: AnyConfig, chosen: StudyDraft) -> None:
    key, axes = "study_axes", axes_of(config)
    st.session_state[key] = [axis for axis in axes if axis in chosen.axes]
    st.pills(
        "Compare different values of",
        axes,
        selection_mode="multi",
        format_func=lambda axis: cast(str, Grid.model_fields[axis].title),
        key=key,
        on_change=_changes(lambda: chosen.change(axes=st.session_state[key])),
        help=help_with_terms(
            "setting",
            "What differs between the networks; every combination of the chosen values is one setting.",
            (cast(str, Grid.model_fields[axis].title) for axis in axes),
        ),
    )


def _values(config: AnyConfig, chosen: StudyDraft, axis: Axis) -> None:
    info, key = Grid.model_fields[axis], f"study_values_{axis}"
    own = own_values(config)[axis]
    st.session_state[key] = list(chosen.values.get(axis, ()))
    st.multiselect(
        str(info.title),
        sorted({*ladder(axis), *own, *chosen.values.get(axis, ())}),
        format_func=lambda value: value if isinstance(value, str) else value_words(axis, value),
        key=key,
        accept_new_options=True,
        placeholder="Choose or type a value",
        on_change=_changes(lambda: with_values(chosen, axis, _unnamed(st.session_state[key]))),
        help=help_with_terms(str(info.title), f"{info.description} Other values can be typed in."),
    )


def _repeats(config: AnyConfig, chosen: StudyDraft) -> None:
    with st.container(border=True):
        st.subheader("How often", anchor=False)
        folds, seeds = st.columns(2)
        with folds:
            _number(chosen, "folds")
        with seeds:
            _number(chosen, "seeds")
        scores = suitable_scores(config)
        key, info = "study_score", StudySpec.model_fields["score"]
        value = chosen.score if chosen.score in scores else ""
        st.session_state[key] = value
        options = cast(dict[str, Any], info.json_schema_extra)["options"]
        st.selectbox(
            str(info.title),
            scores,
            format_func=options.__getitem__,
            key=key,
            on_change=_changes(lambda: chosen.change(score=st.session_state[key])),
            help=info.description,
        )


def _number(chosen: StudyDraft, name: str) -> None:
    key = f"study_{name}"
    value = getattr(chosen, name)
    st.session_state[key] = value
    draw(StudySpec.model_fields[name], key, _changes(lambda: chosen.change(**{name: st.session_state[key]})), value)


def _before_starting(config: AnyConfig, chosen: StudyDraft, shape: tuple[int, int, int]) -> None:
    with st.container(border=True):
        try:
            spec = study_spec(config, chosen)
            check_rows(spec, shape[0])
        except UserError as error:
            show_error(error)
            return
        members = len(spec.members)
        st.subheader(f"{members:,} networks{_time_words(spec, shape)}", anchor=False)
        st.write(f"{_arithmetic(spec)}, each trained on its own.")
        if st.button(
            "Compare",
            type="primary",
            icon=":material/compare_arrows:",
            help="Trains all of them in the background; this page shows how it goes.",
        ):
            with errors_shown():
                _start(spec, shape)
        st.caption(_honesty(config, spec, shape[0]))


def _start(spec: StudySpec, shape: tuple[int, int, int]) -> None:
    with st.spinner("Handing it to the training engine…"):
        study = create_study(workspace(), spec, *shape)
        engine().submit_study(study)
    st.switch_page("compare.py", query_params={"study": study.id})


def _arithmetic(spec: StudySpec) -> str:
    parts = f" x {count(spec.folds, 'part')}" if spec.folds > 1 else ""
    return f"{count(spec.grid.size, 'setting')}{parts} x {count(spec.seeds, 'repeat')}"


def _time_words(spec: StudySpec, shape: tuple[int, int, int]) -> str:
    try:
        return f", {about(expected_seconds(spec, *shape))}"
    except UserError:
        return ""


def about(seconds: float) -> str:
    """A rough time in words."""
    if seconds < 90:
        number = max(1, round(seconds)) if seconds < 10 else 5 * round(seconds / 5)
        return f"about {count(number, 'second')}"
    if seconds < 5400:
        return f"about {count(round(seconds / 60), 'minute')}"
    return f"about {count(round(seconds / 3600), 'hour')}"


def _honesty(config: AnyConfig, spec: StudySpec, rows: int) -> str:
    what = "pictures" if isinstance(config, ImageConfig) else "rows"
    held = f"about {max(1, rows // spec.folds):,} of them" if spec.folds > 1 else "some of them"
    stopping = " Early stopping looks at others than those that score." if config.training.early_stopping else ""
    test = config.data.split.test
    sealed = f" The sealed test {what} ({format_percent(test)}) are not used." if test else ""
    return (
        f"Each network learns from the {rows:,} {what} for training and validation except {held}, and is scored on "
        f"those.{stopping}{sealed} All settings meet the same parts and the same chances, so they are compared in "
        "pairs."
    )


def _fixed_words(config: AnyConfig, chosen: StudyDraft) -> str:
    """What is not varied, in words."""
    words = [network_words(config).split(",")[0]] if not {"units", "depth", "width"} & set(chosen.axes) else []
    for axis in ("l1", "l2", "dropout"):
        if axis not in chosen.axes:
            value = own_values(config)[axis][0]
            words.append(f"{AXIS_NAMES[axis]} {value_words(axis, value)}")
    return ", ".join([*words, f"at most {count(config.training.epochs, 'epoch')}"])


def _unnamed(values: list[Any]) -> list[Any]:
    """Values that were typed as they are shown: none is 0."""
    return [0.0 if isinstance(value, str) and value.strip().lower() == "none" else value for value in values]


def _changes(changed: Callable[[], StudyDraft]) -> Callable[[], None]:
    """Keep what a widget was changed to; a wrong value is said on the page and changes nothing."""

    def keep_it() -> None:
        try:
            save_study_draft(workspace(), changed())
        except UserError as error:
            remember_error(error)

    return keep_it
