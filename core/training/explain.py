"""Unexpected errors of a training in words."""

from __future__ import annotations

from core.errors import is_full_disk


def explain(error: Exception) -> tuple[str, str]:
    """Problem and remedy."""
    if is_full_disk(error):
        return "The disk is full, so the result could not be kept.", "Free some space, delete old runs, train again."
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return (
            "There was not enough memory for this network and these data.",
            "Try a smaller network, fewer features or smaller pictures.",
        )
    name = type(error).__name__
    return f"Something unexpected went wrong while training ({name}).", "Its log.txt has the details."
