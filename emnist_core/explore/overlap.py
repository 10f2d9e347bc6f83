"""Images that stand in more than one part: EMNIST's splits are separate draws of the same images."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from emnist_core.data import Dataset
from emnist_core.explore import result_cache
from emnist_core.explore.duplicates import keys


def keys_of(dataset: Dataset) -> np.ndarray:
    """The sorted 64-bit keys of the dataset's images, each once, kept on disk: uint64 ``(M,)``, M ≤ N."""
    return result_cache.arrays(dataset.sha256, "hashes", lambda: {"keys": np.unique(keys(dataset.images))})["keys"]


def overlaps(datasets: Sequence[Dataset]) -> pd.DataFrame:
    """A row for every two parts: ``first, second, shared, share``.

    ``shared`` is the number of different images that stand in both, ``share`` that number over the smaller
    part's different images, in [0, 1].
    """
    found = [(f"{dataset.split.title} {dataset.part}", keys_of(dataset)) for dataset in datasets]
    rows = []
    for index, (first, some) in enumerate(found):
        for second, others in found[index + 1 :]:
            shared = len(np.intersect1d(some, others, assume_unique=True))
            rows.append((first, second, shared, shared / max(1, min(len(some), len(others)))))
    frame = pd.DataFrame(rows, columns=["first", "second", "shared", "share"])
    return frame.sort_values("share", ascending=False, kind="stable", ignore_index=True)
