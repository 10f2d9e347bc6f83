"""Images that stand in two parts: of the test part in the training part, exactly or nearly; and across splits."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from emnist_core.arrays import Hashes, Images, Pixels, Points, Rows
from emnist_core.data import Dataset, image_hashes
from emnist_core.data.streaming import gather, pieces, spread_rows
from emnist_core.explore import pca, result_cache

DIRECTIONS = 32
BLOCK = 512, 16_384
"""Test and training rows that are compared at once: 32 MB of distances."""
MOST_TEST = 20_000
"""Test images that are looked up; of more, as many are taken evenly over the part."""
NEAR = 0.08
"""Root mean square difference of ink, in [0, 1], up to which two images are nearly the same."""


def hashes(images: Images) -> Hashes:
    """The 64-bit hash of every image ``(N, 28, 28)``; see ``data.image_hashes``."""
    return np.concatenate([image_hashes.hashes(piece) for _, piece in pieces(images)])


def exact(test: Images, train: Images) -> Rows:
    """For every test image the first training row that is the same image, byte for byte; -1 where none is."""
    wanted, present = hashes(test), hashes(train)
    order = np.argsort(present, kind="stable")
    place = np.minimum(np.searchsorted(present[order], wanted), len(order) - 1)
    candidates = order[place]
    rows = np.flatnonzero(present[candidates] == wanted)
    same = (test[rows] == train[candidates[rows]]).all(axis=(1, 2))
    twins = np.full(len(test), -1, np.int64)
    twins[rows[same]] = candidates[rows[same]]
    return twins


def nearest(points: Points, others: Points) -> Rows:
    """For every point ``(N, D)`` which of ``others`` ``(M, D)`` is nearest."""
    best = np.zeros(len(points), np.int64)
    half = (others**2).sum(axis=1) / 2
    for start in range(0, len(points), BLOCK[0]):
        block = points[start : start + BLOCK[0]]
        least = np.full(len(block), np.inf, np.float32)
        for first in range(0, len(others), BLOCK[1]):
            away = half[first : first + BLOCK[1]] - block @ others[first : first + BLOCK[1]].T
            at = away.argmin(axis=1)
            value = away[np.arange(len(block)), at]
            nearer = value < least
            least[nearer] = value[nearer]
            best[start : start + BLOCK[0]][nearer] = at[nearer] + first
    return best


def duplicates(test: Dataset, train: Dataset) -> pd.DataFrame:
    """Each test image with the training image most like it, the most alike first.

    Columns: ``test_row, train_row, test_label, train_label`` (class indices), ``difference``: the root mean
    square difference of ink in [0, 1], and ``is_exact``. The nearest is found along the 32 directions of
    most variance and then measured on all pixels, so a rarely nearer one can be missed; equal ones never.
    """
    rows = spread_rows(len(test), MOST_TEST)
    images = gather(test.images, rows)
    directions = pca.fit(train.images, DIRECTIONS)
    same = exact(images, train.images)
    near = nearest(directions.project(images), directions.project(train.images))
    partners = np.where(same >= 0, same, near)
    difference = _difference(images, gather(train.images, partners))
    frame = pd.DataFrame(
        {
            "test_row": rows,
            "train_row": partners,
            "test_label": test.labels[rows],
            "train_label": train.labels[partners],
            "difference": difference,
            "is_exact": same >= 0,
        }
    )
    return frame.sort_values("difference", kind="stable", ignore_index=True)


def _difference(first: Pixels, second: Pixels) -> Points:
    """The root mean square difference of ink, in [0, 1], of images ``(N, 28, 28)`` pair by pair."""
    differences = np.empty(len(first), np.float32)
    for start, piece in pieces(first):
        gap = piece.astype(np.float32) - second[start : start + len(piece)]
        differences[start : start + len(piece)] = np.sqrt((gap**2).mean(axis=(1, 2))) / 255
    return differences


def distinct_hashes(dataset: Dataset) -> np.ndarray:
    """The sorted 64-bit hashes of the dataset's images, each once, kept on disk: uint64 ``(M,)``, M ≤ N."""
    return result_cache.arrays(dataset.sha256, "hashes", lambda: {"keys": np.unique(hashes(dataset.images))})["keys"]


def overlaps(datasets: Sequence[Dataset]) -> pd.DataFrame:
    """A row for every two parts: ``first, second, shared, share``.

    ``shared`` is the number of different images that stand in both, ``share`` that number over the smaller
    part's different images, in [0, 1].
    """
    parts = [(f"{dataset.split.title} {dataset.part}", distinct_hashes(dataset)) for dataset in datasets]
    rows = []
    for index, (first, some) in enumerate(parts):
        for second, others in parts[index + 1 :]:
            shared = len(np.intersect1d(some, others, assume_unique=True))
            rows.append((first, second, shared, shared / max(1, min(len(some), len(others)))))
    frame = pd.DataFrame(rows, columns=["first", "second", "shared", "share"])
    return frame.sort_values("share", ascending=False, kind="stable", ignore_index=True)
