"""What was computed from a dataset, kept on disk under the hash of its content.

``EMNIST_HOME/explore/<hash>/<name>.npz`` holds plain arrays; other data has another hash, so nothing kept
is ever out of date. Of more than ``LIMIT`` bytes, those go that were not read for longest. A disk that refuses costs
only the keeping.
"""

import os
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from emnist_core import files, paths

if TYPE_CHECKING:
    import pandas as pd

Arrays = dict[str, np.ndarray]
LIMIT = 300 << 20
"""Bytes that are kept in all; a list of all odd images of ByClass takes 14 MB, a map takes 0.1 MB."""


def file(sha256: str, name: str) -> Path:
    """Where the arrays called ``name``, computed from the data with this hash, are kept."""
    return paths.home() / "explore" / sha256[:16] / f"{name}.npz"


def read(path: Path) -> Arrays | None:
    """The arrays of a kept file; None when there is none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            read_arrays = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        return None
    with suppress(OSError):
        os.utime(path)  # what is used stays longest
    return read_arrays


def write(path: Path, arrays: Arrays) -> None:
    """Keep ``arrays``; raises ``OSError`` when the disk refuses."""
    with files.write_atomically(path) as temporary, temporary.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
    _make_room(path)


def _make_room(newest: Path) -> None:
    """Remove what was not read for longest until ``LIMIT`` is kept; never ``newest``."""
    with suppress(OSError):  # another process may be at it, too
        entries = [(path.stat(), path) for path in newest.parent.parent.glob("*/*.npz")]
        size = sum(status.st_size for status, _ in entries)
        for status, path in sorted(entries, key=lambda entry: entry[0].st_mtime):
            if size <= LIMIT:
                return
            if path != newest:
                path.unlink(missing_ok=True)
                size -= status.st_size


def arrays(sha256: str, name: str, compute: Callable[[], Arrays]) -> Arrays:
    """The kept arrays called ``name``, computed and kept when there are none."""
    path = file(sha256, name)
    stored = read(path)
    if stored is None:
        stored = compute()
        with suppress(OSError):
            write(path, stored)
    return stored


def frame_to_arrays(frame: "pd.DataFrame") -> Arrays:
    """A frame of numbers as one array a column."""
    return {str(column): frame[column].to_numpy() for column in frame.columns}
