"""The pictures of a study's groups: each fold learns from its own, all see the same pixels or features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import cast

import numpy as np

from core.data.images.dataset import ImageDataset
from core.spec import ImageConfig, Member, StudySpec
from core.training.image_conclude import coarse
from core.training.image_features import kept_features
from core.training.image_prepare import PreparedImages, prepare_images
from core.training.shape import Group, Rows
from core.training.study_rows import Place
from core.workspace import Workspace


@dataclass(frozen=True, eq=False)
class PreparedPictures:
    """A group's pictures, with the numbers (n, inputs) that dense networks and straight lines learn from."""

    images: PreparedImages
    x: np.ndarray
    centre: float = 0.0
    scale: float = 1.0

    @property
    def dataset(self) -> ImageDataset:
        """Which pictures there are, and who learns from which."""
        return self.images.dataset

    def outputs(self, loss: str) -> int:
        """Neurons of the output layer."""
        return self.images.outputs(loss)

    def starting_bias(self, loss: str) -> np.ndarray:
        """(outputs,) the answer that needs no picture."""
        return self.images.starting_bias(loss)


@dataclass(frozen=True, eq=False)
class StudyPictures:
    """What every group of a study on pictures shares; the same face as `core.training.study_rows.StudyRows`.

    Attributes:
        spec: The study.
        workspace: Where its pictures are.
        images: All pictures, with the plain split.
    """

    spec: StudySpec
    workspace: Workspace
    images: PreparedImages

    @classmethod
    def load(cls, spec: StudySpec, workspace: Workspace) -> StudyPictures:
        """Read the pictures; raises `UserError` where nothing can be learned from them."""
        return cls(spec, workspace, prepare_images(cast(ImageConfig, spec.run.plain), workspace))

    @property
    def dataset(self) -> ImageDataset:
        """All pictures, with the plain split."""
        return self.images.dataset

    @cached_property
    def features(self) -> np.ndarray:
        """(n, features) what the backbone says about each picture."""
        config = cast(ImageConfig, self.spec.run)
        found = kept_features(config, self.workspace, self.images.image_set, lambda share: None)
        return found[self.dataset.indices]

    @cached_property
    def x(self) -> np.ndarray:
        """(n, inputs) a frozen backbone's features; else pixels averaged to 16 x 16, for the straight line."""
        if cast(ImageConfig, self.spec.run).network.frozen:
            return self.features
        return coarse(self.images.pixels, np.arange(len(self.dataset)))

    @property
    def inputs(self) -> int:
        """Inputs of a dense network."""
        return self.x.shape[1]

    def config(self, place: Place, setting: int = 0) -> ImageConfig:
        """The configuration of a group's runs with a setting."""
        return cast(ImageConfig, self.spec.member_config(Member(setting, *place)))

    def prepared(self, place: Place) -> PreparedPictures:
        """A group (fold, seed), divided; raises `UserError` where it could not be learned from."""
        return PreparedPictures(self.images.divided(self.config(place)), self.x)

    @cached_property
    def largest(self) -> int:
        """How many pictures the largest group learns from."""
        every = product(range(self.spec.folds), range(self.spec.seeds))
        return max(len(self.images.divided(self.config(place)).dataset.split.train) for place in every)

    def group(self, place: Place, prepared: PreparedPictures) -> Group:
        """Who learns from what in a group."""
        fold, seed = place
        group = prepared.images.group(self.spec.training_seed(seed), fold)
        return replace(group, largest=self.largest if self.spec.stacked else 0)

    def together(self, prepared: Sequence[PreparedPictures]) -> Rows:
        """The rows of several groups, side by side."""
        images = [each.images for each in prepared]
        x = np.stack([each.x for each in prepared])
        return Rows(x, np.stack([each.target for each in images]), np.stack([each.weight for each in images]))
