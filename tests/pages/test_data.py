"""Data: from a file to a draft that can be trained, every choice seen and every mistake survived."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.draft import load_draft
from core.samples import FOLDER, SAMPLES
from core.spec import DataSpec, RunConfig
from core.workspace import Workspace
from pages.parts.intake import FOLDER_LABEL, UPLOAD_LABEL

ROOT = Path(__file__).resolve().parents[2]
GRADES = "student,Math,Art,result\n" + "".join(
    f"S{row:03d},{40 + row % 50},{30 + (row * 7) % 60},{'pass' if row % 50 > 20 else 'fail'}\n" for row in range(120)
)


@pytest.fixture(autouse=True)
def at_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulated browser has no address; take it for one on this machine."""
    monkeypatch.setattr("pages.parts.session._at_this_machine", lambda: True)


def open_page() -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "navigation.py"), default_timeout=120)
    return page.switch_page("data.py").run()


def upload(page: AppTest, *files: tuple[str, str | bytes], field: int = 0) -> AppTest:
    given = [(name, content.encode() if isinstance(content, str) else content, "text/csv") for name, content in files]
    page.file_uploader[field].set_value(given)
    return page.run()


def unfold(page: AppTest, *sections: str) -> AppTest:
    for section in sections:
        page.session_state[f"data:open:{section}"] = True
    return page.run()


def saved(workspace: Workspace) -> RunConfig:
    config = load_draft(workspace)
    assert config is not None
    return config


def data(workspace: Workspace) -> DataSpec:
    return saved(workspace).data


def said(page: AppTest) -> str:
    """Everything that stands on the page as text."""
    parts: list[Any] = [*page.subheader, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def calm(page: AppTest) -> AppTest:
    assert not page.exception
    assert not page.error
    return page


def test_nothing_chosen_offers_an_upload_and_every_sample(workspace: Workspace) -> None:
    page = calm(open_page())
    assert [field.label for field in page.file_uploader] == [UPLOAD_LABEL, FOLDER_LABEL]
    assert [button.label for button in page.button].count("Open this sample") == len(SAMPLES)


def test_an_uploaded_table_is_understood_and_ready_to_train(workspace: Workspace) -> None:
    page = calm(upload(open_page(), ("grades.csv", GRADES)))
    assert page.subheader[0].value == "**120 rows × 4 columns**; learns **result** (pass / fail) from 2 features."
    assert data(workspace).id_column == "student"
    assert not page.button(key="data:train").disabled
    shown = page.dataframe[0].value
    assert shown.shape == (50, 4)
    assert shown.iloc[:, 0].tolist()[:2] == ["fail", "fail"]
    assert shown.index[0] == 1


def test_a_sample_with_two_files_is_one_click(workspace: Workspace) -> None:
    page = open_page()
    calm(page.button(key="start:sample:rna").click().run())
    chosen = data(workspace)
    assert (chosen.target, chosen.task) == ("doxorubicin_ln_ic50", "regression")
    assert chosen.join is not None and chosen.join.source.name == "doxorubicin_response.csv"


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, b"a,b,c\n"])
def test_a_wrong_file_is_refused_in_words_and_the_draft_stays(workspace: Workspace, content: bytes) -> None:
    page = upload(open_page(), ("grades.csv", GRADES))
    before = saved(workspace)
    page = upload(unfold(page, "other"), ("<b>odd</b>.csv", content))
    assert not page.exception
    assert "odd" in page.error[0].value and "cannot be used" in page.error[0].value
    assert saved(workspace) == before


def test_three_files_at_once_are_refused(workspace: Workspace) -> None:
    page = upload(open_page(), ("a.csv", GRADES), ("b.csv", GRADES), ("c.csv", GRADES))
    assert "got 3 files" in page.error[0].value.replace("\\", "")
    assert load_draft(workspace) is None


def test_another_target_is_proposed_around_anew_and_the_split_stays(workspace: Workspace) -> None:
    page = unfold(upload(open_page(), ("grades.csv", GRADES)), "split")
    page.slider(key="field:data.split.validation").set_value(0.3).run()
    page = calm(page.selectbox(key="data:target").set_value("Math").run())
    chosen = saved(workspace)
    assert (chosen.data.target, chosen.data.task, chosen.training.loss) == ("Math", "regression", "mean_squared_error")
    assert chosen.data.split.validation == 0.3
    assert page.subheader[0].value.startswith("**120 rows × 4 columns**; learns **Math** (a number)")


def test_a_task_that_cannot_be_learned_says_why_and_stops_the_button(workspace: Workspace) -> None:
    page = upload(open_page(), ("grades.csv", GRADES))
    page.selectbox(key="data:task").set_value("regression").run()
    assert page.button(key="data:train").disabled
    assert "holds texts such as" in page.error[0].value
    page = calm(page.selectbox(key="data:task").set_value("binary").run())
    assert not page.button(key="data:train").disabled


def test_a_remedy_is_one_click_and_so_is_its_undo(workspace: Workspace) -> None:
    gaps = GRADES.replace(",41,", ",,")
    page = upload(open_page(), ("grades.csv", gaps))
    before = saved(workspace)
    page = calm(page.button(key="remedy:missing").click().run())
    changed = data(workspace)
    assert changed != before.data
    assert changed.missing_values == "drop_rows"
    calm(page.button(key="data:undo_it").click().run())
    assert saved(workspace) == before


def test_own_settings_survive_a_change_of_columns(workspace: Workspace) -> None:
    page = upload(open_page(), ("grades.csv", GRADES))
    config = saved(workspace)
    own = config.change(training={**config.training.model_dump(), "epochs": 7}, name="mine")
    workspace.draft.write_text(own.model_dump_json())
    calm(unfold(page, "columns").multiselect(key="data:drop").set_value(["Art"]).run())
    assert (data(workspace).drop, saved(workspace).training.epochs) == (("Art",), 7)
    page.selectbox(key="data:target").set_value("Math").run()
    assert (saved(workspace).training.epochs, saved(workspace).name) == (7, "mine")
    assert saved(workspace).training.loss == "mean_squared_error"


def test_own_settings_survive_another_reading_of_the_file(workspace: Workspace) -> None:
    page = upload(open_page(), ("grades.csv", GRADES))
    config = saved(workspace)
    own = config.change(training={**config.training.model_dump(), "epochs": 7}, name="mine")
    workspace.draft.write_text(own.model_dump_json())
    unfold(page, "read").toggle(key="read:0:header").set_value(False).run()
    assert data(workspace).source.format.header is False
    assert (saved(workspace).training.epochs, saved(workspace).name) == (7, "mine")


def test_a_proposed_network_follows_the_columns(workspace: Workspace) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 200)).round(3)
    wide = "\n".join([",".join([*(f"g{k}" for k in range(200)), "response"]),
                      *(",".join([*map(str, row), str(row[0])]) for row in rows)])  # fmt: skip
    page = upload(open_page(), ("wide.csv", wide))
    assert saved(workspace).network.preset == "wide"
    out = [f"g{place}" for place in range(3, 200)]
    calm(unfold(page, "columns").multiselect(key="data:drop").set_value(out).run())
    assert saved(workspace).network.preset == "small"


def test_turning_the_header_off_makes_the_first_row_data(workspace: Workspace) -> None:
    page = unfold(upload(open_page(), ("grades.csv", GRADES)), "read")
    page.toggle(key="read:0:header").set_value(False).run()
    assert not page.exception
    assert "has only one row ('result')" in page.error[0].value.replace("\\", "")
    assert page.subheader[0].value.startswith("**121 rows × 4 columns**")
    assert data(workspace).source.format.header is False
    assert page.dataframe[-1].value.iloc[0].tolist() == ["student", "Math", "Art", "result"]
    calm(page.button(key="read:0:detected").click().run())
    assert data(workspace).source.format.header is True
    assert data(workspace).target == "result"


def test_a_reading_that_fails_is_said_and_changes_nothing(workspace: Workspace) -> None:
    page = unfold(upload(open_page(), ("grades.csv", GRADES)), "read")
    before = saved(workspace)
    page.selectbox(key="read:0:encoding").set_value("utf-16").run()
    assert not page.exception
    assert page.error
    assert saved(workspace) == before
    assert page.selectbox(key="read:0:encoding").value == "utf-8"


def test_a_new_missing_marker_empties_those_cells(workspace: Workspace) -> None:
    page = unfold(upload(open_page(), ("grades.csv", GRADES.replace(",41,", ",xx,"))), "read")
    assert "Math" not in said(page).split("Missing values")[-1][:40]
    marks = [*data(workspace).source.format.missing, "xx"]
    calm(page.multiselect(key="read:0:missing").set_value(marks).run())
    assert data(workspace).source.format.missing[-1] == "xx"


def test_a_table_on_its_side_is_swapped_and_joined_to_its_answers(workspace: Workspace) -> None:
    rng = np.random.default_rng(1)
    names = [f"P{row}" for row in range(40)]
    genes = rng.lognormal(2, 1, (30, 40)).round(2)
    lines = [",".join(["gene", *names])]
    lines += [",".join([f"ENSG{place:011d}", *map(str, row)]) for place, row in enumerate(genes)]
    answers = "sample,response\n" + "".join(f"{name},{genes[0, k]}\n" for k, name in reversed([*enumerate(names)]))
    page = calm(upload(open_page(), ("genes.csv", "\n".join(lines))))
    assert data(workspace).source.format.transpose is True
    assert page.subheader[0].value.startswith("**40 rows × 31 columns**")
    assert page.button(key="data:train").disabled
    assert "answers are in another file" in page.info[0].value

    page = calm(upload(page, ("answers.csv", answers)))
    chosen = data(workspace)
    assert chosen.join is not None and chosen.join.source.name == "answers.csv"
    assert chosen.join.on is not None
    assert (chosen.target, chosen.task) == ("response", "regression")

    calm(page.selectbox(key="join:on").set_value("").run())
    assert data(workspace).join.on is None  # type: ignore[union-attr]
    calm(page.button(key="join:remove").click().run())
    assert data(workspace).join is None
    calm(unfold(page, "read").toggle(key="read:0:transpose").set_value(False).run())
    assert data(workspace).source.format.transpose is False


def test_tables_that_do_not_fit_together_leave_the_draft(workspace: Workspace) -> None:
    page = unfold(upload(open_page(), ("grades.csv", GRADES)), "join")
    before = saved(workspace)
    page = upload(page, ("other.csv", "colour,size\nred,1\nblue,2\ngreen,3\n"))
    assert not page.exception
    assert "rows" in page.error[0].value
    assert saved(workspace) == before


def test_the_draft_survives_a_reload(workspace: Workspace) -> None:
    page = upload(open_page(), ("grades.csv", GRADES))
    page.selectbox(key="data:target").set_value("Art").run()
    again = calm(open_page())
    assert again.selectbox(key="data:target").value == "Art"
    assert "learns **Art**" in again.subheader[0].value


def test_a_deleted_file_is_said_and_another_can_be_given(workspace: Workspace) -> None:
    upload(open_page(), ("grades.csv", GRADES.replace("Math", "Maths")))
    chosen = saved(workspace).data.source
    workspace.upload(chosen.fingerprint).unlink()
    own = saved(workspace).model_dump()
    own["data"]["source"]["format"]["decimal"] = ","
    workspace.draft.write_text(RunConfig.parse(own).model_dump_json())
    page = open_page()
    assert not page.exception
    assert "no longer there" in page.error[0].value
    calm(upload(page, ("grades.csv", GRADES)))


def test_hostile_names_are_shown_as_text(workspace: Workspace) -> None:
    odd = ["<script>alert(1)</script>", "**bold** $x$ :smile:", "n" * 5000, "😀"]
    lines = [",".join([*odd, "result"])]
    lines += [f"{row},{row % 7},{row % 5},{row % 3},{'yes' if row % 2 else 'no'}" for row in range(40)]
    page = calm(unfold(upload(open_page(), ("odd.csv", "\n".join(lines))), "read", "join", "columns", "split"))
    page = calm(page.selectbox(key="data:target").set_value("**bold** $x$ :smile:").run())
    assert r"\*\*bold\*\* \$x\$ \:smile\:" in page.subheader[0].value


def test_thousands_of_columns_stay_slices(workspace: Workspace) -> None:
    rows = np.random.default_rng(2).integers(0, 99, size=(30, 2000))
    lines = [",".join(f"g{place}" for place in range(2000)) + ",response"]
    lines += [",".join([*map(str, row), str(row[0] + 0.5)]) for row in rows]
    page = calm(unfold(upload(open_page(), ("wide.csv", "\n".join(lines))), "read", "columns"))
    assert page.dataframe[0].value.shape == (30, 30)
    assert all(len(box.options) <= 102 for box in page.selectbox)
    page = calm(page.text_input(key="data:target:search").set_value("g1234").run())
    assert page.selectbox(key="data:target").options == ["response", "g1234"]
    page.text_input(key="data:take_out:search").set_value("g19").run()
    calm(next(button for button in page.button if button.label == "Leave out all 111 that match").click().run())
    assert len(data(workspace).drop) == 111
    calm(next(button for button in page.button if button.label == "Put back all 111").click().run())
    assert data(workspace).drop == ()


def test_train_now_starts_a_run_of_the_draft(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    class Listening:
        def submit(self, run: Any) -> None:
            started.append(run)

    monkeypatch.setattr("pages.parts.launch.engine", Listening)
    page = open_page()
    page.button(key="start:sample:lecture").click().run()
    upload(unfold(page, "other"), ("grades.csv", (FOLDER / "grades.csv").read_bytes()))
    page.button(key="data:train").click().run()
    assert [run.config for run in started] == [saved(workspace)]
