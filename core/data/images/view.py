"""A set of pictures as a choice sees it: what all checks look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from core.data.images.dataset import Labelled, labelled
from core.data.images.image_set import ImageInfo, ImageSet
from core.spec import ImageData


@dataclass(frozen=True, eq=False)
class ImageView:
    """The pictures that take part, n of them; everything is computed once, when it is asked for."""

    image_set: ImageSet
    data: ImageData

    @cached_property
    def images(self) -> list[ImageInfo]:
        """What is known of each."""
        return [self.image_set.images[place] for place in self._chosen.indices.tolist()]

    @cached_property
    def names(self) -> np.ndarray:
        """(n,) class name of each, corrected."""
        return self._chosen.names.astype(str)

    @cached_property
    def exact(self) -> np.ndarray:
        """(n,) equal for equal pictures."""
        return np.asarray(self.image_set.exact[self._chosen.indices])

    @cached_property
    def near(self) -> np.ndarray:
        """(n,) equal for copies and near copies."""
        return np.asarray(self.image_set.near[self._chosen.indices])

    @cached_property
    def classes(self) -> dict[str, int]:
        """Pictures of each class, by name."""
        names, counts = np.unique(self.names, return_counts=True)
        return dict(zip(names.tolist(), counts.tolist(), strict=True))

    @cached_property
    def _chosen(self) -> Labelled:
        return labelled(self.image_set, self.data)

    def ids(self, where: np.ndarray) -> tuple[str, ...]:
        """Ids of the pictures for which ``where`` (n,) holds."""
        return tuple(self.images[place].id for place in np.flatnonzero(where).tolist())

    def without(self, names: list[str]) -> dict[str, Any]:
        """The change that leaves these classes out as well."""
        out = tuple(dict.fromkeys((*self.data.leave_out_classes, *names)))
        left = len(self.classes) - len(names)
        return {"leave_out_classes": out, "task": "binary" if left == 2 else "multiclass"}
