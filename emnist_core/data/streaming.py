"""Going through more images than there should be in memory, a piece at a time."""

import mmap
from collections.abc import Iterator

import numpy as np

from emnist_core.arrays import Rows

ROWS = 8192
"""Images in a piece: 6.4 MB."""
SCATTERED = 1024
"""Rows here and there that are read at once: the system maps 64 kB around each of them."""


def pieces(images: np.ndarray, rows: int = ROWS) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the first row of a piece and the piece, a view, until all of ``images`` (N, …) have been seen.

    What a memory map has read counts as memory of the process for as long as it is mapped; so each piece
    is given back once it has been used.
    """
    for start in range(0, len(images), rows):
        yield start, images[start : start + rows]
        release(images)


def gather(images: np.ndarray, rows: Rows) -> np.ndarray:
    """The images of some ``rows`` (int64, (n,)) as an array of their own; the memory map is given back on the way."""
    found = np.empty((len(rows), *images.shape[1:]), images.dtype)
    for start in range(0, len(rows), SCATTERED):
        found[start : start + SCATTERED] = images[rows[start : start + SCATTERED]]
        release(images)
    return found


def release(array: np.ndarray) -> None:
    """Give back the memory that a memory-mapped ``array`` takes; its content stays, and is read again if asked for."""
    mapped = getattr(_owner(array), "_mmap", None)
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def is_mapped(array: np.ndarray) -> bool:
    """Whether ``array`` is a view of a file and takes no memory of its own."""
    return isinstance(_owner(array), np.memmap)


def _owner(array: np.ndarray) -> np.ndarray:
    """The array that ``array`` is a view of, the first in the chain that is a memory map."""
    while isinstance(array.base, np.ndarray) and not isinstance(array, np.memmap):
        array = array.base
    return array
