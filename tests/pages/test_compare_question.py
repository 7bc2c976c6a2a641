"""Compare: the question is chosen, kept, and handed to the engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.draft import load_draft, save_draft
from core.spec import RunConfig
from core.studies import Study, all_studies
from core.study_draft import StudyDraft, load_study_draft, save_study_draft
from core.workspace import Workspace
from tests.conftest import grades, response
from tests.pages.compare_shown import SilentEngine, labelled, open_page, said
from tests.pages.made_images import image_config

Draft = Callable[..., RunConfig]


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> SilentEngine:
    silent = SilentEngine()
    monkeypatch.setattr("pages.parts.session._engine_of", lambda root: silent)
    return silent


def test_without_data_the_page_says_what_to_choose_first(workspace: Workspace) -> None:
    page = open_page("compare.py")
    assert not page.exception
    assert "Nothing to compare yet" in said(page)
    assert "Choose a table or pictures first" in said(page)


def test_without_a_target_it_leads_back_to_data(workspace: Workspace, draft_of: Draft) -> None:
    config = draft_of(grades())
    save_draft(workspace, config.change(data=config.data.change(target="").model_dump()))
    page = open_page("compare.py")
    assert not page.exception
    assert "The data are not ready yet" in said(page)


def test_the_number_of_networks_and_the_rules_are_told_before_starting(workspace: Workspace, draft_of: Draft) -> None:
    save_draft(workspace, draft_of(grades()))
    page = open_page("compare.py")
    own = load_draft(workspace).network.regularization.rates[1]  # type: ignore[union-attr]
    settings = len({0.0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, own})
    assert f"{settings * 15} networks, about" in said(page)
    assert f"{settings} settings x 5 parts x 3 repeats" in said(page)
    assert "The sealed test rows (20 %) are not used" in said(page)
    assert "Early stopping looks at others than those that score" in said(page)


def test_compare_makes_the_study_and_hands_it_to_the_engine(
    workspace: Workspace, draft_of: Draft, engine: SilentEngine
) -> None:
    config = save_draft(workspace, draft_of(grades()))
    page = open_page("compare.py")
    page.button_group(key="study_axes").set_value(["l2", "dropout"]).run()
    page.multiselect(key="study_values_l2").set_value([0.0, 0.01]).run()
    page.multiselect(key="study_values_dropout").set_value([0.0, 0.3]).run()
    page.number_input(key="study_folds").set_value(2).run()
    page.number_input(key="study_seeds").set_value(4).run()
    labelled(page, "Compare")[0].click().run()
    (study,) = all_studies(workspace)
    assert engine.submitted == [study.id]
    assert study.spec.run == config
    assert study.spec.grid.l2 == (0.0, 0.01) and study.spec.grid.dropout == (0.0, 0.3)
    assert (study.spec.folds, study.spec.seeds) == (2, 4)
    assert "Getting ready to compare 32 networks" in said(page)


def test_choices_survive_a_new_visit(workspace: Workspace, draft_of: Draft) -> None:
    save_draft(workspace, draft_of(grades()))
    page = open_page("compare.py")
    page.button_group(key="study_axes").set_value(["l1"]).run()
    page.multiselect(key="study_values_l1").set_value([0.0, "0,02", "0.5"]).run()
    page.number_input(key="study_seeds").set_value(7).run()
    again = open_page("compare.py")
    assert again.multiselect(key="study_values_l1").value == [0.0, 0.02, 0.5]
    assert again.number_input(key="study_seeds").value == 7
    assert "3 settings x 5 parts x 7 repeats" in said(again)


@pytest.mark.parametrize(
    ("typed", "told"), [("much", "is a number; got 'much'"), ("99", "An L2 rate is a number from 0 to 10; got 99")]
)
def test_a_wrong_value_is_said_and_changes_nothing(
    workspace: Workspace, draft_of: Draft, typed: str, told: str
) -> None:
    save_draft(workspace, draft_of(grades()))
    page = open_page("compare.py")
    before = page.multiselect(key="study_values_l2").value
    page.multiselect(key="study_values_l2").set_value([*before, typed]).run()
    assert told in said(page)
    assert page.multiselect(key="study_values_l2").value == before


def test_too_few_rows_are_said_before_anything_begins(workspace: Workspace, draft_of: Draft) -> None:
    save_draft(workspace, draft_of(grades().head(9)))
    page = open_page("compare.py")
    assert "needs at least 10 rows beside the sealed ones" in said(page)
    assert not labelled(page, "Compare")


def test_too_many_networks_are_said_and_no_choice_is_lost(workspace: Workspace, draft_of: Draft) -> None:
    save_draft(workspace, draft_of(grades()))
    page = open_page("compare.py")
    page.button_group(key="study_axes").set_value(["l1", "l2", "dropout", "units", "depth"]).run()
    assert "at most 2,000 are trained in one comparison" in said(page)
    assert not labelled(page, "Compare")
    kept = load_study_draft(workspace)
    assert kept is not None and kept.axes == ("l1", "l2", "dropout", "units", "depth")


def test_no_value_at_all_is_said(workspace: Workspace, draft_of: Draft) -> None:
    save_draft(workspace, draft_of(grades()))
    page = open_page("compare.py")
    page.multiselect(key="study_values_l2").set_value([]).run()
    assert "There is no value to compare for the L2 rate" in said(page)
    page.button_group(key="study_axes").set_value([]).run()
    assert "There is only one setting" in said(page)


def test_a_score_that_no_longer_suits_the_task_becomes_automatic(workspace: Workspace, draft_of: Draft) -> None:
    save_draft(workspace, draft_of(grades()))
    open_page("compare.py").selectbox(key="study_score").set_value("log_loss").run()
    save_draft(workspace, draft_of(response(), name="other.csv"))
    page = open_page("compare.py")
    assert page.selectbox(key="study_score").value == ""
    assert labelled(page, "Compare")


def test_what_the_engine_cannot_do_is_said_and_the_form_stays(
    workspace: Workspace, draft_of: Draft, engine: SilentEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.errors import UserError

    def refused(study: Study) -> None:
        raise UserError("The training engine did not start within a minute.", "Restart Muffin.")

    monkeypatch.setattr(engine, "submit_study", refused)
    save_draft(workspace, draft_of(grades()))
    page = open_page("compare.py")
    labelled(page, "Compare")[0].click().run()
    assert "did not start within a minute" in said(page)
    assert labelled(page, "Compare")


def test_every_control_has_a_sentence_of_help(workspace: Workspace, draft_of: Draft) -> None:
    save_draft(workspace, draft_of(grades()))
    page = open_page("compare.py")
    page.button_group(key="study_axes").set_value(["l1", "l2", "dropout", "units", "depth"]).run()
    controls = [*page.multiselect, *page.number_input, *page.selectbox, *page.button, *page.button_group]
    assert len(controls) >= 9
    assert all(control.help for control in controls if control.label != "All settings")


def test_pictures_are_compared_with_and_without_augmentation_at_first(
    workspace: Workspace, engine: SilentEngine
) -> None:
    save_draft(workspace, image_config(workspace).change(augmentation={"mirror": 0.5}))
    page = open_page("compare.py")
    assert not page.exception
    assert list(page.button_group(key="study_axes").options) == [
        "L1 rates", "L2 rates", "Dropout rates", "Augmentation (times its strength)", "Width (times the filters)",
    ]  # fmt: skip
    assert "6 networks, about" in said(page)
    assert "pictures for training and validation except about" in said(page)
    labelled(page, "Compare")[0].click().run()
    study = all_studies(workspace)[0]
    assert [setting.augmentation for setting in study.spec.settings] == [0.0, 1.0]
    assert len(study.chunks) == 6


def test_without_augmentation_pictures_are_compared_by_dropout_and_a_rate_of_a_table_is_left_aside(
    workspace: Workspace,
) -> None:
    config = image_config(workspace)
    save_draft(workspace, config)
    save_study_draft(workspace, StudyDraft(axes=("units", "dropout"), folds=2, seeds=1))
    page = open_page("compare.py")
    assert not page.exception
    assert list(page.button_group(key="study_axes").value) == ["dropout"]
    assert "10 networks, about" in said(page)
