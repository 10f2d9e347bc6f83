"""How like each other classes, or the sample and EMNIST, are: by their pixels alone, no model has a say."""

import numpy as np
import pandas as pd

from emnist_core.arrays import Counts, Images, Labels, Values
from emnist_core.data import Dataset
from emnist_core.data.orientation import centred_units
from emnist_core.data.streaming import gather, pieces, spread_rows
from emnist_core.explore import result_cache, statistics
from emnist_core.explore.statistics import ClassStatistics

MOST = 60_000
"""Images that are sorted by nearest mean; of more, as many are taken evenly over the part."""
MEASURED = 20_000
"""Images that a row of ``pixel_measures`` is measured on, at most, evenly spread."""


def correlations(statistics: ClassStatistics) -> Values:
    """The correlation of the mean images of every two classes, ``(classes, classes)``; NaN without images."""
    unit = centred_units(_means(statistics))
    return np.clip(unit @ unit.T, -1, 1)


def correlations_between(first: Dataset, second: Dataset) -> pd.DataFrame:
    """A row a class with images in both: ``label, correlation`` of the two mean images, the least alike first."""
    one, other = (centred_units(_means(statistics.of(dataset))) for dataset in (first, second))
    frame = pd.DataFrame({"label": first.split.labels, "correlation": (one * other).sum(axis=1)})
    return frame.dropna().sort_values("correlation", kind="stable", ignore_index=True)


def _means(statistics: ClassStatistics) -> Values:
    """The mean images as points, ``(classes, 784)``; NaN without images."""
    means: Values = statistics.mean.reshape(len(statistics.mean), -1).astype(float)
    means[statistics.counts == 0] = np.nan
    return means


def distances(statistics: ClassStatistics) -> Values:
    """The root mean square difference of the mean images of every two classes, in [0, 1]; NaN without images."""
    means = _means(statistics) / 255
    squares = (means**2).sum(axis=1)
    between = squares[:, np.newaxis] + squares - 2 * means @ means.T
    distances: Values = np.sqrt(np.maximum(between, 0) / means.shape[1])
    return distances


def nearest_mean(images: Images, labels: Labels, statistics: ClassStatistics) -> Labels:
    """Images of every class (rows) by whose mean image is nearest (columns): int64 ``(classes, classes)``."""
    means = statistics.mean.reshape(len(statistics.mean), -1)
    # |image - mean|² without |image|², which is the same for every class.
    offset = np.where(statistics.counts > 0, (means**2).sum(axis=1), np.inf)
    counts = np.zeros((len(means),) * 2, np.int64)
    for start, piece in pieces(images):
        flat = piece.reshape(len(piece), -1).astype(np.float32)
        answers = (offset - 2 * flat @ means.T).argmin(axis=1)
        np.add.at(counts, (labels[start : start + len(piece)], answers), 1)
    return counts


def nearest_mean_of(dataset: Dataset, statistics: ClassStatistics) -> Labels:
    """``nearest_mean`` of up to ``MOST`` images of ``dataset``, kept on disk."""

    def compute() -> result_cache.Arrays:
        step = -(-len(dataset) // MOST)
        return {"counts": nearest_mean(dataset.images[::step], dataset.labels[::step], statistics)}

    return result_cache.arrays(dataset.sha256, "nearest-mean", compute)["counts"]


def pairs(statistics: ClassStatistics, confusion: Counts, labels: tuple[str, ...]) -> pd.DataFrame:
    """Every two classes with images, the most alike first: ``first, second, correlation, distance, mistaken``.

    ``mistaken`` is the share of the two classes' images that are nearer to the other's mean than to any, in [0, 1].
    """
    first, second = np.triu_indices(len(labels), 1)
    totals = confusion.sum(axis=1)
    mistaken = confusion[first, second] + confusion[second, first]
    frame = pd.DataFrame(
        {
            "first": np.array(labels)[first],
            "second": np.array(labels)[second],
            "correlation": correlations(statistics)[first, second],
            "distance": distances(statistics)[first, second],
            "mistaken": mistaken / np.maximum(totals[first] + totals[second], 1),
        }
    )
    return frame.dropna().sort_values("correlation", ascending=False, kind="stable", ignore_index=True)


def letter_cases(statistics: ClassStatistics, labels: tuple[str, ...]) -> pd.DataFrame:
    """How alike the capital and the small form of every letter are: ``letter, correlation, capitals, smalls``.

    Only for classes that keep case; the most alike first.
    """
    index = {label: position for position, label in enumerate(labels)}
    letters = [label for label in labels if label.isupper() and label.lower() in index]
    alike = correlations(statistics)
    rows = [
        (letter, alike[index[letter], index[letter.lower()]],
         int(statistics.counts[index[letter]]), int(statistics.counts[index[letter.lower()]]))
        for letter in letters
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["letter", "correlation", "capitals", "smalls"])
    return frame.sort_values("correlation", ascending=False, kind="stable", ignore_index=True)


def pixel_measures(datasets: dict[str, Dataset]) -> pd.DataFrame:
    """A row a dataset: ``data, images, mean, deviation, dark, longer_side``.

    ``mean`` and ``deviation`` are of all pixels, 0 … 255; ``dark`` is the share of pixels over 127 in
    [0, 1]; ``longer_side`` is the mean longer side of the box around non-zero pixels, in pixels.
    """
    return pd.DataFrame([{"data": name, **_measured(dataset)} for name, dataset in datasets.items()])


def _measured(dataset: Dataset) -> dict[str, float]:
    images = gather(dataset.images, spread_rows(len(dataset), MEASURED))
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
