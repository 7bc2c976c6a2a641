"""Whose workspace is whose, what was lost, and codes that carry a workspace to another device."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core import visits
from core.errors import UserError
from core.visits import (
    accept_code,
    disk_since,
    end_other_devices,
    forget_missed,
    is_carried,
    leave,
    missed,
    new_code,
    other_devices,
    workspace_of,
)
from core.workspace import Workspace

A, B = "ab" * 32, "cd" * 32


def test_code_leads_another_device_to_the_workspace_and_no_secret_is_told(workspace: Workspace) -> None:
    own = workspace_of(workspace, A, None)
    code = new_code(workspace, own)
    assert A not in code and hashlib.sha256(A.encode()).hexdigest() not in code
    assert len(code.replace("-", "")) * 5 >= 80, "bits"
    assert workspace_of(workspace, B, None).root != own.root
    accept_code(workspace, B, code.lower().replace("-", " "))
    assert workspace_of(workspace, B, None).root == own.root
    assert is_carried(workspace, B) and not is_carried(workspace, A)
    assert workspace_of(workspace, A, None).root == own.root
    leave(workspace, B)
    assert workspace_of(workspace, B, None).root == workspace.visitor(B).root


def test_letters_that_look_like_digits_are_taken_for_them(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits.secrets, "choice", lambda letters: letters[0])
    own = workspace_of(workspace, A, None)
    assert new_code(workspace, own) == "0000-0000-0000-0000"
    accept_code(workspace, B, "oOoO-oooo-OOOO-0000")
    assert is_carried(workspace, B)


def test_code_works_once_also_for_many_who_type_it_at_the_same_time(workspace: Workspace) -> None:
    code = new_code(workspace, workspace_of(workspace, A, None))

    def type_it(number: int) -> bool:
        try:
            accept_code(workspace, f"{number:064x}", code)
        except UserError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(type_it, range(8))) == 1


def test_code_ends_after_ten_minutes_and_before_it_was_given(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, now = workspace_of(workspace, A, None), time.time()
    for shift in (601, -60):
        code = new_code(workspace, own)
        with monkeypatch.context() as patch, pytest.raises(UserError, match="leads nowhere"):
            patch.setattr(visits.time, "time", lambda shift=shift: now + shift)
            accept_code(workspace, B, code)
    assert not is_carried(workspace, B)


def test_new_code_ends_the_one_before(workspace: Workspace) -> None:
    own = workspace_of(workspace, A, None)
    before = new_code(workspace, own)
    after = new_code(workspace, own)
    with pytest.raises(UserError):
        accept_code(workspace, B, before)
    accept_code(workspace, B, after)


def test_wrong_codes_of_one_device_keep_no_other_from_typing_its_own(workspace: Workspace) -> None:
    code = new_code(workspace, workspace_of(workspace, A, None))
    for number in range(100):
        with pytest.raises(UserError, match="leads nowhere"):
            accept_code(workspace, "ef" * 32, f"{number:016d}")
    accept_code(workspace, B, code)
    assert is_carried(workspace, B)


def test_owner_sends_away_all_other_devices_and_nobody_elses(workspace: Workspace) -> None:
    own, other = workspace_of(workspace, A, None), workspace_of(workspace, "12" * 32, None)
    for token, lent in ((B, own), ("ef" * 32, own), ("34" * 32, other)):
        accept_code(workspace, token, new_code(workspace, lent))
    left, theirs = new_code(workspace, own), new_code(workspace, other)
    assert (other_devices(workspace, own), other_devices(workspace, other)) == (2, 1)
    end_other_devices(workspace, own)
    assert (other_devices(workspace, own), other_devices(workspace, other)) == (0, 1)
    assert workspace_of(workspace, B, None).root == workspace.visitor(B).root
    assert workspace_of(workspace, "34" * 32, None).root == other.root
    with pytest.raises(UserError):
        accept_code(workspace, B, left)
    accept_code(workspace, B, theirs)


@pytest.mark.parametrize("typed", ["", "../../visitors", "\0", "ä" * 99, "A" * 100_000, "*", ".taken-1"])
def test_odd_codes_lead_nowhere(workspace: Workspace, typed: str) -> None:
    new_code(workspace, workspace_of(workspace, A, None))
    with pytest.raises(UserError, match="leads nowhere"):
        accept_code(workspace, B, typed)


def test_only_a_visitors_workspace_can_be_carried(workspace: Workspace) -> None:
    for other in (workspace, workspace.share("x" * 43)):
        with pytest.raises(UserError, match="Only a visitor's"):
            new_code(workspace, other)


def test_first_visit_misses_nothing(workspace: Workspace) -> None:
    disk_since(workspace)
    assert missed(workspace_of(workspace, A, time.time())) == ""
    assert missed(workspace_of(workspace, B, None)) == ""


def test_visitor_from_before_the_disk_is_told_until_it_is_dismissed(workspace: Workspace) -> None:
    since = disk_since(workspace) - 1000
    for _ in range(2):
        assert missed(workspace_of(workspace, A, since)) == "disk"
    forget_missed(workspace_of(workspace, A, since))
    assert missed(workspace_of(workspace, A, since)) == ""


def test_visitor_whose_workspace_was_removed_is_told_another_reason(workspace: Workspace) -> None:
    (workspace.root).mkdir(parents=True)
    (workspace.root / "since").write_text("1000")
    assert missed(workspace_of(workspace, A, time.time() - 3600)) == ""
    assert missed(workspace_of(workspace, B, 2000)) == "idle"


def test_disk_remembers_when_it_was_first_used(workspace: Workspace) -> None:
    first = disk_since(workspace)
    assert abs(first - time.time()) < 5
    assert disk_since(workspace) == first
