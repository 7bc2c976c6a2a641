"""What else to know about a study: the simplest good setting, luck, memorising, and what the study cannot show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation.learning import SMALLEST_GAP
from core.evaluation.registry import METRICS
from core.evaluation.study_words import SHORT, Result, against, baseline_words, capital, in_points, score_words
from core.evaluation.words import count, format_difference, format_interval, format_number

FEW_GROUPS = 5
FEW_ROWS = 50


def points(found: Result, names: Sequence[str], plain: int | None, rows: int, unit: str = "row") -> list[str]:
    """A few sentences, the most useful first.

    Args:
        found: The study's result so far.
        names: Settings in words.
        plain: The unregularized setting to compare with, or None.
        rows: Distinct rows (or groups, where rows belong together) that were held out.
        unit: What was counted there.
    """
    if found["best"] is None:
        return [each for each in _left_out(found, names) if each]
    listed = [
        _simplest(found, names),
        _luck(found),
        *(_baseline(found["metric"], each) for each in found["baselines"]),
        _memorising(found, names, plain),
        _too_much(found, names, plain),
        *_left_out(found, names),
        _few(found, rows, unit),
    ]
    return [each for each in listed if each]


def _simplest(found: Result, names: Sequence[str]) -> str:
    simplest, best = found["simplest"], found["best"]
    if sum(each["result"] in ("best", "tied", "worse") for each in found["settings"]) < 2:
        return ""
    if simplest == best:
        return "No simpler setting is within one standard error of the best one."
    score = score_words(found["metric"], found["settings"][simplest]["score"]["value"])
    return capital(
        f"{names[simplest]} is the simplest setting within one standard error of the best ({score}): "
        "where scores are this close, the simpler network is the safer choice."
    )


def _luck(found: Result) -> str:
    """What having been picked adds to the winner's score."""
    corrected, metric = found["corrected"], found["metric"]
    if corrected is None or sum(each["result"] in ("best", "tied", "worse") for each in found["settings"]) < 2:
        return ""
    plain = score_words(metric, found["settings"][found["best"]]["score"]["value"])
    share = METRICS[metric].share
    text = format_interval(corrected["value"], corrected["low"], corrected["high"], percent=share)
    if score_words(metric, corrected["value"]) == plain:
        return f"Having been picked as the best does not flatter its score: corrected for that it is still {text}."
    return f"Being picked as the best takes some luck: its cross-validated score is {plain}, corrected for that {text}."


def _baseline(metric: str, baseline: Mapping[str, Any]) -> str:
    versus = baseline["versus_best"]
    if versus["low"] is None:
        return ""
    verb = against(metric, baseline)[0]
    share = METRICS[metric].share
    amount = format_difference(versus["value"], versus["low"], versus["high"], percent=share)
    unit = "" if share else f"{SHORT[metric]} "
    return f"The best setting is {verb} {baseline_words(metric, baseline)}: {unit}{amount}{_direction(metric)}."


def _memorising(found: Result, names: Sequence[str], plain: int | None) -> str:
    """The gap between known and new rows, of the best setting and without regularization."""
    metric, best = found["metric"], found["best"]
    own = _gap(found, best)
    if own is None:
        return ""
    text = f"On rows that it learned from, {names[best]} is {_gap_words(metric, own)} than on new ones"
    other = None if plain is None or plain == best else _gap(found, plain)
    if other is not None and plain is not None:
        text += f", {names[plain]} {_gap_words(metric, other)}"
    return f"{text}: {_meaning(own, other, _smallest_gap(found))}."


def _meaning(own: float, other: float | None, smallest: float) -> str:
    """What the gap of the best setting, and that without regularization, mean."""
    if max(own, own if other is None else other) <= smallest:
        return "no sign of memorising (overfitting)"
    if other is None:
        return "it memorises (overfitting)"
    if other - own > smallest:
        return "regularization holds back memorising (overfitting)"
    return "it memorises (overfitting), and regularization changes that little"


def _too_much(found: Result, names: Sequence[str], plain: int | None) -> str:
    """The regularized setting that learns least, where even what it learned from goes worse than new rows elsewhere."""
    metric = found["metric"]
    up = 1 if METRICS[metric].higher_is_better else -1
    learned = {
        i: up * each["train"]
        for i, each in enumerate(found["settings"])
        if each["result"] == "worse" and each["train"] is not None and i != plain
    }
    least = min(learned, key=learned.__getitem__, default=None)
    value = found["settings"][found["best"]]["score"]["value"]
    if least is None or value is None or up * value - learned[least] <= _smallest_gap(found):
        return ""
    score = score_words(metric, up * learned[least])
    return capital(f"{names[least]} learns too little even of the rows that it sees (underfitting): {score} there.")


def _left_out(found: Result, names: Sequence[str]) -> list[str]:
    """Settings that could not be compared."""
    kinds = [[names[i] for i, each in enumerate(found["settings"]) if each["result"] == kind] for kind in
             ("diverged", "missing")]  # fmt: skip
    diverged, missing = kinds
    return [
        f"At least one network diverged (its cost became infinite) in {_listed(diverged)}: "
        "a smaller learning rate would help."
        if diverged
        else "",
        f"Too few networks could be scored to judge {_listed(missing)}." if missing else "",
    ]


def _few(found: Result, rows: int, unit: str) -> str:
    groups = len([score for score in found["settings"][found["best"]]["scores"] if score is not None])
    if groups < FEW_GROUPS:
        return f"Each setting was judged only {groups} times: more parts or repeats would show smaller differences."
    if rows < FEW_ROWS:
        return f"Only {count(rows, unit)} to judge by: small differences cannot be seen with so few."
    return ""


def _gap(found: Result, setting: int) -> float | None:
    """How much better a setting is on rows that it learned from."""
    train, value = found["settings"][setting]["train"], found["settings"][setting]["score"]["value"]
    if train is None or value is None:
        return None
    return float(train - value if METRICS[found["metric"]].higher_is_better else value - train)


def _smallest_gap(found: Result) -> float:
    """Gaps smaller than this are of no practical weight: a tenth, where the metric has a unit of its own."""
    value = found["settings"][found["best"]]["score"]["value"] or 0.0
    return SMALLEST_GAP.get(found["metric"], 0.1 * abs(value))


def _gap_words(metric: str, gap: float) -> str:
    amount = round(abs(gap), 4) if metric == "r2" else abs(gap)
    size = in_points(f"{100 * amount:.0f}") if METRICS[metric].share else f"{format_number(amount)} ({SHORT[metric]})"
    return f"{size} {'better' if gap >= 0 else 'worse'}"


def _direction(metric: str) -> str:
    return "" if METRICS[metric].higher_is_better else " (lower is better)"


def _listed(names: Sequence[str]) -> str:
    more = f"; and {count(len(names) - 3, 'more setting')}" if len(names) > 3 else ""
    return "; ".join(names[:3]) + more
