"""What tests of Compare share: the page as AppTest sees it, and an engine that only listens."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.runs import Run
from core.studies import Study

NAVIGATION = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")


class SilentEngine:
    """Takes runs and studies and does nothing with them."""

    def __init__(self) -> None:
        self.submitted: list[str] = []

    def submit(self, run: Run) -> None:
        self.submitted.append(run.id)

    def recover_silent(self, run: Run) -> None:
        pass

    def submit_study(self, study: Study) -> None:
        self.submitted.append(study.id)

    def stop_study(self, study: Study) -> None:
        study.request_stop()

    def recover_silent_study(self, study: Study) -> None:
        pass


def open_page(name: str, **query: str) -> AppTest:
    page = AppTest.from_file(NAVIGATION, default_timeout=120)
    for key, value in query.items():
        page.query_params[key] = value
    return page.switch_page(name).run()


def said(page: AppTest) -> str:
    parts = [*page.title, *page.subheader, *page.markdown, *page.caption, *page.error, *page.info, *page.warning]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def labelled(page: AppTest, label: str) -> list:
    return [button for button in page.button if button.label == label]
