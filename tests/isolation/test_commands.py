"""No command reaches out of the workspace that it is given, whatever it is asked for."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from core.__main__ import _parser, main
from core.errors import UserError
from core.runs import Run
from core.sharing import shared
from core.studies import Study
from tests.conftest import grades
from tests.isolation.conftest import A, B, World
from tests.isolation.table import COMMANDS


def test_table_has_a_row_for_each_command() -> None:
    (commands,) = (each for each in _parser()._actions if isinstance(each, argparse._SubParsersAction))
    assert set(commands.choices) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_on_ones_own_workspace_reaches_nothing_of_somebody_elses(
    command: str, safe: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    own = safe.root.visitor(B)
    grades(40).to_csv(tmp_path / "own.csv", index=False)
    (tmp_path / "config.json").write_text((safe.run.folder / "config.json").read_text())
    out = tmp_path / "out"
    stands = {"FILE": str(tmp_path / "own.csv"), "OUT": str(out), "CONFIG": str(tmp_path / "config.json")}
    folder = safe.run.workspace.root.name
    for id in (safe.run.id, safe.study.id, f"../../{folder}/runs/{safe.run.id}", str(safe.run.folder)):
        for arguments in COMMANDS[command]:
            given = [{**stands, "RUN": id}.get(each, each) for each in arguments]
            done = main([command, *given, "--workspace", str(own.root)])
            told = capfd.readouterr()
            if "RUN" in arguments:
                assert done == 1
            assert "Traceback" not in told.err
            written = out.read_bytes() if out.is_file() else b""
            assert safe.study.id.encode() not in written
            assert safe.run.id not in told.out and safe.study.id not in told.out


@pytest.mark.parametrize(
    "id", ["", ".", "..", "../runs", "{folder}", "../../{folder}/runs/{run}", "{run}/../{run}", "{run}\n", "/{run}"]
)
def test_no_id_leads_out_of_a_workspace(id: str, safe: World) -> None:
    own, folder = safe.root.visitor(B), safe.run.workspace.root.name
    named = id.format(folder=folder, run=safe.run.id)
    for kind in (Run, Study):
        with pytest.raises(UserError):
            kind(own, named)
    for place in (own.upload, own.table, own.image_set):
        with pytest.raises(UserError):
            place(named if named != folder else f"../{folder}")


@pytest.mark.parametrize("token", ["", "..", "../visitors", A, "x" * 43, "{folder}"])
def test_no_token_opens_what_was_not_shared(token: str, safe: World) -> None:
    with pytest.raises(UserError):
        shared(safe.root, token.format(folder=safe.run.workspace.root.name))


@pytest.mark.parametrize("key", ["", "..", f"../visitors/{A}", "\0", "a" * 10_000])
def test_key_is_never_a_path(key: str, safe: World) -> None:
    place = safe.root.visitor(key).root
    assert place.parent == safe.root.root / "visitors" and len(place.name) == 64
    assert place != safe.run.workspace.root
