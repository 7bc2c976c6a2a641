"""The run that Results shows: which one, and what its folder holds, read once."""

from __future__ import annotations

from itertools import islice

import streamlit as st

from core.evaluation.words import shorten
from core.run_opened import Opened as Opened
from core.run_opened import class_probabilities as class_probabilities
from core.run_opened import open_run
from core.runs import Run, all_runs
from pages.parts.labels import distinct
from pages.parts.session import chosen_run, workspace

MOST_CHOICES = 50


def class_labels(shown: Opened) -> list[str]:
    """The classes for a list to choose from; no two look the same."""
    return distinct(shorten(name, 60) for name in shown.class_names)


def run_to_show() -> Run | None:
    """The run in the address, else the newest that has results, else the newest; None where there is none.

    Raises:
        UserError: The address names a run that is not here.
    """
    if st.query_params.get("run"):
        return chosen_run()
    return next((run for run in all_runs(workspace()) if _has_results(run)), None) or chosen_run()


def choices(shown: Run) -> list[Run]:
    """Runs that can be opened instead, newest first, with the shown one among them."""
    found = list(islice(filter(_has_results, all_runs(workspace())), MOST_CHOICES))
    return found if shown.id in [run.id for run in found] else [shown, *found]


def opened(run: Run) -> Opened:
    """What the folder of an ended run holds.

    Raises:
        UserError: It holds no results.
    """
    return _opened(str(run.workspace.root), run.id, _run=run)


@st.cache_resource(max_entries=4, show_spinner="Opening the results…")
def _opened(root: str, run: str, _run: Run) -> Opened:
    return open_run(_run)


def _has_results(run: Run) -> bool:
    return run.model.is_file()
