"""The part of a generated script that holds the network's scores against those that the app measured."""

from __future__ import annotations

import re

from core.export.script_cells import Cell, Code, Text, literal
from core.export.script_facts import Facts
from core.spec import OUTPUTS

_SCORES = {
    "accuracy": "accuracy_score(truth, likely)",
    "balanced_accuracy": "balanced_accuracy_score(truth, likely)",
    "roc_auc": "np.mean([roc_auc_score(truth == k, answer[:, k]) for k in np.unique(truth)])",
    "log_loss": "log_loss(truth, answer, labels=range(len(CLASSES)))",
    "f1_macro": 'f1_score(truth, likely, average="macro")',
    "r2": "r2_score(truth, answer)",
    "rmse": "root_mean_squared_error(truth, answer)",
    "mae": "mean_absolute_error(truth, answer)",
}


def score_functions(facts: Facts) -> list[str]:
    """What is needed of sklearn.metrics."""
    found = [re.search(r"\b(\w+)\(truth", _SCORES[name]) for name in _measured(facts)]
    return sorted(match[1] for match in found if match)


def _measured(facts: Facts) -> list[str]:
    return [key for key in _SCORES if all(key in scores for scores in facts.measured.values())]


def evaluation_cells(facts: Facts) -> list[Cell]:
    """Scores of each part beside those that the app measured, and the sealed test behind a comment."""
    shown = [part for part in ("train", "validation") if part in facts.measured]
    names = _measured(facts)
    in_app = {part: {key: facts.measured[part][key] for key in names} for part in facts.measured}
    source = "\n\n\n".join([_answers(facts), _scores(facts, names), _report(in_app)])
    calls = "\n".join(f'report("{part}")' for part in shown)
    cells: list[Cell] = [Text("Evaluation", _about_scores(facts)), Code(f"{source}\n\n\n{calls}")]
    if "test" in facts.rows:
        cells += [Text("The sealed test", (_sealed(facts),)), Code('# report("test")')]
    return cells


def _about_scores(facts: Facts) -> tuple[str, ...]:
    said = "Beside each score stands the one that the app measured, with its 95 % interval."
    if facts.differs:
        said += f" {facts.differs}, so the two are alike, but not equal: expect them within the interval."
    else:
        said += " They agree to about four digits; in long trainings tiny differences in rounding may grow."
    if "validation" in facts.rows:
        return (said,)
    return (
        said,
        "This network learned from all rows but the sealed ones, so none are left to check it on. The validation "
        "scores in the app are those of the comparison that it comes from.",
    )


def _sealed(facts: Facts) -> str:
    opened = "It was opened in the app." if "test" in facts.measured else "It has not been opened in the app yet."
    return (
        "These rows have played no part so far, neither in learning nor in choosing. That is what makes their score "
        "honest, and it holds for one look only: whoever changes something after it has chosen by it. "
        f"{opened} When all is decided, take the comment sign away."
    )


def _answers(facts: Facts) -> str:
    loss, predicted = facts.config.training.loss, 'model.predict(x, verbose=0).astype("float64")'
    if OUTPUTS[loss].per_class:
        about, lines = (
            "The probability of each class",
            [f"answer = {predicted}", "return answer / answer.sum(axis=1, keepdims=True)"],
        )
    elif loss == "hinge":
        about = "The probability of each class; a network that learned with hinge gives a score, from which it follows"
        lines = [f"second = 1 / (1 + np.exp(-2 * {predicted}))", "return np.concatenate([1 - second, second], axis=1)"]
    elif facts.classes:
        about = "The probability of each class"
        lines = [f"second = {predicted}", "return np.concatenate([1 - second, second], axis=1)"]
    else:
        about, lines = "The answers, in the unit of the target", [f"return {predicted}[:, 0] * unit + center"]
    return "\n    ".join(["def answers(x):", f'"""{about}."""', *lines])


def _scores(facts: Facts, names: list[str]) -> str:
    likely = "(answer[:, 1] >= 0.5).astype(int)" if len(facts.classes) == 2 else "answer.argmax(axis=1)"
    lines = ["def scores(truth, answer):", '    """How good the answers are."""']
    if facts.classes:
        lines.append(f"    likely = {likely}")
    return "\n".join([*lines, "    return {", *(f'        "{name}": {_SCORES[name]},' for name in names), "    }"])


def _report(in_app: dict[str, dict[str, tuple[float, ...]]]) -> str:
    return f'''\
IN_APP = {literal(in_app)}


def report(name):
    """Print the scores of a part, each with the app's and its interval."""
    found = scores(truth[part == name], answers(x[part == name]))
    print(f"\\n{{name}}, {{(part == name).sum()}} rows")
    for key, value in found.items():
        app, *interval = IN_APP.get(name, {{}}).get(key, [np.nan])
        between = " to ".join(f"{{end:.4g}}" for end in interval)
        print(f"  {{key:18}} {{value:10.4f}}    in the app {{app:10.4f}}    ({{between}})")'''
