"""The bundled sample beside EMNIST: how like the real images the drawn ones are."""

import numpy as np
import pandas as pd

from emnist_core.data import Dataset
from emnist_core.data.streaming import gather
from emnist_core.explore import pca, statistics

MEASURED = 20_000
"""Images that a row of the table is measured on, at most, evenly spread."""


def table(datasets: dict[str, Dataset]) -> pd.DataFrame:
    """A row a dataset: ``data, images, mean, deviation, dark, longer_side``.

    ``mean`` and ``deviation`` are of all pixels, 0 … 255; ``dark`` is the share of pixels over 127 in
    [0, 1]; ``longer_side`` is the mean longer side of the box around non-zero pixels, in pixels.
    """
    return pd.DataFrame([{"data": name, **_measured(dataset)} for name, dataset in datasets.items()])


def _measured(dataset: Dataset) -> dict[str, float]:
    images = gather(dataset.images, pca.spread_rows(len(dataset), MEASURED))
    inked = np.asarray(images > 0)
    sides = [_extent(np.asarray(inked.any(axis=axis))) for axis in (1, 2)]
    return {
        "images": len(dataset),
        "mean": float(images.mean()),
        "deviation": float(images.std()),
        "dark": float((images > 127).mean()),
        "longer_side": float(np.maximum(*sides).mean()),
    }


def _extent(inked: np.ndarray) -> np.ndarray:
    """From the first to the last True of every row (N, 28), in pixels; 0 where none is."""
    width = inked.shape[1]
    last = width - inked[:, ::-1].argmax(axis=1)
    return np.where(inked.any(axis=1), last - inked.argmax(axis=1), 0)


def likeness(first: Dataset, second: Dataset) -> pd.DataFrame:
    """A row a class with images in both: ``label, correlation`` of the two mean images, the least alike first."""
    means = [
        statistics.of(dataset).mean.reshape(dataset.split.classes, -1).astype(float) for dataset in (first, second)
    ]
    centred = [mean - mean.mean(axis=1, keepdims=True) for mean in means]
    lengths = [np.sqrt((one**2).sum(axis=1)) for one in centred]
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = (centred[0] * centred[1]).sum(axis=1) / (lengths[0] * lengths[1])
    frame = pd.DataFrame({"label": first.split.labels, "correlation": alike})
    return frame.dropna().sort_values("correlation", kind="stable", ignore_index=True)
