"""Arrays larger than there should be in memory: gone through, gathered and saved a piece at a time."""

import mmap
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np

from emnist_core import paths
from emnist_core.arrays import Rows
from emnist_core.errors import DataError

ROWS = 8192
"""Images in a piece: 6.4 MB."""
SCATTERED = 1024
"""Rows here and there that are read at once: the system maps 64 kB around each of them."""
IN_MEMORY = 96 << 20
"""Bytes up to which an array stays in memory: 128,000 images, so all of Balanced."""


def pieces(images: np.ndarray, rows: int = ROWS) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the first row of a piece and the piece, a view, until all of ``images`` (N, …) have been seen.

    What a memory map has read counts as memory of the process for as long as it is mapped; so each piece
    is given back once it has been used.
    """
    for start in range(0, len(images), rows):
        yield start, images[start : start + rows]
        release(images)


def spread_rows(available: int, most: int) -> Rows:
    """Up to ``most`` of ``available`` rows, evenly spread."""
    return np.unique(np.linspace(0, available - 1, min(available, most)).astype(np.int64))


def gather(images: np.ndarray, rows: Rows) -> np.ndarray:
    """The images of some ``rows`` (int64, (n,)) as an array of their own; the memory map is given back on the way."""
    gathered = np.empty((len(rows), *images.shape[1:]), images.dtype)
    for start in range(0, len(rows), SCATTERED):
        gathered[start : start + SCATTERED] = images[rows[start : start + SCATTERED]]
        release(images)
    return gathered


def release(array: np.ndarray) -> None:
    """Give back the memory that a memory-mapped ``array`` takes; its content stays, and is read again if asked for."""
    mapped = getattr(_owner(array), "_mmap", None)
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def _owner(array: np.ndarray) -> np.ndarray:
    """The array that ``array`` is a view of, the first in the chain that is a memory map."""
    while isinstance(array.base, np.ndarray) and not isinstance(array, np.memmap):
        array = array.base
    return array


def collect(chunks: Iterator[np.ndarray]) -> np.ndarray:
    """The rows of all ``chunks``, uint8 ``(n, …)`` each, one after another: uint8 ``(N, …)``, perhaps read-only.

    What is larger than ``IN_MEMORY`` lies in a file that is gone when the array is. Raises ``DataError``
    when there is no room for it.
    """
    first = next(chunks)
    # Memory that is not yet written to costs nothing.
    array = np.empty((max(IN_MEMORY // first[0].nbytes, len(first)), *first.shape[1:]), np.uint8)
    rows = 0
    for chunk in chain([first], chunks):
        if rows + len(chunk) > len(array):
            return _in_a_file(array[:rows], chain([chunk], chunks))
        array[rows : rows + len(chunk)] = chunk
        rows += len(chunk)
    return array[:rows]


def _in_a_file(begun: np.ndarray, chunks: Iterator[np.ndarray]) -> np.ndarray:
    """What has come and what is still to come."""
    shape, rows = begun.shape[1:], 0
    with _temporary_file() as file:
        for chunk in chain([begun], chunks):
            rows += len(chunk)
            _write(file, chunk)
        file.flush()
        return np.asarray(np.memmap(file, np.uint8, "r", shape=(rows, *shape)))


def _temporary_file() -> IO[bytes]:
    try:
        paths.home().mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=paths.home())  # where there is room for the cache; /tmp may be memory
    except OSError:
        return tempfile.TemporaryFile()


def _write(file: IO[bytes], array: np.ndarray) -> None:
    try:
        file.write(np.ascontiguousarray(array).data)
    except OSError as error:
        raise DataError(
            f"There is no room to unpack the images ({error.strerror or error}); make room, or name another folder "
            "in EMNIST_HOME."
        ) from error


def save(path: Path, array: np.ndarray) -> None:
    """Write ``array`` as an ``.npy`` file at ``path``, as ``numpy.save`` does, a piece at a time."""
    with path.open("wb") as file:
        header = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
        np.lib.format.write_array_header_1_0(file, header)
        for _, piece in pieces(array):
            file.write(np.ascontiguousarray(piece).data)
