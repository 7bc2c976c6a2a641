"""The one exception that a page shows to a person."""

from __future__ import annotations


class UserError(Exception):
    """Something a person can mend.

    Args:
        problem: What was expected and what was received, one or two plain sentences.
        remedy: What to do next, one plain sentence.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(f"{problem} {remedy}".strip())
        self.problem = problem
        self.remedy = remedy
