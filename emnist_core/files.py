"""Files written so that no reader sees half of one, and small ones read once for as long as they stay as they are."""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

MOST_KEPT = 1024
"""Small files whose bytes are kept; the one that was not asked for longest goes first."""
LARGEST_KEPT = 64 * 1024
"""Bytes of a file from which it is read anew each time."""
SETTLED = 2.0
"""Seconds that a file has to be old to be kept: some disks note times in steps of two seconds, within which a second
writing would look like the first."""


@contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success flush it to disk and rename it over ``path``.

    When the body raises, or the process dies, ``path`` is as it was. The temporary file keeps the
    suffix of ``path``, because some writers (Keras, NumPy) choose a format by it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON, atomically."""
    with write_atomically(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON file; raises ``OSError`` or ``ValueError`` for the caller to put into words."""
    return json.loads(read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """The bytes of a file as it is now; a small one is opened again only when it was renewed, by whichever process.

    Raises:
        OSError: when it cannot be read.
    """
    found = path.stat()
    written = max(found.st_mtime_ns, found.st_ctime_ns)
    if found.st_size > LARGEST_KEPT or time.time_ns() - written < SETTLED * 1e9:
        return path.read_bytes()
    return _kept(path, (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))


@lru_cache(maxsize=MOST_KEPT)
def _kept(path: Path, version: tuple[int, ...]) -> bytes:  # noqa: ARG001 - a renewed file is another entry
    return path.read_bytes()
