"""What corrected pictures have changed: this run beside the one that it was made from."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.errors import UserError
from core.evaluation.registry import METRICS
from core.evaluation.words import count, format_difference, format_interval, shorten
from core.run_changed import Changed, run_before, what_changed
from core.runs import Run, all_runs
from core.study_opened import PERCENT
from pages.parts.image_results_pictures import Tile, draw_tiles, picture_set
from pages.parts.results_opened import Opened
from pages.parts.session import plain, show_error, workspace

RESULTS = {
    "better": "It is better than the run before",
    "worse": "It is worse than the run before",
    "tied": "It cannot be told apart from the run before",
}
FEW = 30


def changed_since(shown: Opened) -> None:
    """A card where the run differs from an earlier one in corrected or left-out pictures alone; else nothing."""
    if shown.noun != "picture":
        return
    ids = tuple(each for each in workspace().runs() if each < shown.run.id)
    found = _before(str(workspace().root), shown.run.id, ids, _run=shown.run)
    if found is None:
        return
    before = Run(workspace(), found)
    told = _changed(str(workspace().root), found, shown.run.id, _before=before, _after=shown.run)
    with st.container(border=True, key="what_changed"):
        st.subheader("What your corrections have changed", anchor=False)
        st.markdown(plain(verdict(told)))
        if told.before and told.after:
            st.dataframe(scores_table(told), hide_index=True, alt="Scores of both runs on the pictures they share")
        st.caption(honest(told))
        _links(before, shown)
        if len(told.answers):
            st.fragment(_answers)(shown, told)


def verdict(told: Changed) -> str:
    """What was done, and what came of it."""
    done = {"with another class": told.relabelled, "left out": told.left_out, "taken in again": told.taken_in}
    made = " and ".join(f"{count(number, 'picture')} {words}" for words, number in done.items() if number)
    if told.result is None:
        return f"Against the run before: {made}. Their scores cannot be compared, as their classes or pictures differ."
    answers = f"{count(len(told.answers), 'answer') if len(told.answers) else 'no answer'} of {told.shared:,} changed"
    return f"{RESULTS[told.result]}, with {made}: {answers}."


def scores_table(told: Changed) -> pd.DataFrame:
    """Both runs by the main score, and the difference."""
    percent = told.metric in PERCENT
    rows = [
        (name, format_interval(found["value"], found["low"], found["high"], percent=percent) if found else "")
        for name, found in (("The run before", told.before), ("This run", told.after))
    ]
    if gap := told.difference:
        rows.append(("Difference", format_difference(gap["value"], gap["low"], gap["high"], percent)))
    label = METRICS[told.metric].label
    return pd.DataFrame(rows, columns=["", label[:1].upper() + label[1:]])


def honest(told: Changed) -> str:
    """On what the two were held against each other, and how far that goes."""
    words = (
        f"Both are judged on the {count(told.shared, 'validation picture')} that both have and neither has learned "
        "from, by the classes as they are now, picture by picture (95 % interval)."
    )
    if told.relabelled:
        words += " Where corrected pictures are among them, both gain by that, if only mistakes were looked at."
    if told.shared < FEW:
        words += " That is very few: only a large difference could show."
    return words


def _links(before: Run, shown: Opened) -> None:
    with st.container(horizontal=True):
        st.button("Open the run before", icon=":material/history:", help="Shows the results of that run.",
                  on_click=lambda: st.query_params.update(run=before.id))  # fmt: skip
        st.page_link("compare.py", label="Compare all choices of both", icon=":material/compare_arrows:",
                     query_params={"runs": f"{before.id},{shown.run.id}"})  # fmt: skip


def _answers(shown: Opened, told: Changed) -> None:
    """The pictures whose answer changed, the newly right ones first."""
    right = int((told.answers["after"] == told.answers["y_true"]).sum())
    wrong = int((told.answers["before"] == told.answers["y_true"]).sum())
    with st.expander(f"Answers that changed: {right:,} now right, {wrong:,} now wrong", icon=":material/swap_horiz:"):
        try:
            image_set = picture_set(shown)
        except UserError as error:
            show_error(error)
            return
        draw_tiles(image_set, range(len(told.answers)), lambda place: tile(shown, told, place),
                   f"changed:{shown.run.id}", lambda each: None)  # fmt: skip


def tile(shown: Opened, told: Changed, place: int) -> Tile:
    """A picture with the answer before and now."""
    row = told.answers.iloc[place]
    names = [shorten(name, 24) for name in shown.class_names] + ["a class that is gone"]
    truth, before, after = (names[int(row[name])] for name in ("y_true", "before", "after"))
    mark = "now right" if row["after"] == row["y_true"] else "now wrong" if row["before"] == row["y_true"] else ""
    lines = (f"Before {before}, now {after}", f"Truly {truth}" + (f": {mark}" if mark else ""))
    return Tile(int(row["row"]) - 1, str(row["id"]), lines, f"{row['file']}: {', '.join(lines)}")


@st.cache_data(max_entries=64, show_spinner=False)
def _before(root: str, run: str, older: tuple[str, ...], _run: Run) -> str | None:
    found = run_before(_run, all_runs(workspace()))
    return found.id if found else None


@st.cache_resource(max_entries=8, show_spinner="Holding the run against the one before…")
def _changed(root: str, before: str, after: str, _before: Run, _after: Run) -> Changed:
    return what_changed(_before, _after)
