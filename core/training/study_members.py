"""One member of a study as a run of its own, with everything that a run has."""

from __future__ import annotations

import numpy as np

from core.errors import UserError
from core.network.backbone import load_head
from core.run_files import line_of
from core.runs import Run
from core.spec import AnyConfig, BatchNormalization, Dense, ImageConfig, Member, NetworkSpec, Origin, RunConfig
from core.studies import Study
from core.training.conclude import conclude
from core.training.image_conclude import Learned, conclude_images
from core.training.image_job import new_model
from core.training.study_pictures import StudyPictures
from core.training.study_rows import Place, StudyRows
from core.training.study_shared import Shared, rows_of
from core.workspace import Workspace


def open_member(root: str, study_id: str, member: int) -> str:
    """Write a member as a finished run; its id. The weights are those of the study, nothing is trained again.

    Raises:
        UserError: There is no such member, or it has no usable weights.
    """
    study = Study(Workspace(root), study_id)
    spec = study.spec
    if not 0 <= member < len(spec.members):
        raise UserError(f"The study has no network number {member + 1}.", "Choose one from its table.")
    chosen = spec.members[member]
    shared, weights = rows_of(study), _weights(study, chosen)
    origin = Origin(study=study.id, setting=chosen.setting)
    config = spec.member_config(chosen).change(origin=origin.model_dump())
    run = Run.create(study.workspace, config, waits=False)
    try:
        run.append("started", from_epoch=None)
        run.append_all(_curves(study, member))
        _conclude(run, config, shared, (chosen.fold, chosen.seed), weights)
        board = study.board()
        run.finish("finished", best_epoch=int(board.best_epoch[member]), epochs=int(board.epoch[member]), seconds=0.0)
    except BaseException:
        run.delete()
        raise
    return run.id


def _conclude(run: Run, config: AnyConfig, shared: Shared, place: Place, weights: list[np.ndarray]) -> None:
    if isinstance(shared, StudyRows) and isinstance(config, RunConfig):
        prepared = shared.prepared(place)
        own = cut_inputs(config.network, weights, shared.columns_of(prepared), shared.inputs)
        conclude(run, config, prepared, own)
    elif isinstance(shared, StudyPictures) and isinstance(config, ImageConfig):
        images, frozen = shared.prepared(place).images, config.network.frozen
        model = new_model(config, images)
        if frozen:
            load_head(model, weights)
        else:
            model.set_weights(weights)
        conclude_images(run, config, images, Learned(model, shared.x if frozen else None))


def _weights(study: Study, member: Member) -> list[np.ndarray]:
    place = member.fold, member.seed
    for chunk in study.chunks:
        if member.setting in chunk.settings and place in chunk.groups:
            kept = study.weights(chunk)
            if kept is not None:
                where = chunk.groups.index(place), chunk.settings.index(member.setting)
                found = [array[where] for _, array in sorted(kept.items())]
                if all(np.isfinite(array).all() for array in found):
                    return found
    raise UserError(
        "This network has no usable weights: it ran away, or was stopped before it learned anything.",
        "Open another one, or lower the learning rate and compare again.",
    )


def cut_inputs(network: NetworkSpec, weights: list[np.ndarray], own: np.ndarray, inputs: int) -> list[np.ndarray]:
    """The same network with its group's inputs in their own order, without those that are always 0 there.

    Args:
        network: Its layers.
        weights: In Keras' order, for ``inputs`` inputs.
        own: (k,) places of the inputs that the group knows.
        inputs: Inputs of the layout that all groups share.
    """
    weights, position = list(weights), 0
    rest = np.setdiff1d(np.arange(inputs), own)
    constant = np.zeros(len(rest))
    for layer in network.layers:
        if isinstance(layer, Dense):
            break
        if isinstance(layer, BatchNormalization):
            gamma, beta, mean, variance = (array[rest] for array in weights[position : position + 4])
            # An input that is always 0 leaves normalization as a constant, which the next layer's bias takes over.
            constant = (constant - mean) / np.sqrt(variance + layer.epsilon) * gamma + beta
            weights[position : position + 4] = [array[own] for array in weights[position : position + 4]]
            position += 4
    kernel, bias = weights[position : position + 2]
    weights[position : position + 2] = [kernel[own], (bias + constant @ kernel[rest]).astype(np.float32)]
    return weights


def _curves(study: Study, member: int) -> list[bytes]:
    """The member's epochs as a run tells them; what is validation there are the held-out rows."""
    epochs, curves = study.curves()
    names = ("loss", "metric", "val_loss", "val_metric")
    told = []
    for epoch, values in zip(epochs.tolist(), curves[:, :4, member], strict=True):
        if np.isfinite(values).any():
            finite = {
                name: float(value) if np.isfinite(value) else None for name, value in zip(names, values, strict=True)
            }
            told.append(line_of("epoch", epoch=epoch, **finite))
    return told
