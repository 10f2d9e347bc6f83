"""Whose a run is on a hosted app: who started its training may name, describe and delete it, and nobody else."""

from collections.abc import Sequence

from emnist_core import hosting
from emnist_core.errors import NotAllowedError, RunError
from emnist_core.runs import Run


def refusal(runs: Sequence[Run], visitor: str) -> str | None:
    """Why ``visitor`` may not change all of these runs, in a sentence; None where they may."""
    return None if all(_is_of(run, visitor) for run in runs) else hosting.refusal("change")


def ensure_allowed(runs: Sequence[Run], visitor: str) -> None:
    """Refuse to change runs that are not the visitor's, where strangers come; raises ``NotAllowedError``."""
    if sentence := refusal(runs, visitor):
        raise NotAllowedError(sentence)


def _is_of(run: Run, visitor: str) -> bool:
    try:
        return not run.is_shipped and run.status().visitor == visitor
    except RunError:
        return False  # whose a damaged run is, nobody knows
