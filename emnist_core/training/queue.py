"""Trainings that wait for their turn, across visitors and restarts of the server, and the worker that they wait for.

A run that waits says so in its own status, with its turn: there is no other list, which could be damaged or disagree.
One worker process trains one after the other and stays for a while when nothing waits, so that the next start need not
wait for TensorFlow. Whoever puts something into the queue starts it where there is none, and so does the server, which
also takes up what a worker that died left (``tend``).
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module

from filelock import FileLock, Timeout

from emnist_core import paths, processes, runs
from emnist_core.errors import EmnistError, RunError
from emnist_core.processes import Worker
from emnist_core.runs import Run, Status, turns
from emnist_core.training.slot import training_slot

MOST_WAITING = 50
MOST_ATTEMPTS = 3
"""How often a run whose worker died is taken up again by itself."""
ROOM = 100_000_000
"""Bytes that must be free, beside a second checkpoint, for a training to begin."""
NO_ROOM = "The disk is full; it goes on when there is room."
SECONDS_BETWEEN_LOOKS = 0.2
KEEP_WARM = "EMNIST_KEEP_WARM"
"""Sets how many minutes a worker without work stays; 0: not at all."""
DEFAULT_WARM = 5.0


def waiting() -> list[Run]:
    """The runs that wait, in the order of their turns."""
    queued = [(status.turn or 0.0, run.name, run) for run, status in _own() if status.state == "queued"]
    return [run for *_, run in sorted(queued, key=lambda turn: turn[:2])]


def put(run: Run, visitor: str | None = None, minutes: float | None = None, more_epochs: int = 0) -> None:
    """Have ``run`` trained when it is its turn.

    Args:
        run: a run that is new, or has a checkpoint to go on from.
        visitor: who asks, to tell one from another.
        minutes: how long it may train.
        more_epochs: how many it is to learn beyond those of its recipe.

    Raises:
        RunError: when it is being trained, too many wait, or it cannot be written; with ``more_epochs`` also when it
            has no checkpoint.
        RecipeError: when these are more epochs than a recipe may have.
    """
    with turns.lock():
        status = run.status()
        if status.is_active or status.state == "queued":
            raise RunError(f"The run {run.name} trains or waits already; wait for its end.")
        queued = waiting()
        if len(queued) >= MOST_WAITING:
            raise RunError(f"{MOST_WAITING} trainings wait here; start this one when some are done.")
        if more_epochs:  # now that nothing else is in the way
            run.add_epochs(more_epochs)
        # Behind the last one, also where the clock was set back meanwhile.
        turn = max([time.time(), *((other.status().turn or 0.0) + 0.001 for other in queued[-1:])])
        status.state, status.turn, status.worker, status.message = "queued", turn, None, None
        status.visitor, status.minutes, status.attempts = visitor, minutes, 0
        run.clear_leftovers()  # a request to stop it was made of a worker that died
        _write(run, status)
    ensure_worker()


def withdraw(run: Run) -> None:
    """Let ``run`` wait no longer: one that was never begun is deleted, another is as it was before."""
    with turns.lock():
        status = run.status()
        if status.state != "queued":
            return
        # The steps are counted anew when it is taken up: it may have learned before without having any.
        learned = (run.checkpoint_file, run.keras_file, run.serving_file)
        if status.step or any(file.exists() for file in learned):
            status.state, status.turn = "paused", None
            _write(run, status)
        else:
            shutil.rmtree(run.path)


def move(run: Run, by: int) -> None:
    """Let ``run`` change turns with the one before it (``by`` is -1) or after it (1), where there is one."""
    with turns.lock():
        other = beside(run, by)
        if other is None:
            return
        first, second = run.status(), other.status()
        first.turn, second.turn = second.turn, first.turn
        _write(run, first)
        _write(other, second)


def beside(run: Run, by: int) -> Run | None:
    """What waits ``by`` turns after ``run``, which waits too; None where nothing does."""
    queued = waiting()
    place = next((place + by for place, other in enumerate(queued) if other.path == run.path), -1)
    return queued[place] if 0 <= place < len(queued) else None


def tend() -> None:
    """Take up what a worker that died left, and start a worker where something waits and there is none."""
    if not paths.own_runs().exists():
        return
    with turns.lock():
        for run, status in _own():
            if status.state == "lost" and status.turn is not None and status.attempts < MOST_ATTEMPTS:
                status.state, status.worker, status.attempts = "queued", None, status.attempts + 1
                status.message = f"Its worker died at step {status.step:,}; it goes on by itself."
                _write(run, status)
    if waiting():
        ensure_worker()


def ensure_worker() -> None:
    """Start the worker, unless there is one.

    Raises:
        RunError: when it cannot be started.
    """
    with only_worker() as is_free:
        pass
    if not is_free:
        return
    try:
        paths.own_runs().mkdir(parents=True, exist_ok=True)
        with (paths.own_runs() / ".worker.log").open("wb") as log:
            processes.start("emnist_core", "work", output=log)
    except OSError as error:
        raise RunError(
            f"No training can be started ({error.strerror or error}); free some space and start again."
        ) from None


def keep_warm() -> float:
    """The seconds that a worker without work stays; raises ``RunError`` when ``EMNIST_KEEP_WARM`` is no number."""
    said = os.environ.get(KEEP_WARM, "").strip()
    try:
        return 60 * max(0.0, float(said) if said else DEFAULT_WARM)
    except ValueError:
        raise RunError(f"{KEEP_WARM} is {said!r}, which is no number of minutes; set it to one, such as 5.") from None


@contextmanager
def only_worker() -> Iterator[bool]:
    """Hold the one place for a worker in one's own runs; gives whether it was free."""
    if not paths.own_runs().exists():
        yield True
        return
    lock = FileLock(paths.own_runs() / ".worker.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def work() -> None:
    """Train what waits, one after the other, until nothing came for a while; at once none where another worker is."""
    with only_worker() as is_free:
        if not is_free:
            return
        run = _take("loading TensorFlow")
        lifecycle = import_module("emnist_core.training.lifecycle")  # seconds, which the status tells
        idle_since = time.monotonic()
        while run is not None or waiting() or time.monotonic() - idle_since < keep_warm():
            if run is not None:
                with _log_of(run), suppress(EmnistError):  # the status tells it
                    lifecycle.train(run)
                lifecycle.keras.utils.clear_session()  # what it left in memory
                idle_since = time.monotonic()
            else:
                time.sleep(SECONDS_BETWEEN_LOOKS)
            run = _take("reading the data")
    if waiting():  # came between the last look and the lock's end
        ensure_worker()


def _take(doing: str) -> Run | None:
    """The run whose turn it is, now this process's; None when none waits, the machine trains, or the disk is full."""
    if not waiting():
        return None
    with suppress(RunError), turns.lock(), training_slot(paths.own_runs()):
        for run in waiting():
            status = run.status()
            if not _has_room(run):
                if status.message != NO_ROOM:  # a look comes five times a second
                    status.message = NO_ROOM
                    _write(run, status)
                continue
            status.state, status.worker, status.doing = "starting", Worker.this(), doing
            status.message = None if not status.attempts else status.message
            _write(run, status)
            return run
    return None


def _has_room(run: Run) -> bool:
    checkpoint = run.checkpoint_file.stat().st_size if run.checkpoint_file.exists() else 0
    return shutil.disk_usage(run.path).free > ROOM + 2 * checkpoint


@contextmanager
def _log_of(run: Run) -> Iterator[None]:
    """Write what this process and its libraries say into the run's log."""
    with (run.path / "log.txt").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    yield


def _own() -> Iterator[tuple[Run, Status]]:
    for run in runs.runs_in(paths.own_runs()):
        with suppress(RunError):
            yield run, run.status()


def _write(run: Run, status: Status) -> None:
    try:
        run.write_status(status)
    except OSError as error:
        raise RunError(f"{run.path} cannot be written ({error.strerror}); free some space and start again.") from None
