"""What was chosen about augmentation: how training images are varied, so that a network learns what does not matter."""

from __future__ import annotations

from typing import Any

from core.spec.base import Spec, choice


def _strength(label: str, help: str, step: float = 0.05) -> Any:
    return choice(0.0, label, help, ge=0.0, le=1.0, step=step)


class Augmentation(Spec):
    """Strength of each random change, 0 for none, 1 for as strong as makes sense. Only training images are changed."""

    mirror: float = _strength(
        "Mirror", "Up to 0.5: left and right are swapped at random; above: top and bottom too.", 0.5
    )
    rotate: float = _strength("Rotate", "Turns images at random; at 1 by up to half a turn either way.")
    zoom: float = _strength("Resize (zoom)", "Makes what is shown larger or smaller; at 1 by up to a half.")
    crop: float = _strength("Crop", "Shows a random part of the image, enlarged; at 1 half its height and width.")
    brightness: float = _strength("Brightness", "Makes images lighter or darker; at 1 by up to half the range.")
    contrast: float = _strength(
        "Contrast", "Makes light and dark more or less alike; at 1 from a fifth to nearly double."
    )
    erase: float = _strength(
        "Occlude (erase)", "Covers a rectangle in every second image; at 1 up to two fifths of it."
    )
    noise: float = _strength(
        "Noise", "Adds random grain to each pixel; at 1 a fifth of the range (standard deviation)."
    )

    @property
    def active(self) -> bool:
        """Whether anything is changed at all."""
        return any(self.model_dump().values())

    @property
    def words(self) -> str:
        """What is in use, such as ``rotate 0.1, noise 0.2``; empty for none."""
        return ", ".join(f"{name} {strength:g}" for name, strength in self.model_dump().items() if strength)
