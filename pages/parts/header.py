"""What is being worked on, seen from every page: data, network, latest run, latest comparison; each a link."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.evaluation.words import count
from core.network.pretrained import PRETRAINED
from core.progress import Progress, progress
from core.runs import Run, newest_run
from core.spec import AnyConfig, ImageConfig, ImageNetworkSpec
from core.studies import Study
from core.study_progress import StudyProgress
from pages.parts.compare_studies import newest_studies, progress_of, short_name
from pages.parts.session import draft, plain, workspace

STATE_WORDS = {
    "queued": ("waiting", ":material/hourglass_empty:"),
    "running": ("training", ":material/progress_activity:"),
    "finished": ("finished", ":material/check_circle:"),
    "stopped": ("stopped", ":material/stop_circle:"),
    "failed": ("failed", ":material/error:"),
}


@dataclass(frozen=True)
class Now:
    """What is being worked on: looked up once a rerun."""

    config: AnyConfig | None
    newest: Run | None
    told: Progress | None
    study: Study | None = None
    study_told: StudyProgress | None = None

    @classmethod
    def look(cls) -> Now:
        """The draft, the newest run, the newest study, and how they stand."""
        newest = newest_run(workspace())
        study = next(newest_studies(), None)
        return cls(
            draft(),
            newest,
            progress(newest) if newest is not None else None,
            study,
            progress_of(study) if study is not None else None,
        )


def steps_done(now: Now) -> set[str]:
    """Addresses of the pages whose step is done."""
    done = set()
    if now.config is not None and now.config.data.target:
        done |= {"data", "network"}
    if now.told is not None and now.told.state in ("finished", "stopped"):
        done |= {"train", "results"}
    if now.study_told is not None and now.study_told.state == "finished":
        done |= {"compare"}
    return done


def header_strip(now: Now) -> None:
    """One line: dataset, network, latest run, latest comparison."""
    config, newest, told = now.config, now.newest, now.told
    if config is None and newest is None and now.study is None:
        return
    with st.container(horizontal=True, gap="small", key="header_strip"):
        if config is not None:
            st.page_link("data.py", label=_short(config.data.source.name), icon=_data_icon(config))
            st.page_link("network.py", label=network_words(config), icon=":material/hub:")
        if newest is not None and told is not None:
            words, icon = STATE_WORDS[told.state]
            page = "results.py" if told.state in ("finished", "stopped") else "train.py"
            label = f"Run {_short(newest.name)}: {words}{_percent(told)}"
            st.page_link(page, label=label, icon=icon, query_params={"run": newest.id})
        _study_link(now)


def _study_link(now: Now) -> None:
    """The newest comparison while it is under way, and afterwards until a newer run stands here."""
    study, told = now.study, now.study_told
    if study is None or told is None or (told.done and now.newest is not None and now.newest.id > study.id):
        return
    words, icon = STATE_WORDS[told.state]
    # The strip is not drawn anew each second, so while a study goes on it says what stays true.
    label = f"Comparison {_short(short_name(study))}: {words if told.done else 'under way'}"
    st.page_link("compare.py", label=label, icon=icon, query_params={"study": study.id})


def _data_icon(config: AnyConfig) -> str:
    return ":material/photo_library:" if isinstance(config, ImageConfig) else ":material/table_chart:"


def network_words(config: AnyConfig) -> str:
    """A network in a few words, such as ``small, L2 0.001``."""
    network = config.network
    name = {"custom": "own layers", "small_cnn": "small CNN", "medium_cnn": "medium CNN"}.get(
        network.preset, network.preset
    )
    if isinstance(network, ImageNetworkSpec) and network.backbone != "none":
        known = PRETRAINED[network.backbone].title
        name = f"own layers on {known}" if network.preset == "custom" else f"transfer from {known}"
        if network.fine_tune_blocks:
            name = f"{name}, {count(network.fine_tune_blocks, 'block')} fine-tuned"
    return ", ".join(filter(None, [name, config.network.regularization.words]))


def _percent(told: Progress) -> str:
    return f", epoch {told.epoch}" if told.state == "running" else ""


def _short(name: str) -> str:
    return plain(name if len(name) <= 28 else name[:27] + "…")
