"""Home, Network and Train, and whose workspace it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.draft import load_draft, save_draft
from core.progress import progress
from core.runs import Run, all_runs
from core.spec import Dense, Dropout, RunConfig
from core.workspace import Workspace
from pages.parts.form import field_info
from pages.parts.header import network_words
from pages.parts.session import plain
from tests.conftest import grades, response

NAVIGATION = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")
Draft = Callable[..., RunConfig]


class SilentEngine:
    """Takes runs and does nothing with them."""

    def __init__(self) -> None:
        self.submitted: list[str] = []

    def submit(self, run: Run) -> None:
        self.submitted.append(run.id)

    def stop(self, run: Run) -> None:
        run.request_stop()

    def recover_silent(self, run: Run) -> None:
        pass


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> SilentEngine:
    silent = SilentEngine()
    monkeypatch.setattr("pages.parts.session._at_this_machine", lambda: True)
    monkeypatch.setattr("pages.parts.session._engine_of", lambda root: silent)
    return silent


def open_page(name: str, **query: str) -> AppTest:
    page = AppTest.from_file(NAVIGATION, default_timeout=120)
    for key, value in query.items():
        page.query_params[key] = value
    return page.switch_page(name).run()


def said(page: AppTest) -> str:
    parts = [*page.title, *page.subheader, *page.markdown, *page.caption, *page.error, *page.info]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def labelled(page: AppTest, label: str) -> list:
    return [button for button in page.button if button.label == label]


@pytest.mark.parametrize("name", ["home.py", "data.py", "network.py", "train.py", "results.py", "predict.py"])
def test_every_page_says_what_to_do_when_there_is_nothing_yet(workspace: Workspace, name: str) -> None:
    page = open_page(name)
    assert not page.exception
    assert page.title or page.subheader


@pytest.mark.parametrize("name", ["train.py", "results.py", "predict.py"])
def test_run_that_is_not_here_is_said_so(workspace: Workspace, name: str) -> None:
    page = open_page(name, run="20200101-000000-abcdef")
    assert not page.exception
    assert "not here" in said(page)


def test_home_lists_runs_and_renames_and_deletes_them(workspace: Workspace, finished_run: Callable[..., Run]) -> None:
    run = finished_run("binary")
    page = open_page("home.py")
    assert "marks.csv" in said(page)
    page.text_input(key=f"name-{run.id}").set_value("Second try").run()
    page.button(key=f"rename-{run.id}").click().run()
    assert run.name == "Second try"
    assert page.button(key=f"delete-{run.id}").disabled
    page.checkbox(key=f"sure-{run.id}").check().run()
    page.button(key=f"delete-{run.id}").click().run()
    assert all_runs(workspace) == []


def test_duplicate_puts_the_settings_into_the_draft(workspace: Workspace, finished_run: Callable[..., Run]) -> None:
    run = finished_run("regression")
    page = open_page("home.py")
    page.button(key=f"copy-{run.id}").click().run()
    assert load_draft(workspace) == run.config


def test_network_page_changes_the_draft_by_its_widgets(workspace: Workspace, draft_of: Draft) -> None:
    save_draft(workspace, draft_of(grades()))
    page = open_page("network.py")
    assert not page.exception
    page.button_group(key="field:network.regularization.kernel_regularizer").set_value("l1_l2").run()
    page.select_slider(key="field:network.regularization.l1").set_value(0.01).run()
    page.select_slider(key="field:network.regularization.l2").set_value(0.03).run()
    page.slider(key="field:network.regularization.dropout").set_value(0.25).run()
    page.number_input(key="field:training.epochs").set_value(77).run()
    draft = load_draft(workspace)
    assert draft is not None
    assert draft.network.regularization.rates[0] == 0.01
    assert draft.network.regularization.dropout == 0.25
    assert draft.training.epochs == 77
    assert network_words(draft) == "small, L1 0.01, L2 0.03, dropout 0.25"


def test_layers_are_added_moved_and_removed(workspace: Workspace, draft_of: Draft) -> None:
    save_draft(workspace, draft_of(grades()))
    page = open_page("network.py")
    page.button_group(key="preset").set_value("custom").run()
    page.button(key="add-Dropout").click().run()
    page.button(key="add-Dense").click().run()
    page.number_input(key="layer-2-Dense-units").set_value(5).run()
    page.button(key="move-2--1").click().run()
    page.button(key="remove-0").click().run()
    draft = load_draft(workspace)
    assert draft is not None
    assert draft.network.layers == (Dense(units=5), Dropout())


def test_all_settings_shows_every_field_with_help(workspace: Workspace, draft_of: Draft) -> None:
    save_draft(workspace, draft_of(response()))
    page = open_page("network.py")
    simple = {widget.key for widget in page.number_input}
    page.toggle(key="all_settings").set_value(True).run()
    every = {widget.key for widget in page.number_input}
    assert "field:training.batch_size" in every - simple
    assert "field:training.seed" in every - simple


def test_every_choice_has_a_label_and_a_sentence_of_help() -> None:
    def walk(model: type, before: str) -> Iterator[str]:
        for name, info in model.model_fields.items():
            if hasattr(info.annotation, "model_fields"):
                yield from walk(info.annotation, f"{before}{name}.")
            elif name not in ("join", "version", "origin"):
                yield f"{before}{name}"

    for path in walk(RunConfig, ""):
        info = field_info(path)
        assert info.title and info.description and info.description.endswith("."), path


def test_train_hands_the_run_to_the_engine_and_shows_it(
    workspace: Workspace, draft_of: Draft, engine: SilentEngine
) -> None:
    save_draft(workspace, draft_of(grades()))
    page = open_page("network.py")
    labelled(page, "Train")[0].click().run()
    (run,) = all_runs(workspace)
    assert engine.submitted == [run.id]
    assert run.config == load_draft(workspace)
    assert "Waiting for a free worker" in said(open_page("train.py", run=run.id))


def test_running_run_shows_epoch_and_stop(workspace: Workspace, draft_of: Draft) -> None:
    run = Run.create(workspace, draft_of(grades(), epochs=50))
    run.append("started", from_epoch=None)
    for epoch in range(5):
        run.append("epoch", epoch=epoch, loss=0.5, val_loss=0.6, metric=0.7, val_metric=0.8)
    page = open_page("train.py")
    assert "Training, epoch 4" in said(page)
    labelled(page, "Stop")[0].click().run()
    assert run.stop_requested
    assert "What was learned so far is kept" in said(page)


def test_run_that_waits_for_another_one_says_so(workspace: Workspace, draft_of: Draft) -> None:
    first, second = (Run.create(workspace, draft_of(grades(), name="one.csv")) for _ in range(2))
    waits = "Another run is training. This one starts when it ends"
    assert not any(waits in bar.proto.text for bar in open_page("train.py", run=second.id).get("progress"))
    first.append("started", from_epoch=None)
    page = open_page("train.py", run=second.id)
    assert [waits in bar.proto.text for bar in page.get("progress")] == [True]


def test_failed_run_says_what_happened_and_offers_to_go_on(workspace: Workspace, draft_of: Draft) -> None:
    run = Run.create(workspace, draft_of(grades()))
    run.fail("The training <b>ran</b> away.", "Lower the learning rate.")
    page = open_page("train.py")
    assert "The training <b>ran</b> away. Lower the learning rate." in said(page)
    labelled(page, "Change settings and train again")[0].click().run()
    assert load_draft(workspace) == run.config


def test_stopped_before_it_learned_is_told_so(workspace: Workspace, draft_of: Draft) -> None:
    run = Run.create(workspace, draft_of(grades()))
    run.finish("stopped", best_epoch=0, epochs=0, seconds=0.0)
    assert progress(run).state == "stopped"
    assert "before it learned anything" in said(open_page("train.py"))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("study_hours", "study_hours"),
        ("_a_ *b* `c`", r"\_a\_ \*b\* \`c\`"),
        ("<b>bold</b>", r"\<b\>bold\</b\>"),
        ("[x](http://a.b)", "\\[x\\](http\\:\u2060//a.b)"),
        (":smile: $x$", r"\:smile\: \$x\$"),
        ("# one\n- two\n12. three", "\\# one\n\\- two\n12\\. three"),
        ("www.evil.example", "www\u2060.evil.example"),
        ("a@b.example", "a\\@\u2060b.example"),
        (":material/home: :streamlit:", "\\:\u2060material/home\\: \\:\u2060streamlit\\:"),
        (":material_home:", "\\:\u2060material_home\\:"),
        ("a -- b >= c", "a -\u2060- b \\>\u2060= c"),
        ("a--b", "a--b"),
    ],
)
def test_names_from_data_are_shown_as_they_are(name: str, written: str) -> None:
    assert plain(name) == written
