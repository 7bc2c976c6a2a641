"""The sentence that says what a study found, from results that were worked out before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation.registry import METRICS
from core.evaluation.sentences import COMPARED
from core.evaluation.words import count, format_interval, format_number, format_percent

SHORT = {"log_loss": "log loss", "r2": "R²", "rmse": "RMSE", "mae": "MAE"}
Result = Mapping[str, Any]


def sentence(found: Result, names: Sequence[str], plain: int | None, diverged: bool = False) -> str:
    """Which setting is best, how many could as well be, what is worse and by how much; what it does not beat.

    Args:
        found: The study's result so far: ``metric``, ``settings``, ``best``, ``tied``, ``baselines``.
        names: Settings in words.
        plain: The unregularized setting to compare with, or None.
        diverged: Whether a network of the best setting diverged, as in all others.
    """
    if found["best"] is None:
        return "No setting could be judged: each needs at least two networks with a score on held-out rows."
    best = found["best"]
    score = score_words(found["metric"], found["settings"][best]["score"]["value"])
    worse = [i for i, each in enumerate(found["settings"]) if each["result"] == "worse"]
    compared = len(worse) + len(found["tied"])
    if diverged:
        text = f"In every setting that could be judged a network diverged; {names[best]} has the best score ({score})"
    elif compared == 0:
        text = f"Only one setting could be judged: {names[best]} ({score})"
    elif not worse:
        text = (
            f"No difference between the {compared + 1} settings is proven; {names[best]} has the best score ({score})"
        )
    else:
        text = _with_worse(found, names, plain, worse, score)
    return f"{capital(text)}.{_unbeaten(found)}"


def score_words(metric: str, value: float | None) -> str:
    """A score as people read it, e.g. ``82 % correct``, ``R² 0.82``, ``log loss 0.31``."""
    if metric == "accuracy":
        return f"{format_percent(value)} correct"
    if metric == "balanced_accuracy":
        return f"{format_percent(value)} correct, averaged over classes"
    if metric == "r2" and value is not None:
        value = round(value, 4)  # No one reads -4.9e-05 as the 0 that it is.
    return f"{SHORT[metric]} {format_number(value)}"


def worse_by(metric: str, versus: Mapping[str, float | None]) -> str:
    """Such as ``6 points worse (2 to 10)`` or ``worse by R² 0.06 (0.02 to 0.10)``."""
    value, *ends = (abs(versus[key] or 0.0) for key in ("value", "low", "high"))
    low, high = sorted(ends)
    if not METRICS[metric].share:
        return f"worse by {SHORT[metric]} {format_interval(value, low, high)}"
    digits = 0 if low >= 0.01 else 1 if low >= 0.001 else 2
    first, second, third = (f"{100 * part:.{digits}f}" for part in (value, low, high))
    return f"{in_points(first)} worse ({second} to {third})"


def in_points(number: str) -> str:
    """Such as ``1 point``, ``6 points``: percentage points, for short."""
    return f"{number} {'point' if number == '1' else 'points'}"


def baseline_words(metric: str, baseline: Mapping[str, Any]) -> str:
    """A simple model with its score, e.g. ``a straight line (ridge regression: R² 0.4)``."""
    label, score = baseline["label"], score_words(metric, baseline["score"]["value"])
    return f"{label[:-1]}: {score})" if label.endswith(")") else f"{label} ({score})"


def against(metric: str, baseline: Mapping[str, Any]) -> tuple[str, str]:
    """How the best setting stands against a simple model, and the word between two such models.

    A higher score that may be chance is not clearly better; "no better" would deny what is only unproven.
    """
    value = baseline["versus_best"]["value"] or 0.0
    ahead = value > 0 if METRICS[metric].higher_is_better else value < 0
    return ("not clearly better than", "or") if baseline["result"] == "tied" and ahead else COMPARED[baseline["result"]]


def capital(text: str) -> str:
    """With a capital letter first."""
    return text[:1].upper() + text[1:]


def _with_worse(found: Result, names: Sequence[str], plain: int | None, worse: list[int], score: str) -> str:
    metric, best, tied = found["metric"], found["best"], len(found["tied"])
    example = plain if plain in worse else max(worse, key=lambda i: abs(found["settings"][i]["versus_best"]["value"]))
    amount = f"{names[example]} is {worse_by(metric, found['settings'][example]['versus_best'])}"
    if len(worse) > 1:
        others = count(len(worse) - 1, "more setting")
        amount += f", and {others} {'is' if len(worse) == 2 else 'are'} worse too"
    if not tied:
        return f"{names[best]} is best ({score}): {amount}"
    verb = "is" if tied == 1 else "are"
    return f"{names[best]} is best ({score}), but {count(tied, 'other setting')} {verb} not clearly worse; {amount}"


def _unbeaten(found: Result) -> str:
    """What the best setting is worse than, and what it is no better than; empty if it beats everything."""
    metric = found["metric"]
    known = [
        each for each in found["baselines"] if each["result"] != "better" and each["versus_best"]["value"] is not None
    ]
    ranked = sorted(known, key=lambda each: each["result"] != "worse")
    same: dict[tuple[str, str], list[str]] = {}
    for each in ranked:
        same.setdefault(against(metric, each), []).append(baseline_words(metric, each))
    return "".join(f" The best setting is {verb} {f' {link} '.join(labels)}." for (verb, link), labels in same.items())
