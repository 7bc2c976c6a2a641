"""Studies as pages find them, made without training, so that page tests are quick."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.spec import RunConfig, StudySpec
from core.studies import Chunk, Study
from core.workspace import Workspace

EDGES = np.linspace(-1.0, 1.0, 22)


def study_spec(config: RunConfig, folds: int = 5, seeds: int = 3, **grid: Any) -> StudySpec:
    """A study over an L2 ladder, unless other axes are given."""
    return StudySpec.parse({"run": config.model_dump(), "grid": grid, "folds": folds, "seeds": seeds})


def new_study(workspace: Workspace, spec: StudySpec, chunks: int = 1) -> Study:
    """A study that waits, its settings cut into so many chunks."""
    groups = tuple((fold, seed) for seed in range(spec.seeds) for fold in range(spec.folds))
    parts = [part for part in np.array_split(np.arange(len(spec.settings)), chunks) if len(part)]
    return Study.create(
        workspace, spec, [Chunk(number, tuple(map(int, part)), groups) for number, part in enumerate(parts)]
    )


def train_so_far(study: Study, epochs: int = 30, share_ended: float = 0.5, diverged: tuple[int, ...] = ()) -> None:
    """What a worker leaves after some epochs; settings in ``diverged`` became not a number."""
    study.append("started", from_epoch=None)
    scores = member_scores(study.spec)
    random = np.random.default_rng(2)
    for chunk in study.chunks:
        own = study.members_of(chunk)
        lost = np.isin(own // (study.spec.folds * study.spec.seeds), diverged)
        held, learned = scores["held"][own], scores["train"][own]
        board = np.stack([1 - learned, learned, 1.1 - held, held, 1.1 - held, held]).astype(np.float32)
        board[:, lost] = np.nan
        study.save_board(
            chunk,
            {
                "epoch": np.array(epochs),
                "best_epoch": np.full(own.shape, max(1, epochs // 2)),
                "ended": (random.random(own.shape) < share_ended) | lost,
                "diverged": lost,
                "scores": board,
            },
        )
        study.append_curves(chunk, _curves(epochs, learned, held, lost))


def finish(
    study: Study, event: str = "finished", diverged: tuple[int, ...] = (), epochs: int = 60, **facts: str
) -> Study:
    """What a worker leaves at the end."""
    train_so_far(study, epochs, 1.0, diverged)
    study.save_result(made_result(study.spec, diverged))
    study.finish(event, seconds=6.2, members=len(study.spec.members), **facts)
    return study


def member_scores(spec: StudySpec) -> dict[str, np.ndarray]:
    """Believable accuracies (members,) on held and learned rows: a hill over the strength of regularization."""
    random = np.random.default_rng(1)
    strength = np.array([np.log10(1e-6 + s.l1 * 10 + s.l2 + s.dropout / 50) for s in spec.settings])
    held = 0.81 - 0.012 * (strength + 2.5) ** 2
    groups = random.normal(0, 0.015, spec.folds * spec.seeds)
    noise = random.normal(0, 0.008, (len(strength), len(groups)))
    train = np.clip(0.99 - 0.03 * (strength + 6), 0.5, 1.0)[:, None] + noise / 2
    return {"held": (held[:, None] + groups + noise).ravel(), "train": train.ravel()}


def made_result(spec: StudySpec, diverged: tuple[int, ...] = (), metric: str = "accuracy") -> dict[str, Any]:
    """The answer, as ``core/studies.py`` keeps it."""
    groups = spec.folds * spec.seeds
    scores = {name: values.reshape(-1, groups) for name, values in member_scores(spec).items()}
    settings = [_setting(place, scores, diverged) for place in range(len(spec.settings))]
    known = [place for place in range(len(settings)) if place not in diverged]
    best = max(known, key=lambda place: settings[place]["score"]["value"])
    for place in known:
        difference = scores["held"][place] - scores["held"][best]
        settings[place]["versus_best"] = versus = _interval(difference)
        tied = versus["low"] <= 0 <= versus["high"]
        settings[place]["result"] = "best" if place == best else "tied" if tied else "worse"
    ties = [place for place in known if settings[place]["result"] == "tied"]
    words = spec.words[best]
    return {
        "task": spec.run.data.task,
        "metric": metric,
        "label": "share of correct answers (accuracy)",
        "higher_is_better": True,
        "folds": spec.folds,
        "seeds": spec.seeds,
        "settings": settings,
        "best": best,
        "simplest": (ties or [best])[-1],
        "tied": ties,
        "baselines": _baselines(scores["held"][best]),
        "corrected": _interval(scores["held"][best] - 0.006),
        "sentence": f"{words} scores best: 81 % (79 % to 83 %); {len(ties)} settings cannot be told apart from it.",
        "points": ["No regularization is worse by 4 (2 to 6) percentage points."],
        "method": "Differences are paired over the same parts and repeats; intervals are those of the corrected "
        "resampled t-test (Nadeau and Bengio 2003).",
        "weights": made_weights(spec),
        "best_epochs": [30.0] * len(settings),
        "seconds": 6.2,
        "members": len(spec.members),
        "diverged": len(diverged) * groups,
    }


def made_weights(spec: StudySpec) -> dict[str, Any]:
    """What the weights became: the stronger the penalty, the narrower; L1 drops features."""
    names = [f"feature {number}" for number in range(40)]
    names[0] = "<b>gene</b> *one*"
    settings = []
    for setting in spec.settings:
        width = 0.4 / (1 + 30 * setting.l2 + 100 * setting.l1)
        middles = (EDGES[:-1] + EDGES[1:]) / 2
        counts = np.exp(-((middles / width) ** 2))
        kept = max(2, round(len(names) / (1 + 500 * setting.l1)))
        features = [[number, max(0.05, 1 - number / kept), width / (1 + number)] for number in range(kept)]
        near = min(0.98, 0.03 + 60 * setting.l1 + setting.l2)
        share = (counts / counts.sum()).tolist()
        settings.append({"near_zero": near, "counts": share, "kept_features": float(kept), "features": features})
    edges = EDGES.tolist()
    return {"edges": edges, "near_zero_below": 1e-3, "settings": settings, "feature_names": names, "features": 40}


def _setting(place: int, scores: dict[str, np.ndarray], diverged: tuple[int, ...]) -> dict[str, Any]:
    if place in diverged:
        lost = [None] * scores["held"].shape[1]
        score = {"value": None, "low": None, "high": None}
        told = {"standard_error": None, "train": None, "scores": lost, "train_scores": lost}
        return {"score": score, **told, "versus_best": None, "result": "diverged"}
    held, train = scores["held"][place], scores["train"][place]
    return {
        "score": _interval(held),
        "standard_error": float(held.std() / 3),
        "train": float(train.mean()),
        "scores": held.tolist(),
        "train_scores": train.tolist(),
    }


def _interval(values: np.ndarray) -> dict[str, float]:
    middle, margin = float(values.mean()), float(2.2 * values.std() * np.sqrt(1 / len(values) + 0.25))
    return {"value": middle, "low": middle - margin, "high": middle + margin}


def _baselines(best: np.ndarray) -> list[dict[str, Any]]:
    found = []
    for key, label, level in (("majority", "the most frequent class", 0.65), ("logistic", "logistic regression", 0.79)):
        scores = np.full(len(best), level) + np.linspace(-0.01, 0.01, len(best))
        versus = _interval(best - scores)
        told = "tied" if versus["low"] <= 0 <= versus["high"] else "better"
        score = _interval(scores)
        found.append(
            {"key": key, "label": label, "score": score, "scores": scores.tolist(), "versus_best": versus}
            | {"result": told}
        )
    return found


def _curves(epochs: int, learned: np.ndarray, held: np.ndarray, lost: np.ndarray) -> list[np.ndarray]:
    blocks = []
    for epoch in range(epochs + 1):
        fallen = np.exp(-epoch / 10)
        memorised = 0.002 * epoch * (learned - held)
        rows = [1 - learned + fallen, learned - fallen / 3, 1 - held + fallen + memorised, held - fallen / 3]
        block = np.stack(rows)
        block = np.concatenate([block, block[2:]])
        block[:, lost] = np.nan
        blocks.append(block)
    return blocks
