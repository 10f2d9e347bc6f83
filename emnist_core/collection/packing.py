"""A run as a zip, to be taken along: its files, with the sha256 of each."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from emnist_core.collection import packed
from emnist_core.collection.renaming import ensure_rests
from emnist_core.errors import RunError
from emnist_core.runs import Run, checksums

MOMENT = (1980, 1, 1, 0, 0, 0)
"""What every file is dated, so that a run that stayed as it is gives the same zip again."""
ENDED = ("finished", "stopped", "failed")


def ensure_packable(run: Run) -> None:
    """Make sure that a run rests and is as it was written; raises ``RunError`` otherwise."""
    ensure_rests(run)
    run.status()
    if damaged := checksums.damaged(run.path):
        names = ", ".join(str(file.relative_to(run.path)) for file in damaged)
        raise RunError(f"The run {run.name} is damaged and is not exported: {names}.")


def pack(run: Run, target: Path | IO[bytes]) -> None:
    """Write a run as a zip: one folder of its name, as ``unpacking.unpack`` takes it.

    The checkpoint, the log, and who trained it where, stay behind.

    Raises:
        RunError: when the run is being trained, or a file of it is not as it was written.
    """
    ensure_packable(run)
    sums: dict[str, dict[str, str]] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(run):
            place = PurePosixPath(name)
            if place.name not in packed.UNSUMMED:
                folder = "" if place.parent == PurePosixPath(".") else f"{place.parent}/"
                sums.setdefault(folder, {})[place.name] = hashlib.sha256(content).hexdigest()
            _add(archive, f"{run.name}/{name}", content)
        for folder, noted in sums.items():
            _add(archive, f"{run.name}/{folder}{packed.CHECKSUMS}", _as_json(noted))


def _files(run: Run) -> Iterator[tuple[str, bytes]]:
    """The names and contents of what goes along, its checksums apart."""
    for path in sorted(run.path.rglob("*")):
        name = path.relative_to(run.path).as_posix()
        if path.name == packed.CHECKSUMS or packed.largest(name) is None or not path.is_file():
            continue
        yield name, _status(run) if name == "status.json" else checksums.read(path)


def _status(run: Run) -> bytes:
    """The status as one that ended somewhere else: of the worker, the visitor and the queue nothing is said."""
    status = run.status()
    status.worker = status.message = status.doing = status.visitor = status.turn = None
    status.state = status.state if status.state in ENDED else "stopped"
    return _as_json(status.model_dump())


def _as_json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100644 << 16
    archive.writestr(entry, content)
