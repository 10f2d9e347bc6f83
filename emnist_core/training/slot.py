"""The machine's one place for a training: two at once would only slow each other."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from emnist_core import runs
from emnist_core.errors import RunError
from emnist_core.runs import Run


class TakenError(RunError):
    """Another process trains."""


def running() -> Run | None:
    """The run that is being trained on this machine now, if any."""
    for run in runs.list_runs():
        try:
            if not run.is_shipped and run.status().is_active:
                return run
        except RunError:
            continue
    return None


@contextmanager
def training_slot(folder: Path) -> Iterator[None]:
    """Hold the place for a training in a folder of runs.

    The lock is the operating system's, so it is free again however the process that held it ended.

    Raises:
        TakenError: when another process holds it.
    """
    lock = FileLock(folder / ".training.lock", timeout=0)
    try:
        with lock:
            _clear_lost(folder)
            yield
    except Timeout:
        raise TakenError(busy_sentence(running())) from None


def _clear_lost(folder: Path) -> None:
    """Remove what killed workers left in the runs of a folder."""
    for run in runs.runs_in(folder):
        with suppress(RunError):
            if run.status().state == "lost":
                run.clear_leftovers()


def busy_sentence(run: Run | None) -> str:
    """Why no other training can start while ``run`` is trained."""
    name = f"The training {run.name}" if run else "Another training"
    return f"{name} is running; stop it or wait for its end, then start this one."
