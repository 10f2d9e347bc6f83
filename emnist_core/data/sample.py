"""The bundled sample: characters of handwriting fonts, so that everything runs before EMNIST is fetched."""

import zipfile
import zlib
from functools import cache
from pathlib import Path

import numpy as np

from emnist_core.data.cache import fetch_command
from emnist_core.data.dataset import Dataset, content_hash
from emnist_core.errors import DataError
from emnist_core.splits import BYMERGE_LABELS, Part, Split

PATH = Path(__file__).with_name("sample.npz")
NAME = "bundled sample (handwriting fonts)"
NOTE = "Drawn with handwriting fonts and not EMNIST: figures measured on it say nothing about EMNIST."


@cache
def load(split: Split, part: Part) -> Dataset:
    """The sample as ``part`` of ``split``: Balanced as it is, other splits by relabelling.

    Digits, MNIST and Letters are the rows that belong to them. Raises ``DataError`` for ByClass, since
    the sample's merged letters have lost their case.
    """
    table = _class_table(split)
    images, balanced = _arrays(part)
    labels = table[balanced]
    belongs = labels >= 0
    if not belongs.all():
        images, labels = images[belongs], labels[belongs]
    for array in (images, labels):
        array.setflags(write=False)
    return Dataset(split, part, images, labels, content_hash(images, labels), NAME, True, (NOTE,))


def _class_table(split: Split) -> np.ndarray:
    """The class of ``split`` for every class of Balanced, -1 where it has none: int64 (47,)."""
    if split.name == "byclass":
        raise DataError(
            "The bundled sample cannot stand in for ByClass, because its merged letters have lost their "
            f"case; fetch the real images with `{fetch_command(split)}`."
        )
    index = {label: position for position, label in enumerate(split.labels)}
    fold = str.upper if split.name == "letters" else str
    return np.array([index.get(fold(label), -1) for label in BYMERGE_LABELS], np.int64)


def _arrays(part: Part) -> tuple[np.ndarray, np.ndarray]:
    """The file's arrays for ``part``: uint8 (N, 28, 28) upright, uint8 (N,) classes of Balanced."""
    try:
        with np.load(PATH, allow_pickle=False) as arrays:
            return arrays[f"{part}_images"], arrays[f"{part}_labels"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{PATH.name} of this project is missing or damaged; install it again.") from error
