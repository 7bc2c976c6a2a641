"""The layers of a generated script that vary pictures while the network learns."""

from __future__ import annotations

from core.spec import Augmentation


def about_varied(augmentation: Augmentation) -> list[str]:
    """What the layers do, in words; nothing where all is off."""
    if not augmentation.active:
        return []
    return [
        "The layers that begin with Random vary each picture while the network learns (augmentation), so that it "
        "learns what does not matter. When it answers, they do nothing."
    ]


def augmentation_seeds(augmentation: Augmentation) -> str:
    """The line that makes the seeds of `augmentation_layers`; empty where all is off."""
    return "varied = [int(n) for n in np.random.SeedSequence([SEED, 4]).generate_state(8) >> 1]\n" * augmentation.active


def augmentation_layers(augmentation: Augmentation) -> list[str]:
    """The layers that vary pictures with pixels 0..1, as `core.network.augmentation` makes them."""
    chosen = augmentation
    fill, span = 'fill_mode="reflect"', "value_range=(0, 1)"
    cut, grow = _short(0.5 * chosen.crop), _short(0.5 * chosen.zoom)
    contrast, light = _short(0.8 * chosen.contrast), _short(0.5 * chosen.brightness)
    area = _short(max(0.02, 0.4 * chosen.erase))
    mirror = "horizontal" if chosen.mirror <= 0.5 else "horizontal_and_vertical"
    made = [
        (chosen.mirror, f'RandomFlip("{mirror}", seed=varied[0])'),
        (chosen.rotate, f"RandomRotation({_short(0.5 * chosen.rotate)}, {fill}, seed=varied[1])"),
        (chosen.zoom, f"RandomZoom((-{grow}, {grow}), {fill}, seed=varied[2])"),
        (
            chosen.crop,
            f"RandomTranslation({_short(0.25 * chosen.crop)}, {_short(0.25 * chosen.crop)}, {fill}, seed=varied[3])",
        ),
        (chosen.crop, f"RandomZoom((-{cut}, -{cut}), {fill}, seed=varied[3])"),
        (chosen.contrast, f"RandomContrast(({contrast}, {contrast}), {span}, seed=varied[4])"),
        (chosen.brightness, f"RandomBrightness((-{light}, {light}), {span}, seed=varied[5])"),
        (chosen.erase, f"RandomErasing((0.5, 0.5), scale=(0.02, {area}), fill_value=0.5, {span}, seed=varied[6])"),
        (chosen.noise, f"GaussianNoise({_short(0.2 * chosen.noise)}, seed=varied[7])"),
    ]
    return [f"layers.{layer}" for strength, layer in made if strength]


def _short(value: float) -> str:
    return f"{value:.12g}"
