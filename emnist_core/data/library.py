"""The library of datasets: what has been fetched, and the sample where nothing has."""

from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from emnist_core.data import cache, sample
from emnist_core.data.dataset import Dataset
from emnist_core.errors import DataError
from emnist_core.splits import PARTS, SPLITS, DatasetKind, Part, Split, check_part, get_split

if TYPE_CHECKING:
    import pandas as pd

BYTES = 28 * 28 + 8
"""A cached image and its label."""


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
    return sample.load(wanted, part)


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
