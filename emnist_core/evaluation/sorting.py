"""In which order a cell's images are shown."""

from typing import Literal

import numpy as np

from emnist_core.arrays import Images, Indices, Probabilities, Values
from emnist_core.evaluation.evaluation import Evaluation

By = Literal["confidence", "margin", "typical", "untypical"]
TITLES: dict[By, str] = {
    "confidence": "most confident first",
    "margin": "closest call first",
    "typical": "most typical first",
    "untypical": "least typical first",
}


def margin(evaluation: Evaluation, indices: Indices) -> Probabilities:
    """By how much the answer is more probable than the next class, in [0, 1], for each of ``indices``."""
    best = np.partition(evaluation.probabilities[indices], -2, axis=1)[:, -2:]
    return best[:, 1] - best[:, 0]


def typicality(images: Images, peers: Images) -> Values:
    """How like the mean of their ``peers (M, 28, 28)`` images ``(N, 28, 28)`` are: correlation in [-1, 1]."""
    points = images.reshape(len(images), -1).astype(float)
    mean = peers.reshape(len(peers), -1).mean(axis=0)
    points, mean = points - points.mean(axis=1, keepdims=True), mean - mean.mean()
    length = np.linalg.norm(points, axis=1) * np.linalg.norm(mean)
    cosines: Values = np.divide(points @ mean, length, out=np.zeros(len(points)), where=length > 0)
    return cosines


def sort_indices(evaluation: Evaluation, indices: Indices, by: By, images: Images | None = None) -> Indices:
    """``indices`` in the order called ``by``.

    Args:
        evaluation: whose answers count.
        indices: indices of images of one true class.
        by: see ``TITLES``; typicality is that of the true class, and needs ``images``.
        images: all images of the dataset, uint8 ``(N, 28, 28)``.
    """
    if len(indices) == 0:
        return indices
    if by == "margin":
        keys = margin(evaluation, indices).astype(float)
    elif by == "confidence" or images is None:
        keys = -evaluation.confidence[indices].astype(float)
    else:
        peers = images[np.flatnonzero(evaluation.true == evaluation.true[indices[0]])]
        keys = typicality(images[indices], peers) * (-1 if by == "typical" else 1)
    return indices[np.argsort(keys, kind="stable")]
