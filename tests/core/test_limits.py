"""What is over a limit is refused with a sentence that names it, wherever it happens."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.arrivals import Arrival, propose_arrivals
from core.errors import UserError
from core.export.make import made_export, make_export
from core.limits import ELSEWHERE, LIMITS, PROJECT_FILE, Limits, all_limits, check_disk, limits_of
from core.progress import progress
from core.project import read_project, write_project
from core.proposal import propose_files
from core.record import Record
from core.runs import Run
from core.sharing import share
from core.spec import RunConfig, StudySpec
from core.studies import Chunk, Study
from core.study_plan import create_study
from core.study_progress import study_progress
from core.training.job import train_run
from core.training.telling import Telling
from core.workspace import Workspace
from tests.conftest import grades

Draft = Callable[..., RunConfig]
Set = Callable[..., None]


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Set:
    """``limit(cells=100)`` sets limits of visitors, all others are those of the project."""

    def set_limits(**values: float) -> None:
        text = PROJECT_FILE.read_text()
        for name, value in values.items():
            own, public = text.split("\n[public]")
            text = f"{own}\n[public]" + re.sub(rf"(?m)^{name} = \S+", f"{name} = {value}", public)
        path = tmp_path / f"limits-{len(list(tmp_path.iterdir()))}.toml"
        path.write_text(text)
        monkeypatch.setenv(LIMITS, str(path))

    return set_limits


@pytest.fixture
def visitor(workspace: Workspace) -> Workspace:
    """A visitor of a server that is shared with others."""
    return workspace.visitor("somebody")


def draft_in(workspace: Workspace, rows: int = 60, **training: object) -> RunConfig:
    content = io.BytesIO(grades(rows).to_csv(index=False).encode())
    config, _ = propose_files(workspace, [(workspace.keep(content), "t.csv")])
    return config.change(training=config.training.change(epochs=3, **training).model_dump())


def zip_of(pictures: int, size: int = 32) -> io.BytesIO:
    buffer = io.BytesIO()
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(buffer, "w") as target:
        for number in range(pictures):
            picture = io.BytesIO()
            Image.fromarray(generator.integers(0, 255, (size, size, 3), dtype=np.uint8)).save(picture, "PNG")
            target.writestr(f"{'ab'[number % 2]}/{number}.png", picture.getvalue())
    buffer.seek(0)
    return buffer


def test_every_limit_of_the_project_is_documented_with_its_unit_and_reason() -> None:
    lines = [line for line in PROJECT_FILE.read_text().splitlines() if re.match(r"\w+ = ", line)]
    assert len(lines) == 2 * len(Limits.model_fields)
    for line in lines:
        assert re.fullmatch(r"\w+ = [\d_]+|\w+ = inf", line.partition("#")[0].strip())
        assert len(line.partition("# ")[2].split(". ")) == 2, line
    own, public = all_limits().own, all_limits().public
    assert all(getattr(own, name) >= getattr(public, name) for name in Limits.model_fields)


def test_visitors_and_shares_have_the_public_limits_and_who_sits_at_the_machine_his_own(
    workspace: Workspace, visitor: Workspace, tmp_path: Path
) -> None:
    assert limits_of(workspace) == all_limits().own
    assert limits_of(visitor) == limits_of(Workspace(visitor.root)) == all_limits().public
    assert limits_of(workspace.share("token")) == all_limits().public
    assert limits_of(Workspace(tmp_path / "visitors")) == all_limits().own


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("epochs = 500", "epochs = 0"), r"public\.epochs: input should be greater"),
        (lambda text: text.replace("epochs = 500", 'epochs = "many"'), r"public\.epochs: .*number"),
        (lambda text: text.replace("epochs = 500", "epochs = nan"), r"public\.epochs"),
        (lambda text: text.replace("epochs = 500", "epoch = 500"), r"public\.epochs: field required.*no such setting"),
        (lambda text: text.replace("[public]", "public"), "is not TOML.*line"),
        (lambda text: text.partition("[public]")[0], "public: field required"),
        (lambda text: "\0", "is not TOML"),
    ],
)
def test_broken_file_is_named_with_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(change(PROJECT_FILE.read_text()))
    monkeypatch.setenv(LIMITS, str(path))
    with pytest.raises(UserError, match=rf"mine\.toml.*{said}"):
        all_limits()
    monkeypatch.setenv(LIMITS, str(tmp_path / "none.toml"))
    with pytest.raises(UserError, match="cannot be read: No such file"):
        all_limits()


def test_upload_over_its_limit_leaves_nothing_behind(visitor: Workspace, limit: Set) -> None:
    limit(upload_mb=2)
    with pytest.raises(UserError, match=r"This upload has 2.1 MB or more; the limit is 2 MB\.") as refused:
        visitor.keep(io.BytesIO(bytes(4_000_000)))
    assert refused.value.remedy.endswith(ELSEWHERE)
    assert visitor.size() == 0
    assert visitor.keep(io.BytesIO(bytes(1_900_000)))
    parts = [Arrival(f"{number}.png", io.BytesIO(bytes(1_100_000))) for number in range(2)]
    with pytest.raises(UserError, match="the limit is 2 MB"):
        propose_arrivals(visitor, parts)


def test_own_machine_takes_what_visitors_may_not_upload(workspace: Workspace, limit: Set) -> None:
    limit(upload_mb=1, disk_mb=1)
    assert workspace.keep(io.BytesIO(bytes(1_500_000)))


@pytest.mark.parametrize("transpose", [False, True])
def test_table_with_too_many_cells_is_refused(visitor: Workspace, limit: Set, transpose: bool) -> None:
    limit(cells=1000)
    assert draft_in(visitor, rows=200)
    content = io.BytesIO(grades(300).to_csv(index=False).encode())
    key = visitor.keep(content)
    with pytest.raises(
        UserError, match=r"300 rows and 4 columns; at most 1,000 cells|301 rows.*1,000 cells"
    ) as refused:
        propose_files(visitor, [(key, "t.csv")])
    assert refused.value.remedy.endswith(ELSEWHERE)


def test_spreadsheet_that_would_unpack_to_too_much_is_refused_before_it_is_opened(
    visitor: Workspace, limit: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(cells=1000)
    monkeypatch.setattr("core.proposal.sniff", lambda *_: pytest.fail("opened"))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/workbook.xml", "")
        target.writestr("xl/sharedStrings.xml", "x" * 10_000_000)
    bomb.seek(0)
    with pytest.raises(UserError, match=r"unpacks to more than 0 MB|unpacks to more than"):
        propose_arrivals(visitor, [Arrival("t.xlsx", bomb)])


def test_too_many_pictures_are_refused(visitor: Workspace, limit: Set) -> None:
    limit(images=10)
    with pytest.raises(UserError, match=r"These are 12 pictures; the limit is 10\."):
        propose_arrivals(visitor, [Arrival("p.zip", zip_of(12))])
    assert not list((visitor.root / "image_sets").iterdir())


def test_run_with_too_many_epochs_is_refused_and_leaves_no_folder(visitor: Workspace, limit: Set) -> None:
    config = draft_in(visitor)
    limit(epochs=2)
    with pytest.raises(UserError, match=r"3 epochs were chosen; the limit is 2\."):
        Run.create(visitor, config)
    assert not list(visitor.runs())


def study_spec(config: RunConfig, folds: int = 2) -> StudySpec:
    return StudySpec.parse({"run": config.model_dump(), "grid": {"l2": [0.0, 0.1]}, "folds": folds, "seeds": 1})


def test_comparison_with_too_many_networks_is_refused(visitor: Workspace, limit: Set) -> None:
    spec = study_spec(draft_in(visitor), folds=3)
    limit(members=4)
    with pytest.raises(UserError, match=r"This comparison trains 6 networks; the limit is 4\."):
        create_study(visitor, spec, 60, 3, 2)
    assert not list(visitor.studies())
    assert create_study(visitor, study_spec(draft_in(visitor)), 60, 3, 2)


def test_only_so_many_runs_and_comparisons_wait_and_ended_ones_make_room(visitor: Workspace, limit: Set) -> None:
    limit(queued=2)
    config = draft_in(visitor)
    first = Run.create(visitor, config)
    create_study(visitor, study_spec(config), 60, 3, 2)
    for begin in (lambda: Run.create(visitor, config), lambda: create_study(visitor, study_spec(config), 60, 3, 2)):
        with pytest.raises(UserError, match="2 of your runs and comparisons wait or train already; the limit is 2"):
            begin()
    assert Run.create(visitor, config, waits=False)
    for run in map(lambda each: Run(visitor, each), visitor.runs()):
        run.finish("finished")
    assert progress(first).ended and Run.create(visitor, config)


def test_only_so_many_runs_and_comparisons_are_kept_wherever_they_come_from(
    workspace: Workspace, visitor: Workspace, limit: Set
) -> None:
    config = draft_in(visitor)
    file = io.BytesIO()
    for _ in range(2):
        Run.create(workspace, config).withdraw()
    write_project(workspace, file)
    limit(runs=2)
    Run.create(visitor, config)
    with pytest.raises(UserError, match="keeps 1 runs and comparisons, and 2 would come; the limit is 2"):
        read_project(visitor, file)
    create_study(visitor, study_spec(config), 60, 3, 2)
    for begin in (
        lambda: Run.create(visitor, config, waits=False),
        lambda: create_study(visitor, study_spec(config), 60, 3, 2),
    ):
        with pytest.raises(UserError, match="keeps 2 runs and comparisons, and one would come; the limit is 2") as full:
            begin()
    assert "Delete some" in full.value.remedy
    assert len([*visitor.runs(), *visitor.studies()]) == 2


def test_full_workspace_takes_nothing_more_and_says_how_much_it_holds(visitor: Workspace, limit: Set) -> None:
    config = draft_in(visitor)
    limit(disk_mb=1)
    visitor.keep(io.BytesIO(bytes(900_000)))
    with pytest.raises(UserError, match=r"Your workspace holds \d\.\d MB; the limit is 1\.0 MB"):
        visitor.keep(io.BytesIO(b"x" * 900_000))
    with pytest.raises(UserError, match=r"needs about 0\.5 MB; the limit is 1\.0 MB"):
        check_disk(visitor, 500_000)
    assert Run.create(visitor, config)


def test_full_workspace_makes_no_exports_and_no_links(visitor: Workspace, limit: Set) -> None:
    run = Run.create(visitor, draft_in(visitor))
    run.save_metrics({})
    run.model.write_bytes(bytes(600_000))
    run.finish("finished")
    limit(disk_mb=1)
    with pytest.raises(UserError, match=r"needs about 0\.6 MB; the limit is 1\.0 MB"):
        make_export(run, "keras")
    assert made_export(run, "keras") is None
    with pytest.raises(UserError, match=r"needs about 0\.6 MB; the limit is 1\.0 MB"):
        share(run, with_data=False)
    assert not list((visitor.root.parent.parent).glob("shares/*"))


def test_run_over_its_minutes_keeps_what_it_learned_and_says_which_limit_ended_it(
    visitor: Workspace, limit: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.create(visitor, draft_in(visitor))
    ends = Telling.epoch

    def over_after_the_first(self: Telling, *values: object) -> None:
        ends(self, *values)  # type: ignore[arg-type]
        self.run.allow(-1.0)
        self.looked = 0.0

    monkeypatch.setattr(Telling, "epoch", over_after_the_first)
    limit(run_minutes=7)
    train_run(str(visitor.root), run.id)
    told = progress(run)
    assert (told.state, told.epoch) == ("stopped", 0)
    assert told.problem.startswith("Training was stopped after 7 minutes, which is the limit;")
    assert run.metrics() is not None and run.model.is_file()


def test_minutes_of_a_run_are_those_of_its_workspace(
    visitor: Workspace, limit: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed: list[float] = []
    monkeypatch.setattr(Record, "allow", lambda _, seconds: allowed.append(seconds))
    limit(run_minutes=0.5)
    run = Run.create(visitor, draft_in(visitor))
    train_run(str(visitor.root), run.id)
    assert allowed == [30.0]


def test_wish_to_stop_names_no_limit(visitor: Workspace) -> None:
    run = Run.create(visitor, draft_in(visitor))
    run.request_stop()
    assert run.stop_in_time() and run.stop_reason == {}
    run.finish("stopped")
    assert progress(run).problem == ""


def test_study_over_its_minutes_stops_all_its_chunks_and_says_so(visitor: Workspace, limit: Set) -> None:
    limit(run_minutes=1)
    config = draft_in(visitor)
    study = Study.create(visitor, study_spec(config), [Chunk(0, (0, 1), ((0, 0), (1, 0)))])
    study.allow(-1.0)
    assert study.stop_in_time() and Study(visitor, study.id).stop_requested
    study.finish("stopped", seconds=1.0)
    assert study_progress(study).facts["problem"].startswith("Training was stopped after 1 minute, ")
