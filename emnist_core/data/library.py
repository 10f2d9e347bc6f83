"""The library of datasets: what has been fetched, and the sample where nothing has."""

from typing import TYPE_CHECKING

from emnist_core.data import cache, sample
from emnist_core.data.dataset import Dataset
from emnist_core.errors import DataError
from emnist_core.splits import PARTS, SPLITS, DatasetKind, Part, Split, check_part, get_split

if TYPE_CHECKING:
    import pandas as pd


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


def installed() -> "pd.DataFrame":
    """What is in the cache, one row a part: split, part, images, name, sha256, megabytes.

    A damaged part is listed as such, with 0 images, so that a person can see what to fetch again.
    """
    rows = [_row(split, part) for split in SPLITS.values() for part in PARTS if cache.has(split, part)]
    import pandas as pd  # here, so that the landing page, which has no tables, does not wait for it

    return pd.DataFrame(rows, columns=["split", "part", "images", "name", "sha256", "megabytes"])


def _row(split: Split, part: Part) -> tuple[str, Part, int, str, str, float]:
    try:
        dataset = cache.open_part(split, part)
    except DataError:
        return split.name, part, 0, f"EMNIST {split.title}, damaged: fetch it again", "", 0.0
    megabytes = (dataset.images.nbytes + dataset.labels.nbytes) / 1e6
    return split.name, part, len(dataset), dataset.name, dataset.sha256, round(megabytes, 1)
