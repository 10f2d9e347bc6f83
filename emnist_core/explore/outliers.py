"""Odd images out: those that lie far from the other images of their class."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from emnist_core.data import Dataset
from emnist_core.explore import pca

DIRECTIONS = 40
ODD = 1.75
"""Times the usual distance from which an image is counted as odd; about 1 in 200 in EMNIST."""


def oddity(points: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Each point's distance from the mean of its class over the class's median distance: ``(N,)`` from ``(N, D)``."""
    found = np.zeros(len(points), np.float32)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        away = np.sqrt(((points[rows] - points[rows].mean(axis=0)) ** 2).sum(axis=1))
        found[rows] = away / max(float(np.median(away)), 1e-6)
    return found


def outliers(dataset: Dataset) -> pd.DataFrame:
    """Every image, the oddest first: ``row, label, oddity``; ``label`` is a class index.

    Distances are along the directions of most variance, so that noise in single pixels does not count.
    """
    found = pca.fit(dataset.images, DIRECTIONS)
    scores = oddity(found.project(dataset.images), np.asarray(dataset.labels))
    rows = np.argsort(-scores, kind="stable")
    return pd.DataFrame({"row": rows, "label": dataset.labels[rows], "oddity": scores[rows]})
