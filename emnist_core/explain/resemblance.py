"""Which training images an image resembles, class by class."""

import numpy as np

from emnist_core import data
from emnist_core.arrays import Pixels
from emnist_core.data import Dataset
from emnist_core.errors import DataError
from emnist_core.explain.neighbours import nearest, pixels, rows_of
from emnist_core.runs import Run
from emnist_core.serving.features import features


def training_part(dataset: Dataset) -> Dataset | None:
    """The training part that belongs to a test part, where it is on this machine."""
    try:
        return data.load(dataset.split.name, "train", "sample" if dataset.is_sample else "emnist")
    except DataError:
        return None


def most_alike(
    image: Pixels, train: Dataset, chosen: int, count: int = 8, run: Run | None = None
) -> list[tuple[int, float]]:
    """The training images of class ``chosen`` nearest to ``image``: row and distance, nearest first.

    Args:
        image: uint8 ``(28, 28)``.
        train: the training part.
        chosen: a class of its split.
        count: how many.
        run: measure in what this run's model sees (``features``); without it, in pixels from 0 to 1.
    """
    rows = rows_of(train.labels, chosen, most=6000 if run is None else 1000)
    if len(rows) == 0:
        return []
    images = np.concatenate([image[np.newaxis], train.images[rows]])
    points = pixels(images) if run is None else features(run, images)[0]
    closest, away = nearest(points[0], points[1:], count)
    return [(int(rows[i]), float(length)) for i, length in zip(closest, away, strict=True)]
