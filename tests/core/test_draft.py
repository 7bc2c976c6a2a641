"""The draft survives, and a wrong change says which one."""

from collections.abc import Callable

import pytest

from core.draft import get_value, load_draft, save_draft, set_value, set_values
from core.errors import UserError
from core.spec import RunConfig
from core.workspace import Workspace
from tests.conftest import grades


def test_draft_comes_back(workspace: Workspace, draft_of: Callable[..., RunConfig]) -> None:
    assert load_draft(workspace) is None
    config = save_draft(workspace, draft_of(grades()))
    assert load_draft(Workspace(workspace.root)) == config


def test_damaged_draft_counts_as_none(workspace: Workspace, draft_of: Callable[..., RunConfig]) -> None:
    save_draft(workspace, draft_of(grades()))
    workspace.draft.write_text("{half")
    assert load_draft(workspace) is None


def test_values_are_changed_by_path(draft_of: Callable[..., RunConfig]) -> None:
    config = set_value(draft_of(grades()), "network.regularization.l2", 0.5)
    assert get_value(config, "network.regularization.l2") == 0.5


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("training.epochs", 0, "training.epochs: input should be greater"),
        ("training.nothing", 1, "no setting 'training.nothing'"),
        ("training.epochs.deeper", 1, "no setting"),
        ("training.loss", "mean_squared_error", "loss must be binary cross-entropy"),
        ("network.layers", [{"kind": "Dense", "units": -3}], "units"),
        ("training.learning_rate", float("nan"), "learning_rate"),
    ],
)
def test_wrong_value_is_named(draft_of: Callable[..., RunConfig], path: str, value: object, words: str) -> None:
    with pytest.raises(UserError, match=words):
        set_values(draft_of(grades()), {path: value})
