"""Datasets made for a test."""

from pathlib import Path

import numpy as np

from emnist_core.data import Dataset, cache
from emnist_core.data.dataset import content_hash
from emnist_core.splits import Part, get_split


def noise(count: int, classes: int = 10, split: str = "digits", part: Part = "train", seed: int = 0) -> Dataset:
    """Images of noise with the first ``classes`` classes of ``split``."""
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (count, 28, 28), np.uint8)
    labels = random.integers(0, classes, count)
    return Dataset(get_split(split), part, images, labels, content_hash(images, labels), "noise", False)


def cached(dataset: Dataset) -> Dataset:
    """The same, from the cache: memory-mapped."""
    cache.store(dataset, "a test")
    return cache.open_part(dataset.split, dataset.part)


def resident(kind: str) -> int:
    """Memory of this process in bytes, ``RssFile`` or ``RssAnon``."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(kind):
            return int(line.split()[1]) * 1024
    raise AssertionError(kind)
