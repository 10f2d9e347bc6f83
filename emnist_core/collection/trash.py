"""Deleted runs, kept for a while in ``EMNIST_HOME/trash/`` so that a deletion can be taken back.

A run that is deleted is moved whole, by one renaming, to a folder named by the moment, in milliseconds, and by the run.
"""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from emnist_core import paths
from emnist_core.collection.renaming import ensure_rests, taught_by
from emnist_core.errors import RunError
from emnist_core.runs import ACTIVE, Run, listing, turns

KEPT = timedelta(days=7)
"""For how long at least a deleted run can be had back."""


@dataclass(frozen=True)
class Deleted:
    """A deleted run: where it lies, what it was called, and when it was deleted."""

    path: Path
    name: str
    when: datetime

    @property
    def until(self) -> datetime:
        """From when on it may be gone for good."""
        return self.when + KEPT


def delete(run: Run) -> Deleted:
    """Move one's own run to the trash.

    Raises:
        RunError: when the run came with the project, is being trained or teaches one that is, or cannot be moved.
    """
    run.refuse_if_shipped("archive it to have it out of the way")
    target = paths.trash() / f"{time.time_ns() // 1_000_000}-{run.name}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with turns.lock():
            ensure_rests(run)
            _ensure_nobody_learns_from(run)
            run.path.rename(target)
    except OSError as error:
        raise RunError(
            f"The run {run.name} cannot be deleted ({error.strerror}); close what has its files open."
        ) from None
    return _read(target)


def _ensure_nobody_learns_from(run: Run) -> None:
    for name in taught_by(run):
        if Run(paths.own_runs() / name).status().state in (*ACTIVE, "queued"):
            raise RunError(f"The run {name} learns from {run.name}, now or when it is its turn; stop that first.")


def restore(deleted: Deleted) -> Run:
    """Put a deleted run back under its name.

    Raises:
        RunError: when it is gone for good, or another run has its name by now.
    """
    run = Run(paths.own_runs() / deleted.name)
    if not deleted.path.is_dir():
        raise RunError(f"The run {deleted.name} is gone for good.")
    listing.ensure_free(deleted.name, Run(deleted.path))
    try:
        run.path.parent.mkdir(parents=True, exist_ok=True)
        deleted.path.rename(run.path)
    except OSError as error:
        raise RunError(f"The run {deleted.name} cannot be put back ({error.strerror}).") from None
    return run


def deleted_runs() -> list[Deleted]:
    """What can be had back, the latest first."""
    found = [_read(path) for path in paths.trash().glob("*-*") if path.name.partition("-")[0].isdecimal()]
    return sorted(found, key=lambda deleted: deleted.when, reverse=True)


def _read(path: Path) -> Deleted:
    moment, _, name = path.name.partition("-")
    return Deleted(path, name, datetime.fromtimestamp(int(moment) / 1000, UTC))


def empty() -> None:
    """Delete for good what was deleted longer than ``KEPT`` ago."""
    purge([deleted for deleted in deleted_runs() if datetime.now(UTC) >= deleted.until])


def purge(deleted: Sequence[Deleted]) -> None:
    """Delete these for good, at once."""
    for one in deleted:
        shutil.rmtree(one.path, ignore_errors=True)
