"""What was chosen about the data: which file, how it is read, what is learned from what."""

from __future__ import annotations

from typing import Literal

from core.spec.base import Spec, choice

Task = Literal["binary", "multiclass", "regression"]
TASK_WORDS = {
    "binary": "one of two classes (binary classification)",
    "multiclass": "one of several classes (multi-class classification)",
    "regression": "a number (regression)",
}
MISSING_MARKERS = (
    "",
    "NA",
    "N/A",
    "n/a",
    "na",
    "NaN",
    "nan",
    "NULL",
    "null",
    "None",
    "?",
    "-",
    "#N/A",
    "#NA",
    ".",
)


class TableFormat(Spec):
    """How the characters of a file become a table."""

    kind: Literal["text", "excel", "parquet"] = choice(
        "text", "File kind", "A text table (CSV and its relatives), an Excel sheet or a Parquet file.", depth="all"
    )
    delimiter: Literal[",", ";", "\t", "|", " "] = choice(
        ",",
        "Separator",
        "The character that stands between two columns.",
        options={",": "comma ,", ";": "semicolon ;", "\t": "tab", "|": "bar |", " ": "space"},
    )
    decimal: Literal[".", ","] = choice(
        ".",
        "Decimal mark",
        "The character inside numbers such as 3.14 or 3,14.",
        options={".": "point 3.14", ",": "comma 3,14"},
    )
    encoding: Literal["utf-8", "utf-16", "latin-1"] = choice(
        "utf-8",
        "Encoding",
        "How letters such as é or ß were saved; change it if they look wrong below.",
        options={"utf-8": "UTF-8", "utf-16": "UTF-16", "latin-1": "Latin-1 / Windows"},
    )
    header: bool = choice(
        True,
        "First row holds the column names",
        "Turn off if the first row is already data; columns are then numbered.",
    )
    missing: tuple[str, ...] = choice(
        MISSING_MARKERS, "Missing markers", "Cells with one of these texts count as missing.", max_length=50
    )
    sheet: str = choice("", "Sheet", "The sheet of the Excel file to read; empty means the first one.", max_length=255)
    transpose: bool = choice(
        False, "Swap rows and columns (transpose)", "Turn on if each column is a sample and each row a feature."
    )


class TableSource(Spec):
    """One uploaded file, by the SHA-256 of its bytes; the name is for display only."""

    fingerprint: str = choice(..., "File", "The file's SHA-256.", pattern=r"^[0-9a-f]{64}$")
    name: str = choice("table", "Name", "The name that the file had.", max_length=200)
    format: TableFormat = TableFormat()


class Join(Spec):
    """A second table whose columns are put beside the first one's."""

    source: TableSource
    on: str | None = choice(
        None, "Matched by", "The column that both tables share; none means that rows stand in the same order."
    )


class SplitSpec(Spec):
    """How rows are divided into train, validation and the sealed test set."""

    validation: float = choice(
        0.2,
        "Validation share",
        "Part of the rows that is used to watch the training and to choose between settings.",
        ge=0.05,
        le=0.5,
        step=0.05,
    )
    test: float = choice(
        0.2,
        "Sealed test share",
        "Part of the rows that is put aside and opened once, at the very end; 0 means none.",
        ge=0.0,
        le=0.5,
        step=0.05,
    )
    stratify: bool = choice(
        True,
        "Same class shares in every part (stratified)",
        "Keeps the mix of classes (or of small and large targets) alike in train, validation and test.",
        depth="all",
    )
    seed: int = choice(
        0, "Seed of the split", "The same seed gives the same split again.", ge=0, le=2**31 - 1, depth="all"
    )
    folds: int = choice(
        0,
        "Folds",
        "0: one plain split. 2 or more: one of so many parts of train and validation rows is held out for scoring, and "
        "early stopping looks at some of the others. 1: the same with validation rows drawn anew.",
        ge=0,
        le=20,
        depth="all",
    )
    fold: int = choice(0, "Held out fold", "Which of the folds is held out, counted from 0.", ge=0, le=19, depth="all")
    repeat: int = choice(
        0,
        "Repetition",
        "Divides train and validation rows in another way; the sealed rows stay.",
        ge=0,
        le=49,
        depth="all",
    )
    learn_from_all: bool = choice(
        False,
        "Learn from validation rows too",
        "For a setting that was chosen already: nothing is left to stop early by, or to choose by.",
        depth="all",
    )


class DataSpec(Spec):
    """From files to features and a target. ``target == ""`` means: not chosen yet."""

    source: TableSource
    join: Join | None = None
    target: str = choice("", "What should be predicted (target)", "The column that the network learns to predict.")
    task: Task = choice(
        "binary",
        "Kind of answer (task)",
        "Whether the target is one of two classes, one of several, or a number.",
        options=TASK_WORDS,
    )
    drop: tuple[str, ...] = choice((), "Leave out", "Columns that the network must not see.")
    leave_out_classes: tuple[str, ...] = choice(
        (), "Classes left out", "Rows whose target is one of these take no part.", max_length=1000, depth="all"
    )
    id_column: str | None = choice(
        None,
        "Name of each row (id)",
        "A column that names the row; it is shown beside predictions and never learned from.",
    )
    group_column: str | None = choice(
        None,
        "Rows that belong together (group)",
        "Rows with the same value, such as the same patient, always stay on one side of the split.",
    )
    missing_values: Literal["fill", "drop_rows"] = choice(
        "fill",
        "Missing feature values",
        "Fill them with the average of the training rows, or leave those rows out.",
        options={"fill": "fill with the training average", "drop_rows": "leave those rows out"},
    )
    duplicate_rows: Literal["together", "drop"] = choice(
        "together",
        "Duplicate rows",
        "Copies always stay on one side of the split; or keep only the first of each.",
        options={"together": "keep, on one side of the split", "drop": "keep only the first of each"},
    )
    scaling: Literal["standard", "log", "none"] = choice(
        "standard",
        "Scaling",
        "Brings all features to the same scale, using training rows only; the logarithm first tames skewed values.",
        options={"standard": "standardise", "log": "logarithm, then standardise", "none": "leave as they are"},
    )
    split: SplitSpec = SplitSpec()
