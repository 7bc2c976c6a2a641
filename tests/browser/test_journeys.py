"""Both stories from the first click to the last, with files of one's own."""

from __future__ import annotations

import csv
import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Page, expect

from core.draft import load_draft
from core.progress import progress
from core.runs import Run, all_runs
from core.studies import all_studies
from core.workspace import Workspace
from tests.browser.serving import quiet, train_long

Server = tuple[str, Workspace]


def patients(folder: Path) -> Path:
    """768 rows of 8 numbers and an outcome, as in the classic example."""
    generator = np.random.default_rng(4)
    x = generator.normal(size=(768, 8)).round(4)
    names = ["Pregnancies", "Glucose", "Pressure", "Skin", "Insulin", "BMI", "Pedigree", "Age"]
    frame = pd.DataFrame(x, columns=names)
    score = x[:, 1] + x[:, 5] * x[:, 7] + generator.normal(0, 0.7, 768)
    frame["Outcome"] = (score > 0.5).astype(int)
    frame.to_csv(folder / "patients.csv", index=False)
    return folder / "patients.csv"


def expression(folder: Path) -> tuple[Path, Path]:
    """Genes in rows, samples in columns, and the response of most samples in another file and order."""
    generator = np.random.default_rng(5)
    samples, genes = 90, 300
    x = np.exp(generator.normal(size=(samples, genes)))
    names = [f"CL{i:03d}" for i in range(samples)]
    table = pd.DataFrame(x.T.round(3), columns=names)
    table.insert(0, "gene_id", [f"ENSG{i:011d}" for i in range(genes)])
    table.to_csv(folder / "expression.tsv", sep="\t", index=False)
    target = np.log(x[:, :5]).sum(1) + generator.normal(0, 0.5, samples)
    answer = pd.DataFrame({"sample": names, "Doxorubicin": target.round(4)}).sample(frac=1, random_state=0)
    answer.iloc[5:].to_csv(folder / "response.csv", sep=";", decimal=",", index=False)
    return folder / "expression.tsv", folder / "response.csv"


def upload(page: Page, *files: Path) -> None:
    page.locator("input[type=file]").first.set_input_files([str(file) for file in files])
    page.wait_for_url("**/data*")
    page.get_by_role("button", name="Train now").wait_for()


def no_error(page: Page) -> None:
    """No traceback and no error box stands on the page."""
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.locator("[data-testid=stAlertContentError]").count() == 0


def newest(workspace: Workspace) -> Run:
    return all_runs(workspace)[0]


def test_own_table_becomes_a_network_with_its_verdict_in_few_actions(
    page: Page, server: Server, tmp_path: Path
) -> None:
    file = patients(tmp_path)
    began, actions = time.monotonic(), 0
    upload(page, file)
    actions += 1
    page.get_by_role("button", name="Train now").click()
    actions += 1
    verdict = page.get_by_text(re.compile(r"The network answers .* validation rows right"))
    expect(verdict).to_be_visible()
    seconds = time.monotonic() - began
    print(f"\nfrom the opened page to the verdict: {actions} actions, {seconds:.1f} s")
    assert actions <= 5
    no_error(page)

    page.get_by_role("button", name="See the results").click()
    page.wait_for_url("**/results?run=*")
    quiet(page)
    matrix = page.locator(".js-plotly-plot .heatmaplayer").first
    matrix.scroll_into_view_if_needed()
    box = matrix.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    no_error(page)


def test_class_story_predicts_a_new_case_and_a_whole_file(page: Page, server: Server, tmp_path: Path) -> None:
    workspace = server[1]
    page.get_by_role("button", name="Use this sample").first.click()
    page.wait_for_url("**/data*")
    page.get_by_role("button", name="Train now").click()
    page.get_by_role("button", name="See the results").click()
    page.wait_for_url("**/results*")
    quiet(page)
    page.get_by_role("button", name="Predict new cases").click()
    page.wait_for_url("**/predict*")
    quiet(page)
    page.get_by_role("button", name=re.compile("never saw")).first.click()
    expect(page.get_by_text(re.compile("What was true|was true|truth", re.I)).first).to_be_visible()
    no_error(page)
    page.get_by_role("tab", name=re.compile("A whole table")).click()
    quiet(page)
    new = Path(__file__).resolve().parents[2] / "sample_data" / "grades_new.csv"
    page.locator("input[type=file]").last.set_input_files(str(new))
    download = page.get_by_role("button", name="Download predictions.csv")
    expect(download).to_be_visible()
    with page.expect_download() as waiting:
        download.click()
    with open(waiting.value.path(), newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(pd.read_csv(new))
    for row in rows:
        shares = [float(value) for name, value in row.items() if name.startswith("probability_")]
        assert len(shares) == 2 and abs(sum(shares) - 1) < 1e-5
    assert progress(newest(workspace)).state == "finished"


def test_rna_story_joins_turns_and_predicts_a_number(page: Page, server: Server, tmp_path: Path) -> None:
    upload(page, *expression(tmp_path))
    no_error(page)
    config = newest_draft(server[1])
    assert config.data.target == "Doxorubicin"
    assert config.data.task == "regression"
    assert config.data.source.format.transpose and config.data.join is not None
    page.get_by_role("button", name="Train now").click()
    page.get_by_role("button", name="See the results").click()
    page.wait_for_url("**/results*")
    quiet(page)
    no_error(page)
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_role("button", name="Predict new cases").click()
    page.wait_for_url("**/predict*")
    quiet(page)
    page.get_by_role("button", name=re.compile("never saw")).first.click()
    quiet(page)
    no_error(page)


def test_reload_in_mid_training_finds_the_run_where_it_is(page: Page, server: Server, tmp_path: Path) -> None:
    _, workspace = server
    upload(page, patients(tmp_path))
    page.get_by_role("button", name="Choose the network").click()
    page.wait_for_url("**/network*")
    quiet(page)
    train_long(page)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile(r"Training, epoch \d+"))).to_be_visible()
    address = page.url
    before = progress(newest(workspace)).epoch
    page.reload()
    expect(page.get_by_text(re.compile(r"Training, epoch \d+"))).to_be_visible()
    assert page.url == address
    assert progress(newest(workspace)).epoch >= before
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Training was stopped")).to_be_visible()
    expect(page.get_by_role("button", name="See the results")).to_be_visible()
    assert newest(workspace).metrics() is not None


def test_comparison_from_the_question_to_the_chosen_network(page: Page, server: Server, tmp_path: Path) -> None:
    _, workspace = server
    upload(page, patients(tmp_path))
    page.goto(f"{server[0]}/compare?study=new")
    quiet(page)
    expect(page.get_by_role("heading", name=re.compile(r"105 networks, about \d+ seconds"))).to_be_visible()
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url("**/compare?study=*")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name=re.compile("^Use "))).not_to_have_count(0)
    quiet(page)
    study = all_studies(workspace)[0]
    result = study.result()
    assert result is not None and result["sentence"][:20] in page.inner_text("body")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    for tab in ("All settings", "All curves", "Weights"):
        page.get_by_role("tab", name=tab).click()
        quiet(page)
        no_error(page)
    page.get_by_role("button", name=re.compile("^Use ")).first.click()
    page.wait_for_url("**/train?run=*")
    page.get_by_role("button", name="See the results").click()
    page.wait_for_url("**/results?run=*")
    quiet(page)
    no_error(page)
    expect(page.get_by_text(re.compile("learned from all rows but the sealed ones"))).to_be_visible()
    config = newest(workspace).config
    assert config.origin is not None and config.origin.study == study.id


def test_file_that_is_no_table_is_named_and_the_draft_survives(page: Page, server: Server, tmp_path: Path) -> None:
    upload(page, patients(tmp_path))
    before = newest_draft(server[1])
    page.goto(server[0])
    quiet(page)
    broken = tmp_path / "picture.csv"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    page.locator("input[type=file]").first.set_input_files(str(broken))
    expect(page.get_by_text(re.compile("picture.csv.* cannot be used"))).to_be_visible()
    assert page.locator("[data-testid=stException]").count() == 0
    assert newest_draft(server[1]) == before


def test_deep_link_opens_the_run_in_a_fresh_browser(page: Page, server: Server, tmp_path: Path) -> None:
    run = next(run for run in all_runs(server[1]) if run.metrics())
    page.goto(f"{server[0]}/results?run={run.id}")
    quiet(page)
    assert run.metrics()["verdict"]["sentence"][:40] in page.inner_text("body")
    page.goto(f"{server[0]}/results?run=20200101-000000-abcdef")
    expect(page.get_by_text(re.compile("not here")).first).to_be_visible()


def newest_draft(workspace: Workspace):

    config = load_draft(workspace)
    assert config is not None
    return config
