"""A link shows a copy of one run or study, and nothing else, until its owner ends it."""

import io
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from core.data.images.read import load_images
from core.data.load import load_joined
from core.errors import UserError
from core.progress import progress
from core.runs import Run
from core.sharing import end_shares, remove_ended, revoke, share, share_of, shared, shares
from core.studies import Study
from core.workspace import Workspace
from tests.pages.made_images import image_config, image_run
from tests.pages.made_runs import config_for, write_results
from tests.pages.made_studies import finish, new_study, study_spec

Make = Callable[[Workspace], Run]


def made_run(workspace: Workspace) -> Run:
    config = config_for(workspace, "binary", "secret plans.csv")
    run = Run.create(workspace, config)
    run.append("started", from_epoch=None)
    run.append("epoch", epoch=0, loss=1.0, metric=0.5, val_loss=1.0, val_metric=0.5)
    write_results(run, config)
    run.save_weights([])
    run.finish("finished", best_epoch=0, epochs=0, seconds=1.0)
    return run


def made_study(workspace: Workspace) -> Study:
    spec = study_spec(config_for(workspace, "binary"), l2=[0.0, 0.1])
    study = finish(new_study(workspace, spec))
    for chunk in study.chunks:
        study.save_chunk(chunk, {}, {})
    return study


@pytest.fixture
def visitor(workspace: Workspace) -> Workspace:
    return workspace.visitor("somebody's secret")


def everything_in(folder: Path) -> bytes:
    """All bytes of a folder; those of tables as text, which is compressed on disk."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    tables = [pd.read_parquet(path).to_csv().encode() for path in paths if path.suffix == ".parquet"]
    return b"\n".join([*(path.read_bytes() for path in paths), *tables])


def test_share_shows_the_same_results_from_the_servers_workspace(visitor: Workspace, workspace: Workspace) -> None:
    run = made_run(visitor)
    made = share(run, with_data=True)
    copy = Run(shared(workspace, made.token), run.id)
    assert copy.workspace.root.parent == workspace.root / "shares"
    assert (copy.config, copy.metrics(), copy.dataset()) == (run.config, run.metrics(), run.dataset())
    assert copy.model.read_bytes() == run.model.read_bytes()
    pd.testing.assert_frame_equal(copy.predictions(), run.predictions())
    assert progress(copy).history == progress(run).history
    assert load_joined(copy.workspace, copy.table_config.data).rows == 120


def test_share_holds_nothing_but_its_run(visitor: Workspace, workspace: Workspace) -> None:
    run, other = made_run(visitor), made_run(visitor)
    place = shared(workspace, share(run, with_data=True).token)
    assert list(place.runs()) == [run.id]
    assert list(place.studies()) == []
    with pytest.raises(UserError):
        Run(place, other.id)


def test_what_the_owner_adds_later_is_not_in_the_copy(visitor: Workspace, workspace: Workspace) -> None:
    run = made_run(visitor)
    copy = Run(shared(workspace, share(run, with_data=False).token), run.id)
    run.append("test_opened")
    run.save_test({"opened": True})
    run.save_metrics({"main": "changed"})
    run.rename("Another name")
    assert [event["event"] for event in copy.events()] == ["queued", "started", "epoch", "finished"]
    assert (copy.test(), copy.title) == (None, "")
    assert copy.metrics()["main"] != "changed"


def test_nothing_in_the_copy_can_be_changed(visitor: Workspace, workspace: Workspace) -> None:
    run = made_run(visitor)
    copy = Run(shared(workspace, share(run, with_data=True).token), run.id)
    before = everything_in(copy.folder)
    changes: list[Callable[[], object]] = [
        lambda: copy.append("test_opened"),
        lambda: copy.save_metrics({}),
        lambda: copy.rename("Mine now"),
        lambda: copy.delete(),
        lambda: Run.create(copy.workspace, copy.config),
    ]
    for change in changes:
        with pytest.raises(UserError, match="to look at"):
            change()
    assert everything_in(copy.folder) == before
    assert list(copy.workspace.runs()) == [run.id]


def test_without_data_no_cell_name_or_order_of_a_row_is_in_the_copy(visitor: Workspace, workspace: Workspace) -> None:
    run = made_run(visitor)
    place = shared(workspace, share(run, with_data=False).token)
    assert {path.name for path in place.root.iterdir()} == {"runs", "share.json"}
    before, after = run.predictions(), Run(place, run.id).predictions()
    assert "id" in before and "id" not in after
    name = before["id"][9].encode()
    assert name in everything_in(run.folder) and name not in everything_in(place.root)
    assert after["row"].tolist() == list(range(1, len(before) + 1))
    assert after["part"].value_counts().to_dict() == before["part"].value_counts().to_dict()
    told = ["part", "y_true", "prediction", "probability_0", "probability_1"]
    assert sorted(map(tuple, after[told].to_numpy().tolist())) == sorted(map(tuple, before[told].to_numpy().tolist()))
    assert after[told].to_numpy().tolist() != before[told].to_numpy().tolist()


def test_without_data_no_picture_and_no_file_name_is_in_the_copy(visitor: Workspace, workspace: Workspace) -> None:
    config = image_config(visitor)
    out = load_images(visitor, config.data.source).images[0].id
    config = config.change(data=config.data.change(left_out=(out,)).model_dump())
    run = image_run(visitor, config)
    run.save_novelty({"points": run.predictions()["y_true"].to_numpy()})
    assert run.config.data.left_out == (out,)
    place = shared(workspace, share(run, with_data=False).token)
    copy = Run(place, run.id)
    assert set(copy.predictions()["file"]) == {""}
    assert copy.predictions()["id"].is_unique and not set(copy.predictions()["id"]) & set(run.predictions()["id"])
    assert copy.predictions().columns.tolist() == run.predictions().columns.tolist()
    assert (copy.novelty(), copy.config.data.left_out) == (None, ())
    name = run.predictions()["file"][9].encode()
    assert name in everything_in(run.folder) and name not in everything_in(place.root)
    with pytest.raises(UserError, match="no longer there"):
        load_images(place, copy.image_config.data.source)


def test_with_data_pictures_are_there_without_reading_them_again(visitor: Workspace, workspace: Workspace) -> None:
    run = image_run(visitor, image_config(visitor))
    place = shared(workspace, share(run, with_data=True).token)
    source = run.image_config.data.source
    before, after = load_images(visitor, source), load_images(place, source)
    assert after.content(3) == before.content(3)
    assert (after.folder / "thumbs.npy").stat().st_ino == (before.folder / "thumbs.npy").stat().st_ino


def test_large_files_are_not_stored_twice_where_links_are_possible(visitor: Workspace, workspace: Workspace) -> None:
    run = made_run(visitor)
    copy = Run(shared(workspace, share(run, with_data=True).token), run.id)
    assert copy.model.stat().st_ino == run.model.stat().st_ino
    assert (copy.folder / "events.jsonl").stat().st_ino != (run.folder / "events.jsonl").stat().st_ino


def test_file_systems_without_links_get_copies(visitor: Workspace, workspace: Workspace, monkeypatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refused)
    run = made_run(visitor)
    copy = Run(shared(workspace, share(run, with_data=True).token), run.id)
    assert copy.model.read_bytes() == run.model.read_bytes()


def test_study_shows_its_answer_and_none_of_its_networks(visitor: Workspace, workspace: Workspace) -> None:
    study = made_study(visitor)
    made = share(study, with_data=True)
    copy = Study(shared(workspace, made.token), study.id)
    assert (made.kind, copy.result(), copy.spec) == ("study", study.result(), study.spec)
    assert copy.board().epoch.tolist() == study.board().epoch.tolist()
    assert copy.curves()[1].shape == study.curves()[1].shape
    chunk = study.chunks[0]
    assert study.weights(chunk) is not None and copy.weights(chunk) is None
    assert study.answers(chunk) is not None and copy.answers(chunk) is None


def test_secret_is_long_and_on_disk_only_in_the_owners_workspace(visitor: Workspace, workspace: Workspace) -> None:
    made = share(made_run(visitor), with_data=True)
    assert len(made.token) == 43
    assert made.token.encode() not in everything_in(workspace.root / "shares")
    slip = next((visitor.root / "shared").iterdir())
    assert json.loads(slip.read_text())["token"] == made.token
    assert stat.S_IMODE(slip.stat().st_mode) == 0o600
    assert stat.S_IMODE((workspace.root / "shares").stat().st_mode) == 0o700


def test_owner_sees_the_links_again_and_nobody_else_does(visitor: Workspace, workspace: Workspace) -> None:
    first, second = share(made_run(visitor), with_data=False), share(made_study(visitor), with_data=True)
    assert {each.token for each in shares(visitor)} == {first.token, second.token}
    assert shares(visitor)[0].created >= shares(visitor)[1].created
    assert shares(workspace) == shares(workspace.visitor("another secret")) == []
    assert share_of(workspace, first.token) == first


def test_revoked_link_leads_nowhere_and_its_copy_is_gone(visitor: Workspace, workspace: Workspace) -> None:
    run = made_run(visitor)
    kept, made = share(run, with_data=True), share(run, with_data=True)
    place = shared(workspace, made.token)
    revoke(visitor, made.token)
    assert not place.root.exists()
    with pytest.raises(UserError, match="leads nowhere"):
        shared(workspace, made.token)
    assert shared(workspace, kept.token).root.is_dir()
    assert run.metrics() is not None


def test_page_that_is_still_open_after_revoking_brings_nothing_back(visitor: Workspace, workspace: Workspace) -> None:
    made = share(made_run(visitor), with_data=True)
    place = shared(workspace, made.token)
    revoke(visitor, made.token)
    assert list(place.runs()) == []
    with pytest.raises(UserError, match="leads nowhere"):
        shared(workspace, made.token)


def test_only_the_owner_can_revoke(visitor: Workspace, workspace: Workspace) -> None:
    made = share(made_run(visitor), with_data=True)
    for other in (workspace, workspace.visitor("another secret"), shared(workspace, made.token)):
        with pytest.raises(UserError, match="none of yours"):
            revoke(other, made.token)
    assert shared(workspace, made.token).root.is_dir()


@pytest.mark.parametrize("token", ["", "x", "../../..", "x" * 43, "x" * 10_000, "ü" * 43, "\0" * 43])
def test_wrong_secret_is_a_sentence(workspace: Workspace, token: str) -> None:
    with pytest.raises(UserError, match="leads nowhere"):
        shared(workspace, token)


def test_deleted_run_ends_its_links(visitor: Workspace, workspace: Workspace) -> None:
    run, other = made_run(visitor), made_run(visitor)
    made, kept = share(run, with_data=True), share(other, with_data=True)
    run.delete()
    assert not (workspace.share(made.token).root).exists()
    assert [each.token for each in shares(visitor)] == [kept.token]


def test_all_links_of_a_workspace_can_be_ended(visitor: Workspace, workspace: Workspace) -> None:
    share(made_run(visitor), with_data=True)
    share(made_study(visitor), with_data=False)
    end_shares(visitor)
    assert list((workspace.root / "shares").iterdir()) == []


def test_wiped_workspace_ends_its_links_though_nobody_told(visitor: Workspace, workspace: Workspace) -> None:
    made = share(made_run(visitor), with_data=True)
    kept = share(made_run(workspace), with_data=True)
    visitor.root.rename(workspace.root / "elsewhere")
    with pytest.raises(UserError, match="leads nowhere"):
        shared(workspace, made.token)
    assert workspace.share(made.token).root.exists()
    assert remove_ended(workspace) == 1
    assert not workspace.share(made.token).root.exists()
    assert shared(workspace, kept.token).root.exists()


def test_revoking_that_was_cut_short_has_ended_the_link(visitor: Workspace, workspace: Workspace) -> None:
    made = share(made_run(visitor), with_data=True)
    next((visitor.root / "shared").iterdir()).unlink()
    with pytest.raises(UserError, match="leads nowhere"):
        shared(workspace, made.token)
    assert remove_ended(workspace) == 1


@pytest.mark.parametrize("state", ["queued", "running", "failed"])
def test_what_has_no_results_cannot_be_shared(workspace: Workspace, state: str) -> None:
    run = Run.create(workspace, config_for(workspace, "binary"))
    if state == "running":
        run.append("started", from_epoch=None)
    if state == "failed":
        run.fail("It broke.", "Mend it.")
    with pytest.raises(UserError, match="Only a run with results"):
        share(run, with_data=False)
    assert not (workspace.root / "shares").exists()


def test_links_are_limited_because_their_copies_take_room(workspace: Workspace, monkeypatch) -> None:
    monkeypatch.setattr("core.sharing.MOST_LINKS", 2)
    run = made_run(workspace)
    made = [share(run, with_data=False) for _ in range(2)]
    with pytest.raises(UserError, match="2 links were given away"):
        share(run, with_data=False)
    revoke(workspace, made[0].token)
    assert share(run, with_data=False)


def test_share_cannot_be_shared_on(visitor: Workspace, workspace: Workspace) -> None:
    run = made_run(visitor)
    copy = Run(shared(workspace, share(run, with_data=False).token), run.id)
    with pytest.raises(UserError, match="to look at"):
        share(copy, with_data=True)


def test_full_disk_is_said_and_leaves_nothing(workspace: Workspace, monkeypatch) -> None:
    run = made_run(workspace)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(UserError, match="disk is full"):
        share(run, with_data=True)
    assert list((workspace.root / "shares").iterdir()) == []
    assert shares(workspace) == []


def test_upload_that_is_gone_is_not_missed(workspace: Workspace) -> None:
    run = made_run(workspace)
    workspace.upload(run.config.data.source.fingerprint).unlink()
    place = shared(workspace, share(run, with_data=True).token)
    assert Run(place, run.id).metrics() == run.metrics()


def test_same_bytes_uploaded_again_do_not_reach_the_copy(workspace: Workspace) -> None:
    run = made_run(workspace)
    place = shared(workspace, share(run, with_data=True).token)
    fingerprint = run.config.data.source.fingerprint
    content = workspace.upload(fingerprint).read_bytes()
    workspace.keep(io.BytesIO(content))
    assert place.upload(fingerprint).read_bytes() == content


@pytest.mark.parametrize("content", ["{}", "[]", "7", '{"kind": ["run"]}', '{"kind": "x", "id": "y"}', "{"])
def test_damaged_share_leads_nowhere_and_hides_no_other(visitor: Workspace, workspace: Workspace, content: str) -> None:
    broken, kept = share(made_run(visitor), with_data=False), share(made_run(visitor), with_data=False)
    (workspace.share(broken.token).root / "share.json").write_text(content)
    (visitor.root / "shared" / "broken.json").write_text(content)
    assert kept.token in [each.token for each in shares(visitor)]
    with pytest.raises(UserError, match="leads nowhere"):
        shared(workspace, broken.token)
    assert remove_ended(workspace) == 1
    assert shared(workspace, kept.token).root.is_dir()
