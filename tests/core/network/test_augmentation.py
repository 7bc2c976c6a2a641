"""Each operation changes what it says, more at a higher strength, and never an image that is only asked about."""

import numpy as np
import pytest

from core.network.augmentation import augment_preview, augmentation_layers, augmentation_model
from core.spec.augmentation import Augmentation

OPERATIONS = list(Augmentation.model_fields)


def picture(size: int = 16, channels: int = 3) -> np.ndarray:
    """Smooth, and different in every corner and channel."""
    rows, columns = np.mgrid[0:size, 0:size] / size
    layers = [60 + 100 * rows + 60 * columns, 200 - 120 * columns, 80 + 90 * rows * columns]
    return np.stack(layers[:channels], axis=-1).astype(np.uint8)


def change(strength: float, name: str) -> float:
    varied = augment_preview(picture(), Augmentation(**{name: strength}), count=40, seed=3)
    return float(np.abs(varied.astype(float) - picture()).mean())


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_changes_images_and_more_so_at_a_higher_strength(name: str) -> None:
    low, high = (0.5, 1.0) if name == "mirror" else (0.2, 0.9)
    assert change(high, name) > 1.2 * change(low, name) > 0.5


def test_strength_0_of_everything_has_no_layers_and_shows_the_image_itself() -> None:
    assert augmentation_model(Augmentation()) is None
    np.testing.assert_array_equal(augment_preview(picture(), Augmentation(), count=2), np.stack([picture()] * 2))


def test_preview_shows_different_pictures_and_the_same_ones_for_the_same_seed() -> None:
    everything = Augmentation(**dict.fromkeys(OPERATIONS, 0.4))
    one, two, other = (augment_preview(picture(), everything, 9, seed) for seed in (1, 1, 2))
    assert one.shape == (9, 16, 16, 3)
    assert one.dtype == np.uint8
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()
    assert len({image.tobytes() for image in one}) == 9


@pytest.mark.parametrize("channels", [1, 3])
def test_grey_and_colour_are_both_possible(channels: int) -> None:
    everything = Augmentation(**dict.fromkeys(OPERATIONS, 0.4))
    assert augment_preview(picture(channels=channels), everything, 2).shape == (2, 16, 16, channels)


def test_mirror_at_a_half_swaps_left_and_right_only() -> None:
    varied = augment_preview(picture(), Augmentation(mirror=0.5), count=30)
    kinds = {image.tobytes() for image in varied}
    assert kinds == {picture().tobytes(), picture()[:, ::-1].tobytes()}


def test_crop_shows_parts_of_the_image_and_never_what_lies_outside() -> None:
    """Of a ramp from left to right, half is shown, enlarged, anywhere, without any reflection at its ends."""
    ramp = np.repeat(np.repeat(np.linspace(10, 250, 64).astype(np.uint8)[None, :, None], 64, axis=0), 3, axis=2)
    varied = augment_preview(ramp, Augmentation(crop=1.0), count=50).astype(float)[:, 32, :, 0]
    assert (np.diff(varied, axis=1) > -1).all()
    shown = varied[:, -1] - varied[:, 0]
    np.testing.assert_allclose(shown, 120, atol=6)
    assert varied[:, 0].min() < 30
    assert varied[:, 0].max() > 110


def test_contrast_and_brightness_go_both_ways() -> None:
    flat = picture().astype(float)
    contrast = augment_preview(picture(), Augmentation(contrast=0.5), count=60).std(axis=(1, 2, 3)) / flat.std()
    assert contrast.min() < 0.75
    assert contrast.max() > 1.2
    mean = augment_preview(picture(), Augmentation(brightness=0.4), count=60).mean(axis=(1, 2, 3)) - flat.mean()
    assert mean.min() < -30
    assert mean.max() > 30


def test_about_every_second_image_is_occluded_by_a_grey_rectangle() -> None:
    varied = augment_preview(picture(), Augmentation(erase=0.5), count=200)
    touched = [(image != picture()).any(axis=-1) for image in varied]
    assert 70 < sum(mask.any() for mask in touched) < 130
    assert {tuple(image[mask][0]) for image, mask in zip(varied, touched, strict=True) if mask.any()} == {(128,) * 3}
    assert max(mask.mean() for mask in touched) < 0.3


def test_noise_has_the_strength_that_its_help_names() -> None:
    grey = np.full((64, 64, 1), 128, np.uint8)
    assert augment_preview(grey, Augmentation(noise=0.5), count=1).std() == pytest.approx(25.5, rel=0.05)


def test_layers_of_one_seed_draw_independently() -> None:
    seeds = [layer.seed for layer in augmentation_layers(Augmentation(rotate=1, zoom=1, brightness=1, noise=1))]
    assert len(set(seeds)) == 4
