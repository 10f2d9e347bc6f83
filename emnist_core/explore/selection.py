"""Which rows a section shows: by class, by ink, in both forms of a letter; and one character enlarged to a drawing."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from emnist_core.arrays import Images, Pixels, Rows
from emnist_core.data import Dataset
from emnist_core.data.streaming import pieces
from emnist_core.explore import result_cache
from emnist_core.splits import MERGED_LETTERS, SPLITS

Shares = npt.NDArray[np.float32]
EVERY = (0, 100)
ENLARGED_SIDE = 280


def ink_shares(images: Images) -> Shares:
    """The mean intensity of every image ``(N, 28, 28)``, in [0, 1]: 0 is paper, 1 is all ink."""
    shares = np.empty(len(images), np.float32)
    for start, piece in pieces(images):
        total = piece.reshape(len(piece), -1).sum(axis=1, dtype=np.uint32)
        shares[start : start + len(piece)] = total / np.float32(255 * piece[0].size)
    return shares


def ink_of(dataset: Dataset) -> Shares:
    """``ink_shares`` of ``dataset``, kept on disk so that a filter need not read the images again."""
    return result_cache.arrays(dataset.sha256, "ink", lambda: {"share": ink_shares(dataset.images)})["share"]


def matching(dataset: Dataset, label: int | None = None, ink: tuple[int, int] = EVERY) -> Rows:
    """Rows of class ``label`` (any when None) whose ink is within ``ink``, in percent; in order."""
    fits = np.ones(len(dataset), bool) if label is None else dataset.labels == label
    if ink != EVERY:
        share = ink_of(dataset) * 100
        fits &= (share >= ink[0]) & (share <= ink[1])
    return np.flatnonzero(fits)


def draw(rows: Rows, count: int, seed: int) -> Rows:
    """Up to ``count`` of ``rows`` at random; another ``seed``, others."""
    return np.random.default_rng(seed).permutation(rows)[:count]


def letter_groups() -> tuple[tuple[str, str], ...]:
    """Titles and capitals: the letters that ByMerge makes one class, and those that it leaves two."""
    capitals = [label for label in SPLITS["byclass"].labels if label.isupper()]
    separate = "".join(letter for letter in capitals if letter not in MERGED_LETTERS)
    return (("One class in ByMerge and Balanced", MERGED_LETTERS), ("Two classes everywhere", separate))


def both_forms(dataset: Dataset, letter: str, count: int) -> tuple[Rows, Rows]:
    """Up to ``count`` rows of the capital and of the small form of ``letter``, in a dataset that keeps case."""
    index = dataset.split.labels.index
    capital, small = (matching(dataset, index(form)) for form in (letter, letter.lower()))
    return draw(capital, count, seed=1), draw(small, count, seed=1)


def merged_forms(dataset: Dataset, letters: str, count: int) -> list[Rows]:
    """Up to ``count`` rows of each of ``letters`` that has images, in a dataset that has lost case."""
    index = dataset.split.labels.index
    drawn = [draw(matching(dataset, index(letter)), count, seed=1) for letter in letters]
    return [rows for rows in drawn if len(rows)]


def enlarged(dataset: Dataset, label: str) -> Pixels:
    """The first image of ``label`` in ``dataset`` as ink, uint8 ``(280, 280)`` of 0 and 255.

    A letter whose case the split does not keep stands for both; any other label that is not there is ``"0"``.
    """
    labels = dataset.split.labels
    name = next((form for form in (label, label.upper(), "0") if form in labels), labels[0])
    first = dataset.images[matching(dataset, labels.index(name))[0]]
    small = Image.fromarray(np.ascontiguousarray(first))
    grey = np.asarray(small.resize((ENLARGED_SIDE, ENLARGED_SIDE), Image.Resampling.BICUBIC))
    return np.where(grey > 127, 255, 0).astype(np.uint8)
