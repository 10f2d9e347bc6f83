"""Arrays too large for memory, kept in a nameless file until nobody needs them."""

import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np

from emnist_core import paths
from emnist_core.data.streaming import pieces
from emnist_core.errors import DataError

IN_MEMORY = 96 << 20
"""Bytes up to which an array stays in memory: 128,000 images, so all of Balanced."""


def gather(chunks: Iterator[np.ndarray]) -> np.ndarray:
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
