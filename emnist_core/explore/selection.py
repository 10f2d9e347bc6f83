"""Which rows a gallery shows."""

import numpy as np
import numpy.typing as npt

from emnist_core.data import Dataset
from emnist_core.explore import ink_share

Rows = npt.NDArray[np.int64]
EVERY = (0, 100)


def matching(dataset: Dataset, label: int | None = None, ink: tuple[int, int] = EVERY) -> Rows:
    """Rows of class ``label`` (any when None) whose ink is within ``ink``, in percent; in order."""
    fits = np.ones(len(dataset), bool) if label is None else dataset.labels == label
    if ink != EVERY:
        share = ink_share.of(dataset) * 100
        fits &= (share >= ink[0]) & (share <= ink[1])
    return np.flatnonzero(fits)


def draw(rows: Rows, count: int, seed: int) -> Rows:
    """Up to ``count`` of ``rows`` at random; another ``seed``, others."""
    return np.random.default_rng(seed).permutation(rows)[:count]
