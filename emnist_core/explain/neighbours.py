"""Nearest images: which training images an image resembles, and which images of two classes are twins."""

import numpy as np

from emnist_core.arrays import Images, Labels, Points, Rows

MOST = 6000
"""Rows of a class that are looked at; ByClass has 38,000 of one digit, and a page does not wait for that."""


def pixels(images: Images) -> Points:
    """Images ``(N, 28, 28)`` as points in [0, 1], float32 ``(N, 784)``."""
    return (images.reshape(len(images), -1) / np.float32(255)).astype(np.float32)


def rows_of(labels: Labels, chosen: int, most: int = MOST) -> Rows:
    """Rows of class ``chosen``, evenly spread over the part when there are more than ``most``."""
    rows = np.flatnonzero(labels == chosen)
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(int)]


def distances(first: Points, second: Points) -> Points:
    """Euclidean distances of points ``(N, D)`` from points ``(M, D)``: float32 ``(N, M)``."""
    squares = (first**2).sum(axis=1)[:, np.newaxis] - 2 * first @ second.T + (second**2).sum(axis=1)
    distances: Points = np.sqrt(np.maximum(squares, 0)).astype(np.float32)
    return distances


def nearest(point: Points, points: Points, count: int) -> tuple[Rows, Points]:
    """The ``count`` of ``points (N, D)`` nearest to ``point (D,)``: their indices and distances, nearest first."""
    away = distances(point[np.newaxis], points)[0]
    best = np.argsort(away, kind="stable")[:count]
    return best, away[best]


def twins(first: Points, second: Points, count: int) -> list[tuple[int, int, float]]:
    """The nearest pairs across two sets of points, each point in one pair at most: indices and distance."""
    away = distances(first, second)
    pairs: list[tuple[int, int, float]] = []
    for _ in range(min(count, *away.shape)):
        i, j = np.unravel_index(int(away.argmin()), away.shape)
        pairs.append((int(i), int(j), float(away[i, j])))
        away[i, :] = away[:, j] = np.inf
    return pairs
