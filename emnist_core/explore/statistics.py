"""What the images of every class have in common, how much they vary, and which are odd ones out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from emnist_core.arrays import Counts, Images, Labels, Maps, Points, Values
from emnist_core.data import Dataset
from emnist_core.data.streaming import pieces
from emnist_core.explore import pca, result_cache

Sums = npt.NDArray[np.uint64]
SIDE = 28
DIRECTIONS = 40
ODD = 2.5
"""From which oddity on an image is counted as odd; about 1 in 200 in EMNIST."""


@dataclass(frozen=True)
class ClassStatistics:
    """The images of every class taken together; a class without images has zeros.

    Attributes:
        counts: int64 ``(classes,)``.
        mean: the mean image, float32 ``(classes, 28, 28)`` of intensities 0 … 255.
        deviation: the standard deviation of every pixel (divided by n), likewise.
    """

    counts: Counts
    mean: Maps
    deviation: Maps

    @property
    def ink(self) -> Maps:
        """The mean intensity of a class's images in [0, 1]: float32 ``(classes,)``."""
        ink: Maps = self.mean.mean(axis=(1, 2)) / np.float32(255)
        return ink

    @property
    def variety(self) -> Maps:
        """How far a class's images are from its mean image, root mean square over pixels in [0, 1]."""
        variance: Values = (self.deviation.astype(float) ** 2).mean(axis=(1, 2))
        return np.sqrt(variance).astype(np.float32) / np.float32(255)


def class_statistics(images: Images, labels: Labels, classes: int) -> ClassStatistics:
    """Statistics of ``images`` (N, 28, 28) by class; sums are whole numbers, so the order does not matter."""
    sums, squares = np.zeros((2, classes, SIDE * SIDE), np.uint64)
    for start, piece in pieces(images):
        _add(piece.reshape(len(piece), -1), labels[start : start + len(piece)], sums, squares)
    counts = np.bincount(labels, minlength=classes)
    n = np.maximum(counts, 1)[:, np.newaxis]
    mean = sums / n
    deviation = np.sqrt(np.maximum(squares / n - mean**2, 0))
    shape = (classes, SIDE, SIDE)
    return ClassStatistics(counts, mean.reshape(shape).astype(np.float32), deviation.reshape(shape).astype(np.float32))


def _add(rows: Images, labels: Labels, sums: Sums, squares: Sums) -> None:
    """Add the rows (n, 784) and their squares to their classes' sums (classes, 784)."""
    for label in np.unique(labels):
        chosen = rows[labels == label]
        sums[label] += chosen.sum(axis=0, dtype=np.uint32)
        squared = chosen.astype(np.uint16)
        squared *= squared
        squares[label] += squared.sum(axis=0, dtype=np.uint64)


def of(dataset: Dataset) -> ClassStatistics:
    """The statistics of ``dataset``, kept on disk."""

    def compute() -> result_cache.Arrays:
        computed = class_statistics(dataset.images, dataset.labels, dataset.split.classes)
        return {"counts": computed.counts, "mean": computed.mean, "deviation": computed.deviation}

    return ClassStatistics(**result_cache.arrays(dataset.sha256, "classes", compute))


def table(statistics: ClassStatistics, labels: tuple[str, ...]) -> pd.DataFrame:
    """A row a class: ``class, images, share, ink, variety``; shares and ink in [0, 1]."""
    return pd.DataFrame(
        {
            "class": labels,
            "images": statistics.counts,
            "share": statistics.counts / max(int(statistics.counts.sum()), 1),
            "ink": statistics.ink,
            "variety": statistics.variety,
        }
    )


def oddity(distances: Points, labels: Labels) -> Points:
    """Distances from the mean of the class in the measure of that class: ``(N,)``.

    0 is as far as the class's median, 1 as much farther as its upper quartile is from its lower. So a class
    that is written in two ways does not fill the list with the rarer one.
    """
    scores = np.zeros(len(distances), np.float32)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        low, middle, high = np.quantile(distances[rows], (0.25, 0.5, 0.75))
        scores[rows] = (distances[rows] - middle) / max(float(high - low), 1e-6)
    return scores


def distances_from_means(dataset: Dataset) -> Points:
    """How far every image is from the mean of its class along the directions of most variance: ``(N,)``.

    So noise in single pixels does not count. Ink is in [0, 1], summed over 784 pixels.
    """
    directions = pca.fit(dataset.images, DIRECTIONS)
    middles = directions.project(of(dataset).mean)
    away = np.empty(len(dataset), np.float32)
    for start, piece in pieces(dataset.images):
        stop = start + len(piece)
        away[start:stop] = np.linalg.norm(directions.project(piece) - middles[dataset.labels[start:stop]], axis=1)
    return away


def outliers(dataset: Dataset) -> pd.DataFrame:
    """Every image, the oddest first: ``row, label, oddity``; ``label`` is a class index."""
    scores = oddity(distances_from_means(dataset), np.asarray(dataset.labels))
    rows = np.argsort(-scores, kind="stable")
    return pd.DataFrame({"row": rows, "label": dataset.labels[rows], "oddity": scores[rows]})
