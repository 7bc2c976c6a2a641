"""What a comparison found: which settings are best, tied or worse, the path, and the winner without its luck."""

from __future__ import annotations

from core.evaluation.study_words import capital
from core.evaluation.words import count
from core.export.report_html import Html, element, facts, listed, name_of, section, table
from core.spec import DataSpec
from core.study_opened import RESULT_WORDS, Answer

MOST_SETTINGS = 40


def study_section(answer: Answer, drawn: Html, chosen: int | None = None) -> Html:
    """The answer of a comparison; ``chosen`` is the setting that the run has."""
    result = answer.result
    return section(
        "The comparison of settings",
        element("div", element("p", result["sentence"]), listed(result["points"]), class_="verdict"),
        facts(study_facts(answer, chosen)),
        drawn,
        settings_table(answer),
        element("p", answer.said(result["method"]), class_="quiet"),
    )


def study_facts(answer: Answer, chosen: int | None = None) -> list[tuple[str, str]]:
    """What was compared, the best, the simplest good one, and the corrected score."""
    spec, result, best = answer.spec, answer.result, answer.result["best"]
    parts = f" x {count(spec.folds, 'part')}" if spec.folds > 1 else ""
    networks = f"{count(len(answer.settings), 'setting')}{parts} x {count(spec.seeds, 'repeat')}"
    pairs = [("Trained", f"{networks} = {count(len(spec.members), 'network')}"), ("Compared by", _label(answer))]
    if answer.cut_short:
        pairs.append(("Stopped", answer.cut_short))
    if chosen is not None and chosen < len(answer.settings):
        pairs.append(("Setting of this run", spec.words[chosen]))
    if best is not None:
        pairs.append(("Best", f"{spec.words[best]}: {answer.score_words(result['settings'][best]['score'])}"))
        tied = [spec.words[setting] for setting in result["tied"]]
        pairs.append(("Tied with it", "; ".join(tied[:10]) + (f" and {len(tied) - 10} more" if len(tied) > 10 else "")))
        if result["simplest"] is not None:
            pairs.append(("Simplest good one", spec.words[result["simplest"]]))
    corrected = result.get("corrected")
    if corrected and corrected["value"] is not None and not answer.best_diverged:
        pairs.append(("Best, corrected for having been picked", answer.score_words(corrected)))
    if lost := result.get("diverged", 0):
        pairs.append(("Diverged", f"{count(lost, 'network')}: the cost grew without end"))
    return pairs


def settings_table(answer: Answer) -> Html:
    """Every setting with its score, the best first."""
    told = answer.result["settings"]
    up = 1 if answer.result["higher_is_better"] else -1
    known = [(place, each) for place, each in enumerate(told) if each["score"]["value"] is not None]
    lost = [(place, each) for place, each in enumerate(told) if each["score"]["value"] is None]
    ranked = [*sorted(known, key=lambda pair: -up * pair[1]["score"]["value"]), *lost]
    rows = [
        (
            answer.spec.words[place],
            RESULT_WORDS[each["result"]],
            answer.score_words(each["score"]),
            answer.value_words(each["train"]),
            "" if each["result"] == "best" else answer.difference_words(each["versus_best"]),
        )
        for place, each in ranked[:MOST_SETTINGS]
    ]
    rest = f" (the first {MOST_SETTINGS} of {len(ranked):,})" if len(ranked) > MOST_SETTINGS else ""
    head = ("Setting", "Result", "Score", answer.said("On learned rows"), "Minus the best")
    return table(head, rows, caption=f"Settings{rest}")


def asked(answer: Answer) -> list[tuple[str, str]]:
    """What a comparison is about."""
    data = answer.spec.run.data
    target = name_of(data.target) if isinstance(data, DataSpec) else "the class of a picture"
    return [("Data", name_of(data.source.name)), ("Predicted", target)]


def _label(answer: Answer) -> str:
    return capital(answer.said(answer.result["label"]))
