"""What is being chosen right now, kept on disk so that a reload, a second tab or a restart loses nothing."""

from __future__ import annotations

import contextlib
from typing import Any

from core.errors import UserError
from core.spec import AnyConfig, Config, parse_config
from core.workspace import Workspace, write_file


def load_draft(workspace: Workspace) -> AnyConfig | None:
    """The draft, or None where nothing was chosen yet or the file is from another version."""
    with contextlib.suppress(FileNotFoundError, UserError):
        return parse_config(workspace.draft.read_bytes())
    return None


def save_draft(workspace: Workspace, config: Config) -> Config:
    """Keep the draft; returns it."""
    workspace.check_writable()
    write_file(workspace.draft, config.model_dump_json())
    return config


def get_value(config: AnyConfig, path: str) -> Any:
    """The value of a field such as ``training.epochs``."""
    value: Any = config
    for part in path.split("."):
        value = getattr(value, part)
    return value


def set_value(config: Config, path: str, value: Any) -> Config:
    """A validated copy with the field at ``path`` replaced; raises `UserError` for an unknown or wrong one."""
    return set_values(config, {path: value})


def set_values(config: Config, changes: dict[str, Any]) -> Config:
    """A validated copy with several fields replaced at once, each by its path such as ``data.split.seed``."""
    values = config.model_dump()
    for path, value in changes.items():
        *parents, last = path.split(".")
        place: Any = values
        for part in parents:
            place = place.get(part) if isinstance(place, dict) else None
        if not isinstance(place, dict) or last not in place:
            raise UserError(f"There is no setting {path[:60]!r}.", "Settings look like training.epochs.")
        place[last] = value
    return type(config).parse(values)
