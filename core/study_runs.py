"""From a study to a run: the chosen setting learns once more, from train and validation rows together."""

from __future__ import annotations

from core.errors import UserError
from core.runs import Run
from core.spec import AnyConfig, ImageConfig, Origin
from core.studies import Study


def refit(study: Study, setting: int) -> Run:
    """A new run in state queued with a setting of a study.

    It learns from train and validation rows for as many epochs as the setting's members took to their best (the
    median); what is shown as its validation score is the study's, from rows that were held out.

    Raises:
        UserError: There is no such setting, or it was never trained.
    """
    return Run.create(study.workspace, refit_config(study, setting))


def refit_config(study: Study, setting: int) -> AnyConfig:
    """The configuration of `refit`."""
    spec, result = study.spec, study.result()
    known = range(len(spec.settings))
    epochs = result["best_epochs"][setting] if result and setting in known else None
    if epochs is None:
        raise UserError(
            f"The study has no trained setting number {setting + 1}.", "Choose one of those that have a score."
        )
    chosen = spec.settings[setting]
    plain = spec.run.plain
    if isinstance(plain, ImageConfig) and plain.network.fine_tune_blocks:
        epochs *= 2  # The study counted epochs of fine-tuning, which is given half of all.
    split = {**plain.data.split.model_dump(), "learn_from_all": True}
    return plain.change(
        name=f"{study.name}: {spec.words[setting]}"[:200],
        data={**plain.data.model_dump(), "split": split},
        **spec.chosen(chosen),
        training={**plain.training.model_dump(), "epochs": max(1, epochs), "early_stopping": False},
        origin=Origin(study=study.id, setting=setting).model_dump(),
    )
