"""Worker processes: how one is started, and how a reader knows that it still lives.

A process is known by its host, its number and its birth, which tells it from a later process of the same number.
Times of day do not: a clock that is set, or a laptop that slept, changes what an operating system says of them.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import psutil

from emnist_core import paths

QUIET = {"TF_CPP_MIN_LOG_LEVEL": "2"}
"""What keeps TensorFlow from writing about itself into a worker's log."""


@dataclass(frozen=True)
class Worker:
    """A process, as one that lives on this machine or another is told from all others.

    Attributes:
        host: the machine's name.
        pid: the process number.
        birth: when it began, in the operating system's own count and not by the clock.
    """

    host: str
    pid: int
    birth: str

    @classmethod
    def of(cls, pid: int) -> Self:
        """The process ``pid`` of this machine; raises ``psutil.Error`` when there is none."""
        return cls(platform.node(), pid, _birth(pid))

    @classmethod
    def this(cls) -> Self:
        """The process that asks."""
        return cls.of(os.getpid())

    @property
    def is_here(self) -> bool:
        """Whether it runs, or ran, on this machine."""
        return self.host == platform.node()

    def process(self) -> psutil.Process | None:
        """The process, if it lives on this machine."""
        try:
            process = psutil.Process(self.pid)
            is_it = self.is_here and _birth(self.pid) == self.birth and process.status() != psutil.STATUS_ZOMBIE
            return process if is_it else None
        except (psutil.Error, ValueError, OverflowError):
            return None


def _birth(pid: int) -> str:
    process = psutil.Process(pid)
    try:
        # Linux counts ticks since it was booted. Behind the last bracket, since a program's name may have any sign.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {fields[19]}"
    except (OSError, IndexError):  # the other systems note a process's beginning once and keep it
        return str(process.create_time())


def start(
    module: str,
    *arguments: str,
    output: IO[bytes] | int = subprocess.DEVNULL,
    errors: IO[bytes] | int = subprocess.STDOUT,
    environment: Mapping[str, str] | None = None,
) -> "subprocess.Popen[bytes]":
    """Start ``python -m module arguments`` in a process that outlives this one.

    Args:
        module: a module of the project.
        arguments: its command line.
        output, errors: where it writes what it says; default: nowhere, and errors with the rest.
        environment: variables beside those of this process.

    Raises:
        OSError: when the process cannot be started.
    """
    # The worker works in another folder, where a relative EMNIST_HOME would be another place.
    home = {"EMNIST_HOME": str(paths.home().absolute())}
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        cwd=paths.PROJECT,
        env=os.environ | QUIET | home | dict(environment or {}),
        start_new_session=True,
    )
