"""What the options of ``train`` describe for pictures: what the pages would propose, then --config, then --set."""

from __future__ import annotations

import argparse

from core.cli.common import tell
from core.cli.kind import keep_pictures
from core.cli.settings import given_settings
from core.data.images.image_set import ImageSet
from core.draft import set_values
from core.errors import UserError
from core.image_proposal import follow_images, propose_image_files, with_image_preset
from core.spec import LOSSES, ImageConfig
from core.workspace import Workspace

FOR_TABLES = ("target", "group", "drop", "join", "on", "transpose")
TELL_STEP = 0.1


def configure_images(options: argparse.Namespace, workspace: Workspace) -> tuple[ImageConfig, ImageSet]:
    """The run that the options describe, and its pictures: first the data, then a network that suits them."""
    for name in FOR_TABLES:
        if getattr(options, name):
            raise UserError(
                f"--{name} is for tables; {options.data[:200]} holds pictures.", "The class of a picture is its folder."
            )
    given = given_settings(options)
    kept = keep_pictures(workspace, options.data)
    config, image_set = propose_image_files(workspace, [kept], _Steps("reading the pictures"))
    about_data = {path: given.pop(path) for path in list(given) if path.startswith("data.")}
    preset = given.pop("network.preset", None)
    if task := about_data.get("data.task"):
        about_data |= {"training.loss": LOSSES[task][0]} if task in LOSSES else {}
    if about_data:
        config = follow_images(config, set_values(config, about_data).data, image_set)
    if preset is not None:
        config = with_image_preset(config, str(preset), image_set)
        if "data.size" in about_data:
            config = follow_images(config, config.data.change(size=about_data["data.size"]), image_set)
    changed = set_values(config, given)
    if changed.network.layers != config.network.layers:
        changed = set_values(changed, {"network.preset": "custom"})
    return changed, image_set


class _Steps:
    """Tells every tenth of some work."""

    def __init__(self, words: str) -> None:
        self.words, self.told = words, 0.0

    def __call__(self, share: float) -> None:
        if share < 1 and share >= self.told + TELL_STEP:
            self.told = share
            tell(f"{self.words}: {share:.0%}")
