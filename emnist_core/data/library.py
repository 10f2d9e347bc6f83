"""The library of datasets: what has been fetched, and where nothing has the bundled sample of handwriting fonts."""

import zipfile
import zlib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

import numpy as np

from emnist_core.data import cache
from emnist_core.data.dataset import Dataset, content_hash
from emnist_core.errors import DataError
from emnist_core.splits import BYMERGE_LABELS, PARTS, SPLITS, DatasetKind, Part, Split, check_part, get_split

if TYPE_CHECKING:
    import pandas as pd

BYTES = 28 * 28 + 8
"""A cached image and its label."""
SAMPLE = Path(__file__).with_name("sample.npz")
SAMPLE_NAME = "bundled sample (handwriting fonts)"
SAMPLE_NOTE = "Drawn with handwriting fonts and not EMNIST: figures measured on it say nothing about EMNIST."


def load(split: str, part: Part, dataset_kind: DatasetKind = "auto") -> Dataset:
    """Open ``part`` of the split called ``split``.

    ``"emnist"`` is the fetched images, memory-mapped; ``"sample"`` the bundled sample; ``"auto"`` the
    fetched images when there are any and otherwise the sample. Raises ``DataError`` when there is no such
    split, part or dataset_kind, when EMNIST was asked for and has not been fetched, or when the cache is damaged.
    """
    wanted = get_split(split)
    check_part(part)
    if dataset_kind not in ("auto", "emnist", "sample"):
        raise DataError(f"There is no kind of data called {dataset_kind!r}; choose one of auto, emnist, sample.")
    if dataset_kind == "emnist" or (dataset_kind == "auto" and cache.has(wanted, part)):
        return cache.open_part(wanted, part)
    return sample(wanted, part)


def with_hash(split: str, part: Part, sha256: str) -> Dataset | None:
    """``part`` of the split called ``split`` where what is on this machine, EMNIST or the sample, has this hash."""
    kinds: tuple[DatasetKind, ...] = ("emnist", "sample")
    for kind in kinds:
        with suppress(DataError):
            dataset = load(split, part, kind)
            if dataset.sha256 == sha256:
                return dataset
    return None


def is_installed(split: str, part: Part) -> bool:
    """Whether ``part`` of the split called ``split`` is in the cache, sound or not; opens nothing."""
    return cache.has(get_split(split), part)


def parts() -> "pd.DataFrame":
    """Every part of every split, and what of it is in the cache: a row a part.

    Columns: ``split, part, classes, published, images, megabytes, name, sha256, source, fetched``. ``published`` is
    how many images it officially has and ``images`` how many are here; ``megabytes`` is what it takes in the cache, or
    would take; ``source`` where it was fetched from, of a path its last name alone, since visitors read it. A damaged
    part has a name that says so and 0 images.
    """
    import pandas as pd  # here, so that the landing page, which has no tables, does not wait for it

    return pd.DataFrame([_row(split, part) for split in SPLITS.values() for part in PARTS])


def installed() -> "pd.DataFrame":
    """The rows of ``parts`` that are in the cache; a damaged one too, so that a person sees what to fetch again."""
    every = parts()
    return every[every["name"] != ""].reset_index(drop=True)


def _row(split: Split, part: Part) -> dict[str, Any]:
    row: dict[str, Any] = {
        "split": split.name,
        "part": part,
        "classes": split.classes,
        "published": split.count(part),
        "images": 0,
        "megabytes": round(split.count(part) * BYTES / 1e6, 1),
        "name": "",
        "sha256": "",
        "source": "",
        "fetched": "",
    }
    if not cache.has(split, part):
        return row
    try:
        dataset, manifest = cache.open_part(split, part), cache.read_manifest(split, part)
    except DataError:
        return row | {"name": f"EMNIST {split.title}, damaged: fetch it again"}
    source = str(manifest.get("source", ""))
    return row | {
        "images": len(dataset),
        "megabytes": round(len(dataset) * BYTES / 1e6, 1),
        "name": dataset.name,
        "sha256": dataset.sha256,
        "source": _without_folders(source.rpartition(": ")[0] or source),
        "fetched": str(manifest.get("fetched", "")),
    }


def _without_folders(source: str) -> str:
    for path in (PurePosixPath(source), PureWindowsPath(source)):
        if path.is_absolute():
            return path.name
    return source


@lru_cache
def sample(split: Split, part: Part) -> Dataset:
    """The bundled sample as ``part`` of ``split``: Balanced as it is, other splits by relabelling.

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
    return Dataset(split, part, images, labels, content_hash(images, labels), SAMPLE_NAME, True, (SAMPLE_NOTE,))


def _class_table(split: Split) -> np.ndarray:
    """The class of ``split`` for every class of Balanced, -1 where it has none: int64 (47,)."""
    if split.name == "byclass":
        raise DataError(
            "The bundled sample cannot stand in for ByClass, because its merged letters have lost their "
            f"case; fetch the real images with `{cache.fetch_command(split)}`."
        )
    index = {label: position for position, label in enumerate(split.labels)}
    fold = str.upper if split.name == "letters" else str
    return np.array([index.get(fold(label), -1) for label in BYMERGE_LABELS], np.int64)


def _arrays(part: Part) -> tuple[np.ndarray, np.ndarray]:
    """The file's arrays for ``part``: uint8 (N, 28, 28) upright, uint8 (N,) classes of Balanced."""
    try:
        with np.load(SAMPLE, allow_pickle=False) as arrays:
            return arrays[f"{part}_images"], arrays[f"{part}_labels"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{SAMPLE.name} of this project is missing or damaged; install it again.") from error
