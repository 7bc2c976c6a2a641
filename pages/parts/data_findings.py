"""What is worth knowing about the data: a card each, with its remedy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.data.findings import Finding
from core.glossary import terms_in
from core.spec import AnyConfig, DataSpec
from pages.parts.data_change import set_remedy, want
from pages.parts.data_state import known_findings
from pages.parts.intake import Step
from pages.parts.session import plain
from pages.parts.terms import help_among

SHOWN = 6
ICONS = {"problem": ":red[:material/error:]", "warning": ":orange[:material/warning:]", "note": ":material/info:"}
# What findings speak of.
SAID = terms_in(
    "leak, validation, training row, split, scaling, regularization, preset, group, interval, score, class weight, "
    "category, one-hot, baseline, seed"
)
WORDS = {"problem": "stops learning", "warning": "makes results wrong or weak", "note": "good to know"}


def finding_cards(data: DataSpec) -> None:
    """All findings about a table, heaviest first."""
    st.subheader("What to know about this data", anchor=False)
    with st.spinner("Checking every column…"):
        found = known_findings(data)
    all_cards(found, set_remedy)


def all_cards(
    found: Sequence[Finding],
    remedy: Callable[[dict[str, Any]], Callable[[Any, Step], AnyConfig]],
    beside: Callable[[Finding], None] | None = None,
) -> None:
    """A card for each finding, the heaviest first.

    Args:
        found: In their order.
        remedy: Makes a change of the draft from what a finding proposes.
        beside: Draws what else belongs beside a card.
    """
    if not found:
        st.markdown(":material/check_circle: Nothing stands out; the data is fit for learning.")
        return
    st.caption(_tally(found))
    _cards(found[:SHOWN], remedy, beside)
    if len(found) > SHOWN:
        with st.expander(f"{len(found) - SHOWN:,} more"):
            _cards(found[SHOWN:], remedy, beside)


def _tally(found: Sequence[Finding]) -> str:
    """Such as "1 warning (makes results wrong or weak), 2 notes (good to know)"."""
    counts = {severity: sum(finding.severity == severity for finding in found) for severity in WORDS}
    return ", ".join(
        f"{count:,} {severity}{'s' * (count > 1)} ({WORDS[severity]})" for severity, count in counts.items() if count
    )


def _cards(
    found: Sequence[Finding],
    remedy: Callable[[dict[str, Any]], Callable[[Any, Step], AnyConfig]],
    beside: Callable[[Finding], None] | None,
) -> None:
    for finding in found:
        with st.container(border=True, key=f"finding:{finding.kind}"):
            text, button = st.columns([4, 1.4], vertical_alignment="center")
            text.markdown(f"{ICONS[finding.severity]} **{plain(finding.title)}**")
            said = f"{finding.kind.replace('_', ' ')}: {finding.meaning}"
            text.markdown(plain(finding.meaning), help=help_among(said, SAID))
            if finding.remedy and finding.changes:
                button.button(
                    plain(finding.remedy),
                    key=f"remedy:{finding.kind}",
                    on_click=want,
                    args=(remedy(finding.changes), finding.remedy),
                    width="stretch",
                )
            if beside is not None:
                with button:
                    beside(finding)
