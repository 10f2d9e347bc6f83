"""Odd images out: those that lie far from the other images of their class."""

import numpy as np
import pandas as pd

from emnist_core.arrays import Labels, Points
from emnist_core.data import Dataset
from emnist_core.data.streaming import pieces
from emnist_core.explore import pca, statistics

DIRECTIONS = 40
ODD = 2.5
"""From which oddity on an image is counted as odd; about 1 in 200 in EMNIST."""


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


def distances(dataset: Dataset) -> Points:
    """How far every image is from the mean of its class along the directions of most variance: ``(N,)``.

    So noise in single pixels does not count. Ink is in [0, 1], summed over 784 pixels.
    """
    directions = pca.fit(dataset.images, DIRECTIONS)
    middles = directions.project(statistics.of(dataset).mean)
    away = np.empty(len(dataset), np.float32)
    for start, piece in pieces(dataset.images):
        stop = start + len(piece)
        away[start:stop] = np.linalg.norm(directions.project(piece) - middles[dataset.labels[start:stop]], axis=1)
    return away


def outliers(dataset: Dataset) -> pd.DataFrame:
    """Every image, the oddest first: ``row, label, oddity``; ``label`` is a class index."""
    scores = oddity(distances(dataset), np.asarray(dataset.labels))
    rows = np.argsort(-scores, kind="stable")
    return pd.DataFrame({"row": rows, "label": dataset.labels[rows], "oddity": scores[rows]})
