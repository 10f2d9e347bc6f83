"""Nearest images: which training images an image resembles, and which images of two classes are twins."""

import numpy as np

from emnist_core import data
from emnist_core.arrays import Images, Labels, Pixels, Points, Rows
from emnist_core.data import Dataset
from emnist_core.data.streaming import spread_rows
from emnist_core.errors import DataError
from emnist_core.runs import Run
from emnist_core.serving.features import features

MOST = 6000
"""Rows of a class that are looked at; ByClass has 38,000 of one digit, and a page does not wait for that."""
MOST_ALIKE = 8


def pixels(images: Images) -> Points:
    """Images ``(N, 28, 28)`` as points in [0, 1], float32 ``(N, 784)``."""
    return (images.reshape(len(images), -1) / np.float32(255)).astype(np.float32)


def rows_of(labels: Labels, chosen: int, most: int = MOST) -> Rows:
    """Rows of class ``chosen``, evenly spread over the part when there are more than ``most``."""
    rows = np.flatnonzero(labels == chosen)
    return rows[spread_rows(len(rows), most)]


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


def training_part(dataset: Dataset) -> Dataset | None:
    """The training part that belongs to a test part, where it is on this machine."""
    try:
        return data.load(dataset.split.name, "train", "sample" if dataset.is_sample else "emnist")
    except DataError:
        return None


def most_alike(image: Pixels, train: Dataset, chosen: int, run: Run | None = None) -> list[tuple[int, float]]:
    """The training images of class ``chosen`` nearest to ``image``: row and distance, nearest first.

    Args:
        image: uint8 ``(28, 28)``.
        train: the training part.
        chosen: a class of its split.
        run: measure in what this run's model sees (``features``); without it, in pixels from 0 to 1.
    """
    rows = rows_of(train.labels, chosen, most=6000 if run is None else 1000)
    if len(rows) == 0:
        return []
    images = np.concatenate([image[np.newaxis], train.images[rows]])
    points = pixels(images) if run is None else features(run, images)[0]
    closest, away = nearest(points[0], points[1:], MOST_ALIKE)
    return [(int(rows[i]), float(length)) for i, length in zip(closest, away, strict=True)]
