"""Jobs wait for their turn here: few are computed at once, each in a process of its own that ends with its result.

A job that is asked for has a ticket, a file in ``EMNIST_HOME/explore/queue/``: who asked, when, and the process at
work on it once it is its turn. Pages and processes share nothing else: leaving the page ends nothing, coming back
finds it, and whoever looks next starts what waits behind a process that was killed.
"""

import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import psutil
from filelock import FileLock

from emnist_core import files, hosting, paths, processes
from emnist_core.errors import DataError, EmnistError
from emnist_core.explore.jobs import Job
from emnist_core.processes import Worker

State = Literal["absent", "waiting", "running", "ready", "failed"]
AT_ONCE = 2
"""Jobs that are computed at once on this machine; each takes about 200 MB."""
WAITING = 20
"""Jobs that may wait."""
SHARE = 3
"""Jobs that one visitor may have waiting or at work."""


@dataclass(frozen=True)
class Ticket:
    """A job that was asked for and has not ended.

    Attributes:
        job: what is to be computed.
        visitor: who asked for it.
        asked: when, in seconds since 1970.
        worker: the process at work on it; None while it waits.
    """

    job: Job
    visitor: str
    asked: float
    worker: Worker | None = None

    @property
    def file(self) -> Path:
        """Where the ticket lies."""
        return _folder() / f"{self.job.result.parent.name}-{self.job.result.stem}.json"

    def process(self) -> psutil.Process | None:
        """The process at work, if it is alive."""
        return self.worker.process() if self.worker else None


def state(job: Job) -> State:
    """Where ``job`` stands."""
    if job.result.exists():
        return "ready"
    if job.error() is not None:
        return "failed"
    ticket = _ticket(job)
    if ticket is None:
        return "absent"
    return "running" if ticket.worker else "waiting"


def ahead(job: Job) -> int:
    """How many jobs are waiting or at work before ``job``."""
    ticket = _ticket(job)
    return 0 if ticket is None else sum(other.asked < ticket.asked for other in tickets())


def seconds(job: Job) -> float:
    """How long ``job`` has been at work."""
    ticket = _ticket(job)
    process = ticket and ticket.process()
    return time.time() - process.create_time() if process else 0.0


def start(job: Job, visitor: str) -> None:
    """Have ``job`` computed when it is its turn, unless it is done or was asked for.

    Args:
        job: what to compute.
        visitor: who asks; any text that tells one from another.

    Raises:
        DataError: when the visitor has their share already, the queue is full, or nothing can be written.
        NotAllowedError: when visitors may not have anything computed here.
    """
    hosting.ensure_allowed("compute")
    if job.frame() is not None:
        return
    try:
        with _lock():
            waiting = tickets()
            if any(ticket.job == job for ticket in waiting):
                return
            _refuse_more(waiting, visitor)
            job.forget()
            ticket = Ticket(job, visitor, time.time())
            files.write_json(ticket.file, asdict(ticket))
            _start_next()
    except OSError as error:
        raise DataError(
            f"Nothing can be computed, for its result cannot be kept ({error.strerror or type(error).__name__}); "
            "make room, or name another folder in EMNIST_HOME."
        ) from error


def _refuse_more(waiting: list[Ticket], visitor: str) -> None:
    if sum(ticket.visitor == visitor for ticket in waiting) >= SHARE:
        raise DataError(
            f"You have {SHARE} computations waiting or at work here, as many as one visitor may; cancel one of them "
            "or wait for its end, then start this one."
        )
    if len(waiting) >= AT_ONCE + WAITING:
        raise DataError(f"{len(waiting)} computations are waiting or at work here; start this one when some are done.")


def cancel(job: Job) -> None:
    """End the process at work on ``job``, if there is one, and let the next begin."""
    with suppress(OSError), _lock():
        ticket = _ticket(job)
        process = ticket and ticket.process()
        if process:
            with suppress(psutil.Error):
                process.kill()
                process.wait(5)
        if ticket:
            ticket.file.unlink(missing_ok=True)
        _start_next()


def leave(job: Job) -> None:
    """Give up the turn of ``job``, which has ended, to the next; for the process that computed it."""
    with _lock():
        ticket = _ticket(job)
        if ticket:
            ticket.file.unlink(missing_ok=True)
        _start_next()


def start_next() -> None:
    """Start what waits where a process was killed before it could; a disk that refuses starts nothing."""
    with suppress(OSError), _lock():
        _start_next()


def tickets() -> list[Ticket]:
    """The jobs that are waiting or at work, in the order in which they were asked for."""
    read = [ticket for file in _folder().glob("*.json") if (ticket := _read(file))]
    live = [ticket for ticket in read if not ticket.worker or ticket.process()]
    return sorted(live, key=lambda ticket: ticket.asked)


def _start_next() -> None:
    """Start waiting jobs while there is room, and clear away what a killed process left; the caller holds the lock."""
    queued = tickets()
    for file in set(_folder().glob("*.json")) - {ticket.file for ticket in queued}:
        file.unlink(missing_ok=True)
    at_work = sum(ticket.worker is not None for ticket in queued)
    for ticket in [ticket for ticket in queued if ticket.worker is None][: max(0, AT_ONCE - at_work)]:
        asked = json.dumps(asdict(ticket.job))
        try:
            process = processes.start("emnist_core.explore.queue", asked, environment=_threads())
            worker = Worker.of(process.pid)
        except psutil.NoSuchProcess:
            continue  # it has ended already; its result or its error is there
        files.write_json(ticket.file, asdict(replace(ticket, worker=worker)))


def _threads() -> dict[str, str]:
    """One core stays free for the page; threads that wait sleep, for on a busy machine they would only spin."""
    count = str(max(1, (os.cpu_count() or 2) - 1))
    return {"OMP_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": count, "OMP_WAIT_POLICY": "PASSIVE"}


def _ticket(job: Job) -> Ticket | None:
    """The ticket of ``job``, unless its process has died."""
    ticket = _read(Ticket(job, "", 0).file)
    return None if ticket is None or (ticket.worker and not ticket.process()) else ticket


def _read(file: Path) -> Ticket | None:
    try:
        fields: dict[str, Any] = files.read_json(file)
        worker = fields["worker"]
        return Ticket(
            Job(**fields["job"]), str(fields["visitor"]), float(fields["asked"]),
            None if worker is None else Worker(**worker),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def _folder() -> Path:
    return paths.home() / "explore" / "queue"


def _lock() -> FileLock:
    _folder().mkdir(parents=True, exist_ok=True)
    return FileLock(_folder() / ".lock", timeout=10)


def main() -> None:
    """Compute the job whose fields the command line gives as JSON: what a process of the queue does."""
    job = Job(**json.loads(sys.argv[1]))
    if hasattr(os, "nice"):
        os.nice(5)  # the page comes first
    try:
        job.finish(job.compute())
    except EmnistError as error:
        job.fail(str(error))
    except Exception as error:
        job.fail(f"It could not be computed ({type(error).__name__}); try fewer images.")
        raise
    finally:
        leave(job)


if __name__ == "__main__":
    main()
