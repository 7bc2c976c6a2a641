"""The question of the next study: proposed, kept, checked, and asked again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.spec import RunConfig
from core.study_draft import (
    StudyDraft,
    ladder,
    load_study_draft,
    proposed,
    question_of,
    save_study_draft,
    study_spec,
    with_values,
)
from core.workspace import Workspace
from tests.conftest import grades, response

Draft = Callable[..., RunConfig]


def test_the_first_question_varies_l2_around_the_networks_own_rate(draft_of: Draft) -> None:
    config = draft_of(grades())
    own = config.network.regularization.rates[1]
    chosen = proposed(config)
    assert chosen.axes == ("l2",)
    assert chosen.values["l2"] == tuple(sorted({*ladder("l2"), own}))
    assert own > 0


def test_what_is_not_varied_stays_as_the_network_has_it(draft_of: Draft) -> None:
    config = draft_of(response())
    kept = config.network.regularization.change(kernel_regularizer="l1_l2", l1=0.02, l2=0.03, dropout=0.25)
    config = config.change(network=config.network.change(regularization=kept.model_dump()).model_dump())
    spec = study_spec(config, proposed(config).change(axes=["dropout"]))
    assert (spec.grid.l1, spec.grid.l2) == ((0.02,), (0.03,))
    assert spec.grid.dropout == ladder("dropout")
    assert spec.grid.units == spec.grid.depth == ()


def test_a_study_of_a_run_that_came_from_a_study_uses_the_plain_split(draft_of: Draft) -> None:
    config = draft_of(grades())
    split = config.data.split.change(folds=5, fold=2, repeat=1)
    member = config.change(data=config.data.change(split=split.model_dump()).model_dump())
    assert study_spec(member, proposed(member)).run == config


def test_it_is_kept_on_disk(workspace: Workspace, draft_of: Draft) -> None:
    assert load_study_draft(workspace) is None
    chosen = save_study_draft(workspace, proposed(draft_of(grades())).change(axes=["l1", "depth"], seeds=9))
    assert load_study_draft(workspace) == chosen
    workspace.draft.with_name("study_draft.json").write_text("{torn")
    assert load_study_draft(workspace) is None


def test_texts_become_numbers_in_order_and_once() -> None:
    chosen = with_values(StudyDraft(), "l2", [0.1, " 0,02 ", "1e-3", 0.1])
    assert chosen.values["l2"] == (0.001, 0.02, 0.1)
    assert chosen.values["l1"] == ladder("l1")


@pytest.mark.parametrize(
    ("axis", "typed"), [("l1", "-1"), ("dropout", "1"), ("units", "2.5"), ("l2", "inf"), ("depth", "x")]
)
def test_a_wrong_value_is_refused(axis: str, typed: str) -> None:
    with pytest.raises(UserError):
        with_values(StudyDraft(), axis, [typed])  # type: ignore[arg-type]


def test_a_question_comes_back_from_its_study(draft_of: Draft) -> None:
    config = draft_of(grades())
    chosen = proposed(config).change(axes=["l1", "dropout"], folds=3, seeds=2, score="log_loss")
    chosen = with_values(with_values(chosen, "l1", [0.0, 0.5]), "dropout", [0.0, 0.4])
    spec = study_spec(config, chosen)
    assert study_spec(config, question_of(spec)) == spec


def test_a_single_value_that_is_not_the_networks_own_is_asked_again_too(draft_of: Draft) -> None:
    config = draft_of(grades())
    spec = study_spec(config, with_values(proposed(config), "l2", [0.5, 0.6]))
    fixed = spec.change(grid=spec.grid.change(l2=[0.5], dropout=[0.0, 0.1]).model_dump())
    assert question_of(fixed).axes == ("l2", "dropout")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(typed=st.lists(st.one_of(st.floats(), st.text(max_size=8)), max_size=6))
def test_whatever_is_typed_gives_values_or_a_sentence(typed: list) -> None:
    try:
        values = with_values(StudyDraft(), "l2", typed).values["l2"]
    except UserError as error:
        assert error.problem and error.remedy
    else:
        assert all(0 <= value <= 10 for value in values) and list(values) == sorted(set(values))
