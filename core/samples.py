"""The samples that are one click away, in the order of their cards on Home."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "sample_data"


@dataclass(frozen=True)
class Sample:
    """A data set that comes with Muffin.

    Args:
        key: Short name, used in addresses and tests.
        title: Title of the card.
        sentence: What the table or the zip of pictures holds, in one plain sentence.
        question: What the network shall answer.
        file: File in ``sample_data``.
        joined: File whose columns are put beside the first one's, if any.
        target: Column to predict; empty for pictures, whose folders are their classes.
        new_file: File of cases whose answer is not known yet, if any.
        icon: Name of a Material symbol.
        cells: Size in words, e.g. ``"400 students x 11 columns"``.
        synthetic: Whether the values were made up by ``make_samples.py``.
        preset: The network to begin with, where another than the proposed one shows more.
    """

    key: str
    title: str
    sentence: str
    question: str
    file: str
    joined: str | None
    target: str
    new_file: str | None
    icon: str
    cells: str
    synthetic: bool
    preset: str = ""

    @property
    def pictures(self) -> bool:
        """Whether it is a zip of pictures, not a table."""
        return self.file.endswith(".zip")


SAMPLES: tuple[Sample, ...] = (
    Sample(
        key="grades",
        title="Grades",
        sentence="Marks, absences and study hours of last year's students, and who passed.",
        question="Who is at risk this year?",
        file="grades.csv",
        joined=None,
        target="result",
        new_file="grades_new.csv",
        icon="school",
        cells="400 students x 11 columns",
        synthetic=True,
    ),
    Sample(
        key="rna",
        title="RNA and drug response",
        sentence="Activity of 1,000 genes in one file, the response to Doxorubicin in another.",
        question="How strongly will a sample respond?",
        file="rna_expression.csv",
        joined="doxorubicin_response.csv",
        target="doxorubicin_ln_ic50",
        new_file=None,
        icon="genetics",
        cells="200 samples x 1,000 genes",
        synthetic=True,
    ),
    Sample(
        key="chihuahua_or_muffin",
        title="Chihuahua or muffin",
        sentence="Drawings of small dogs and of blueberry muffins, round and brown with dark spots, both of them.",
        question="Which of the two is it?",
        file="chihuahua_or_muffin.zip",
        joined=None,
        target="",
        new_file=None,
        icon="pets",
        cells="400 pictures of 2 classes",
        synthetic=True,
        preset="small_cnn",
    ),
    Sample(
        key="digits",
        title="Handwritten digits",
        sentence="Digits written by hand, white on black; draw your own and see what the network makes of it.",
        question="Which digit is it?",
        file="digits.zip",
        joined=None,
        target="",
        new_file=None,
        icon="draw",
        cells="600 pictures of 10 classes",
        synthetic=False,
    ),
    Sample(
        key="clothes",
        title="Clothes",
        sentence="Small grey photos of pullovers, coats and shirts, which look much alike.",
        question="What is on the photo?",
        file="clothes.zip",
        joined=None,
        target="",
        new_file=None,
        icon="checkroom",
        cells="345 pictures of 3 classes",
        synthetic=False,
    ),
    Sample(
        key="tumours",
        title="Tumour types",
        sentence="Activity of 2,308 genes in childhood tumours of four types that look alike under the microscope.",
        question="Which type is it?",
        file="tumours.csv",
        joined=None,
        target="tumour",
        new_file=None,
        icon="biotech",
        cells="83 tumours x 2,310 columns",
        synthetic=False,
    ),
    Sample(
        key="breast_cancer",
        title="Breast biopsies",
        sentence="Size and shape of cell nuclei in biopsies, and the diagnosis that followed.",
        question="Benign or malignant?",
        file="breast_cancer.csv",
        joined=None,
        target="diagnosis",
        new_file=None,
        icon="clinical_notes",
        cells="569 biopsies x 31 columns",
        synthetic=False,
    ),
    Sample(
        key="lecture",
        title="The lecture's example",
        sentence="Three students, three subjects, pass or fail: small enough to follow by hand, too small to trust.",
        question="What about the other three?",
        file="lecture_grades.csv",
        joined=None,
        target="result",
        new_file="lecture_grades_new.csv",
        icon="menu_book",
        cells="3 students x 5 columns",
        synthetic=True,
    ),
)


def path(sample: Sample) -> Path:
    """The sample's main table, or its zip of pictures."""
    return FOLDER / sample.file


def joined_path(sample: Sample) -> Path | None:
    """The table whose columns are put beside the main one's, if any."""
    return FOLDER / sample.joined if sample.joined else None


def new_path(sample: Sample) -> Path | None:
    """The table of cases to predict, if any."""
    return FOLDER / sample.new_file if sample.new_file else None
