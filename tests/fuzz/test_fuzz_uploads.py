"""Whatever is uploaded, as a table or as pictures: a proposal that can be trained, or a sentence, and nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from core.arrivals import Arrival, propose_arrivals
from core.data.dataset import build_dataset
from core.data.findings import findings
from core.data.images.dataset import build_image_dataset
from core.data.images.read import load_images
from core.data.load import load_joined
from core.data.propose import propose
from core.errors import UserError
from core.proposal import propose_run
from core.spec import AnyConfig, ImageConfig
from core.workspace import Workspace
from tests.core.data.images.pictures import picture
from tests.fuzz.snapshot import fenced

NUMBERS = st.integers(-50, 50).map(str) | st.floats(-1e6, 1e6).map(str)
CLASSES = st.sampled_from(["yes", "no", "yes", "no", "maybe"])
ODD = st.sampled_from(
    ["", "NA", "inf", "1,5", "007", "2024-01-31", "=1+1", "<b>", '"', "1e400", "é", "a" * 300]
) | st.text(max_size=6)  # fmt: skip
COLUMNS = st.sampled_from([NUMBERS, NUMBERS, CLASSES, CLASSES, NUMBERS | ODD, CLASSES | ODD, ODD])
NAMES = st.sampled_from(["a", "a", "", " ", "id", "result", "=cmd()", "../x", "<script>", "é", "x" * 5_000, "1", "nan"])
EVIL = [
    "../../evil.png",
    "/tmp/evil.png",
    "..\\evil.png",
    "C:\\evil.png",
    "a/../../b.png",
    "con.png",
    ".",
    "..",
    "a/",
    "\0",
]


@st.composite
def tables(draw: Callable) -> bytes:
    """A table with odd names and odd cells, sometimes ragged, sometimes with bytes exchanged."""
    width = draw(st.integers(1, 6))
    separator = draw(st.sampled_from([",", ";", "\t", "|"]))
    kinds = [draw(COLUMNS) for _ in range(width)]
    rows = draw(st.lists(st.tuples(*kinds).map(list), max_size=40))
    head = [draw(NAMES) for _ in range(width)]
    if draw(st.booleans()) and rows:
        rows[-1] = rows[-1][:-1]
    text = "\n".join(separator.join(row) for row in [head, *rows])
    content = text.encode(draw(st.sampled_from(["utf-8", "utf-16", "utf-8-sig"])), "replace")
    return spoil(draw, content) if draw(st.integers(0, 3)) == 3 else content


@st.composite
def zips(draw: Callable) -> bytes:
    """A zip with odd names, good and broken pictures, tables of labels, sometimes with bytes exchanged."""
    names = (
        st.sampled_from(EVIL)
        | st.builds("{}/{}.png".format, st.sampled_from("ab"), st.integers(0, 9))
        | st.text(max_size=9)
    )
    pictures = st.integers(0, 99).map(lambda seed: picture(seed, (8, 6)))
    contents = st.one_of(
        pictures,
        pictures,
        pictures,
        st.binary(max_size=40),
        st.just(b"file,label\n1.png,cat\n../../2.png,dog\n"),
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))) as target:
        for name, data in draw(
            st.lists(st.tuples(names, contents), min_size=draw(st.sampled_from([0, 8, 16])), max_size=24)
        ):
            target.writestr(zipfile.ZipInfo(name.encode("utf-8", "replace").decode() or "x"), data)
    return spoil(draw, content.getvalue()) if draw(st.integers(0, 3)) == 3 else content.getvalue()


def spoil(draw: Callable, content: bytes) -> bytes:
    """The same with some bytes exchanged, or without its end."""
    spoiled = bytearray(content)
    for _ in range(draw(st.integers(0, 4))):
        if spoiled:
            spoiled[draw(st.integers(0, len(spoiled) - 1))] = draw(st.integers(0, 255))
    return bytes(spoiled[: draw(st.integers(0, len(spoiled)))] if draw(st.booleans()) else spoiled)


def learned_from(workspace: Workspace, config: AnyConfig) -> int:
    """How many rows or pictures a training would have; everything that Data and a worker do before it."""
    if isinstance(config, ImageConfig):
        return len(build_image_dataset(load_images(workspace, config.data.source), config.data))
    table = load_joined(workspace, config.data)
    if not config.data.target:
        config = propose_run(propose(table, config.data.source, config.data.join, table.names[-1]), table)
    findings(table, config.data)
    return len(build_dataset(table, config.data))


def check(name: str, content: bytes) -> None:
    with fenced() as workspace:
        try:
            config = propose_arrivals(workspace, [Arrival(name, io.BytesIO(content))])
            assert learned_from(workspace, config) > 0
            event("can be learned from")
        except UserError as error:
            assert error.problem and error.remedy
            str(error).encode()


FUZZ = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@FUZZ
@given(st.sampled_from(["a.csv", "a.xlsx", "a.parquet", "", "../../a.csv", "a\0b"]), tables() | st.binary(max_size=80))
def test_table_becomes_a_proposal_or_a_sentence(name: str, content: bytes) -> None:
    check(name, content)


@FUZZ
@pytest.mark.filterwarnings("ignore:Duplicate name")
@given(zips())
def test_zip_becomes_a_proposal_or_a_sentence(content: bytes) -> None:
    check("pictures.zip", content)
