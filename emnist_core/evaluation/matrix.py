"""Ways of looking at a confusion matrix: what its cells show, how colour grows, the order of its classes and of a
cell's images."""

from typing import Literal

import numpy as np

from emnist_core.arrays import Counts, Images, Indices, Probabilities, Rows, Values
from emnist_core.data.orientation import centred_units
from emnist_core.evaluation.evaluation import Evaluation

Shown = Literal["share", "predicted", "count"]
Scale = Literal["root", "log", "straight"]
Order = Literal["class", "error", "similar"]
By = Literal["confidence", "margin", "typical", "untypical"]
TITLES: dict[By, str] = {
    "confidence": "most confident first",
    "margin": "closest call first",
    "typical": "most typical first",
    "untypical": "least typical first",
}


def shares(counts: Counts, shown: Shown) -> Values:
    """The cells: ``"share"`` of the true class (rows sum to 1), of the ``"predicted"`` class, or the ``"count"``.

    A row or column without images stays 0.
    """
    if shown == "count":
        return counts.astype(float)
    whole = counts.sum(axis=1, keepdims=True) if shown == "share" else counts.sum(axis=0, keepdims=True)
    shares: Values = np.divide(counts, whole, out=np.zeros(counts.shape), where=whole > 0)
    return shares


def colour(values: Values, scale: Scale) -> Values:
    """Values for a colour scale, NaN where there is nothing to see.

    The square root and, more so, the logarithm bring out rare confusions, which a straight scale leaves
    as paper.
    """
    seen = np.where(values > 0, values, np.nan)
    if scale == "straight":
        return seen
    if scale == "root":
        return np.sqrt(seen)
    # From the smallest value that occurs upwards, so that one image in a cell is still a colour.
    least = np.nanmin(seen) if np.isfinite(seen).any() else 1.0
    return np.log(seen / least) + 1.0


def order(counts: Counts, by: Order) -> Rows:
    """The order of the classes: their own, most errors first, or confusable ones beside each other.

    For ``"similar"`` classes are clustered by how often they are taken for one another (average linkage
    with the optimal order of leaves, Bar-Joseph and others 2001).
    """
    classes = len(counts)
    if by == "class" or classes < 3:
        return np.arange(classes)
    errors = counts - np.diag(np.diag(counts))
    if by == "error":
        return np.argsort(-(errors.sum(axis=1)), kind="stable")
    return _leaves(counts)


def _leaves(counts: Counts) -> Rows:
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    rows = shares(counts, "share")
    likeness = (rows + rows.T) / 2
    distance = 1.0 - np.sqrt(np.clip(likeness, 0, 1))
    np.fill_diagonal(distance, 0)
    joined = linkage(squareform(distance, checks=False), "average", optimal_ordering=True)
    leaves: Rows = leaves_list(joined).astype(np.int64)
    return leaves


def difference(first: Counts, second: Counts) -> Counts:
    """Images by which the first matrix has more in a cell than the second; int64, negative where fewer."""
    return first - second


def margin(evaluation: Evaluation, indices: Indices) -> Probabilities:
    """By how much the answer is more probable than the next class, in [0, 1], for each of ``indices``."""
    best = np.partition(evaluation.probabilities[indices], -2, axis=1)[:, -2:]
    return best[:, 1] - best[:, 0]


def typicality(images: Images, peers: Images) -> Values:
    """How like the mean of their ``peers (M, 28, 28)`` images ``(N, 28, 28)`` are: correlation in [-1, 1]."""
    likeness: Values = centred_units(images) @ centred_units(peers.mean(axis=0)[np.newaxis])[0]
    return likeness


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
