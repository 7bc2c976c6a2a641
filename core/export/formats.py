"""What a run or a study can be exported as, and why not where it cannot; cheap, so that a page can ask.

Each format is made by ``make_<key>(run, target)`` of the module ``core.export.<key>``, which only a worker imports;
that of a study by ``make_study_<key>(study, target)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.data.words import quoted
from core.errors import UserError
from core.spec import RunConfig

if TYPE_CHECKING:
    from core.record import Record
    from core.runs import Run
    from core.studies import Study

_ZIP = "application/zip"
_RESULTS = ("model.keras", "metrics.json", "predictions.parquet", "test.json", "title.json", "importance.json")


def _untrained(run: Run) -> str:
    return "" if run.model.is_file() else "This run has no trained network (yet)."


def _unscored(run: Run) -> str:
    return "" if run.metrics() is not None else "This run has no results (yet)."


def _without_data(run: Run) -> str:
    """For what needs the table or the pictures themselves, which may have been deleted or not been shared."""
    if found := _unscored(run):
        return found
    data = run.config.data
    sources = [data.source]
    if isinstance(run.config, RunConfig) and run.config.data.join is not None:
        sources.append(run.config.data.join.source)
    gone = [source.name for source in sources if not run.workspace.upload(source.fingerprint).is_file()]
    return f"The data itself, {quoted(gone[0])}, is not here: it was deleted, or not shared." if gone else ""


def _unanswered(study: Study) -> str:
    return "" if study.result() is not None else "This comparison has no answer (yet)."


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Args:
        key: Its short name, and that of the module that makes it.
        title: What it is called.
        help: One sentence: what it is good for.
        file_name: What the file is called.
        mime: What a browser is told that it is.
        check: Why a run or study cannot be exported so, as a sentence; an empty text where it can.
        reads: The files of its folder that the export depends on; it is made again when one of them has changed.
    """

    key: str
    title: str
    help: str
    file_name: str
    mime: str
    check: Callable[[Any], str] = _untrained
    reads: tuple[str, ...] = ("model.keras", "title.json")


_ALL = (
    Format(
        "keras",
        "Keras model",
        "The trained network with its preprocessing; opens in Python with keras.models.load_model, without Muffin.",
        "model.keras",
        _ZIP,
    ),
    Format(
        "saved_model",
        "TensorFlow SavedModel",
        "For TensorFlow Serving and for programs in C++, Java or Go; takes the raw columns or pixels.",
        "saved_model.zip",
        _ZIP,
    ),
    Format(
        "litert",
        "LiteRT (TensorFlow Lite)",
        "For phones, browsers and small devices: model.tflite, and a description of what goes in and comes out.",
        "litert.zip",
        _ZIP,
    ),
    Format(
        "onnx",
        "ONNX",
        "For ONNX Runtime in Python, C#, Java, JavaScript and others; takes the raw columns or pixels.",
        "model.onnx",
        "application/octet-stream",
    ),
    Format(
        "script",
        "Keras script",
        "A plain Python script that trains this network again on the exported data, step by step.",
        "train.py",
        "text/x-python",
        _without_data,
        _RESULTS,
    ),
    Format(
        "notebook",
        "Notebook",
        "The same script as a Jupyter notebook, with its explanations between the steps.",
        "train.ipynb",
        "application/x-ipynb+json",
        _without_data,
        _RESULTS,
    ),
    Format(
        "data",
        "Data",
        "Exactly what the run used, each case with the part that it was in: train, validation or test.",
        "data.zip",
        _ZIP,
        _without_data,
        _RESULTS,
    ),
    Format(
        "report",
        "Report",
        "One page to read, print or send: data, network, scores, verdict, limits, and a methods paragraph.",
        "report.html",
        "text/html",
        _unscored,
        (*_RESULTS, "robustness.json"),
    ),
    Format(
        "figures",
        "Figures",
        "Every chart of the results as PNG, as SVG and as numbers.",
        "figures.zip",
        _ZIP,
        _unscored,
        (*_RESULTS, "robustness.json"),
    ),
)
FORMATS: dict[str, Format] = {format.key: format for format in _ALL}
_ANSWER = ("result.json", "title.json")
STUDY_FORMATS: dict[str, Format] = {
    "report": Format(
        "report",
        "Report",
        "One page to read, print or send: what was compared, which settings are best or tied, and a methods paragraph.",
        "report.html",
        "text/html",
        _unanswered,
        _ANSWER,
    ),
    "figures": Format(
        "figures",
        "Figures",
        "The regularization path as PNG, as SVG and as numbers.",
        "figures.zip",
        _ZIP,
        _unanswered,
        _ANSWER,
    ),
}


def format_of(record: Record, key: str) -> Format:
    """The format of this key for a run or study; raises `UserError` where there is none."""
    if key not in record.formats:
        raise UserError(f"There is no export called {key[:60]!r}.", f"Choose one of {', '.join(record.formats)}.")
    return record.formats[key]


def why_not(record: Record, key: str) -> str:
    """Why a run or study cannot be exported so, as a sentence for a person; an empty text where it can."""
    return format_of(record, key).check(record)
