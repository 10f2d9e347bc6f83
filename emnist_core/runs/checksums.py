"""The sha256 of every file of a run, kept beside them in ``checksums.json`` and compared when a file is read.

Damage shows by itself in few formats: Python 3.13's zip reader opens a ``model.keras`` that was damaged in the middle,
and a digit of a JSON file may turn into another. Each folder of a run has sums of its own. A file without one, of a
run made before there were any or while it is being written, is read unchecked.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from emnist_core.files import read_bytes, read_json, write_json

FILE = "checksums.json"
PASSING = re.compile(r"checksums\.json|log\.txt|notes\.json|stop|events\.out\.tfevents\..*|\..*")
"""What has no sum: these change, or go, while a run is as it was."""


def read(file: Path) -> bytes:
    """The bytes of a file.

    Raises:
        OSError: when it cannot be read.
        ValueError: when it is not as it was written.
    """
    return _whole(file, read_bytes)


def check(file: Path) -> None:
    """Hold a file that another reader goes through to its sum, where it has one.

    Raises:
        OSError: when it cannot be read.
        ValueError: when it is not as it was written.
    """
    if file.name in noted(file.parent):
        read(file)


def _whole(file: Path, bytes_of: Callable[[Path], bytes]) -> bytes:
    for _ in range(2):  # a file may be renewed between a look at its sum and one at its bytes
        expected, content = noted(file.parent).get(file.name), bytes_of(file)
        if expected in (None, hashlib.sha256(content).hexdigest()):
            return content
    raise ValueError(f"{file} is not as it was written")


def note(folder: Path, *names: str) -> None:
    """Write down the sums of these files of a folder, as they are now."""
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    write_json(folder / FILE, dict(sorted((noted(folder) | sums).items())))


@contextmanager
def renewing(file: Path) -> Iterator[None]:
    """Write ``file`` in the body: it has no sum meanwhile, so that a process that dies in it leaves no wrong one."""
    forget(file)
    yield
    note(file.parent, file.name)


def forget(file: Path) -> None:
    """Take the sum of a file away, if it has one."""
    sums = noted(file.parent)
    if file.name in sums:
        write_json(file.parent / FILE, {name: sums[name] for name in sums if name != file.name})


def note_all(folder: Path) -> None:
    """Write down the sums of everything in a run directory, and only those."""
    for place in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        names = [path.name for path in place.iterdir() if path.is_file() and not PASSING.fullmatch(path.name)]
        (place / FILE).unlink(missing_ok=True)
        if names:
            note(place, *names)


def damaged(folder: Path) -> list[Path]:
    """The files of a run directory that are missing or not as they were written."""
    files = [path.parent / name for path in sorted(folder.rglob(FILE)) for name in noted(path.parent)]
    return [file for file in files if not _is_sound(file)]


def _is_sound(file: Path) -> bool:
    try:
        _whole(file, Path.read_bytes)  # as it is on the disk now
    except (OSError, ValueError):
        return False
    return True


def noted(folder: Path) -> dict[str, str]:
    """The sums of a folder's files, by name."""
    try:
        sums = read_json(folder / FILE)
    except (OSError, ValueError):
        return {}
    return sums if isinstance(sums, dict) else {}
