"""The study that Compare shows: which one, and what its folder holds, read once."""

from __future__ import annotations

import json

import streamlit as st

from core.studies import Study
from core.study_opened import Answer, open_study
from pages.parts.compare_studies import NEW, newest_studies
from pages.parts.session import read_only, workspace


def chosen_study() -> Study | None:
    """The study in the address (``?study=…``), else the newest; None where there is none or a new one is asked for.

    Raises:
        UserError: The address names a study that is not here.
    """
    named = st.query_params.get("study")
    if named == NEW and not read_only():
        return None
    study = Study(workspace(), named) if named else next(newest_studies(), None)
    if study is not None and not study.spec.settings:
        return None
    return study


def opened(study: Study) -> Answer | None:
    """What an ended study holds, or None where it has no answer."""
    return _opened(str(study.workspace.root), study.id, study.events_stamp, _study=study)


@st.cache_resource(max_entries=4, show_spinner="Opening the comparison…")
def _opened(root: str, study: str, stamp: tuple[int, int], _study: Study) -> Answer | None:
    return open_study(_study)


def result_json(answer: Answer) -> bytes:
    """The answer and what was asked."""
    whole = {"study": answer.study.id, "asked": answer.spec.model_dump(mode="json"), **answer.result}
    return json.dumps(whole, indent=1, ensure_ascii=False).encode()
