"""A map of a few thousand images in two dimensions, where what is alike lies together."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Literal

import numpy as np
import pandas as pd

from emnist_core.arrays import Labels, Points, Rows
from emnist_core.data import Dataset
from emnist_core.data.streaming import gather
from emnist_core.errors import DataError
from emnist_core.explore import pca

Method = Literal["pca", "tsne", "umap"]
METHODS: dict[Method, str] = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}
"""Ways of making a map, by their names in the URL and as people write them."""

NEEDS: dict[Method, tuple[str, str]] = {"tsne": ("sklearn", "scikit-learn"), "umap": ("umap", "umap-learn")}
"""The module that a method needs and the package that brings it."""

MOST = 5000
DIRECTIONS = 50


def lacks(method: Method) -> str | None:
    """What to type when ``method`` needs a package that is not installed; None when nothing is missing."""
    module, package = NEEDS.get(method, (None, None))
    if module is None or find_spec(module) is not None:
        return None
    return f"{METHODS[method]} needs a package that is not installed: `pip install {package}`."


def choose_rows(labels: Labels, most: int) -> Rows:
    """Up to ``most`` rows drawn at random, as evenly over the classes as there are images; in order."""
    generator = np.random.default_rng(0)
    shuffled = generator.permutation(len(labels))
    order = shuffled[np.argsort(labels[shuffled], kind="stable")]
    sizes = np.bincount(labels)
    begins = np.cumsum(sizes) - sizes
    turn = np.arange(len(labels)) - np.repeat(begins, sizes)  # the first of every class, then the second …
    return np.sort(order[np.argsort(turn, kind="stable")[:most]])


def atlas(dataset: Dataset, method: Method, most: int) -> pd.DataFrame:
    """The map: ``row, label, x, y``; ``label`` is a class index, ``x`` and ``y`` have no unit.

    PCA takes a moment, t-SNE and UMAP take up to minutes (van der Maaten and Hinton, JMLR 9, 2008;
    McInnes, Healy and Melville, arXiv:1802.03426), each on the 50 directions of most variance and with a
    fixed seed. Raises ``DataError`` when the method is unknown or its package is not installed.
    """
    if method not in METHODS:
        raise DataError(f"There is no map called {method!r}; choose one of {', '.join(METHODS)}.")
    missing = lacks(method)
    if missing:
        raise DataError(missing)
    rows = choose_rows(dataset.labels, min(most, MOST))
    images = gather(dataset.images, rows)
    points = pca.fit(images, DIRECTIONS).project(images)
    plane = _PLACED[method](points)
    return pd.DataFrame({"row": rows, "label": dataset.labels[rows], "x": plane[:, 0], "y": plane[:, 1]})


def _by_pca(points: Points) -> Points:
    return points[:, :2]


def _by_tsne(points: Points) -> Points:
    from sklearn.manifold import TSNE

    perplexity = min(30.0, max(1.0, (len(points) - 1) / 3))
    placed: Points = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(points)
    return placed


def _by_umap(points: Points) -> Points:
    import umap

    placed: Points = umap.UMAP(random_state=0, n_jobs=1, n_neighbors=min(15, len(points) - 1)).fit_transform(points)
    return placed


_PLACED: dict[Method, Callable[[Points], Points]] = {"pca": _by_pca, "tsne": _by_tsne, "umap": _by_umap}
