"""The library of datasets: fetch a part once, load it ever after."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from emnist_core.data import cache, formats, provenance, sample
from emnist_core.data.dataset import Dataset, content_hash
from emnist_core.data.sources import Source, open_source
from emnist_core.errors import DataError
from emnist_core.splits import PARTS, SPLITS, Part, Split, get_split

SourceName = Literal["auto", "emnist", "sample"]


def load(split: str, part: Part, source: SourceName = "auto") -> Dataset:
    """Open ``part`` of the split called ``split``.

    ``"emnist"`` is the fetched images, memory-mapped; ``"sample"`` the bundled sample; ``"auto"`` the
    fetched images when there are any and otherwise the sample. Raises ``DataError`` when there is no such
    split, part or source, when EMNIST was asked for and has not been fetched, or when the cache is damaged.
    """
    wanted = get_split(split)
    _check_part(part)
    if source not in ("auto", "emnist", "sample"):
        raise DataError(f"There is no source called {source!r}; choose one of auto, emnist, sample.")
    if source == "emnist" or (source == "auto" and cache.has(wanted, part)):
        return cache.open_part(wanted, part)
    return sample.load(wanted, part)


def fetch(split: str, source: Path, parts: Sequence[Part] | None = None) -> list[Dataset]:
    """Read ``parts`` of EMNIST from a local folder or zip archive into the cache, and return them opened.

    Files are NIST's IDX (plain or gzipped) or Kaggle's CSV, under their own names. Without ``parts``
    whatever parts are there are taken. A part is read and checked whole before it is kept. Raises
    ``DataError`` when a part is not there, is not what it claims to be, or cannot be kept.
    """
    wanted = get_split(split)
    for part in parts or ():
        _check_part(part)
    opened = open_source(source.expanduser())
    found = {part: files for part in parts or PARTS if (files := _files_of(opened, wanted, part))}
    missing = [part for part in parts or () if part not in found]
    if missing or not found:
        part = missing[0] if missing else "train"
        raise DataError(
            f"{opened.path} has no {wanted.title} {part if missing else 'files'}; "
            f"give a folder or zip archive with {_idx_names(wanted, part)[0]}.gz and its labels, "
            f"or with {_csv_name(wanted, part)}."
        )
    kept = []
    for part in parts or found:
        dataset = _read_part(opened, wanted, part, found[part])
        cache.store(dataset, f"{opened.path}: {', '.join(found[part])}")
        kept.append(cache.open_part(wanted, part))
    return kept


def installed() -> pd.DataFrame:
    """What is in the cache, one row a part: split, part, images, name, sha256, megabytes.

    A damaged part is listed as such, with 0 images, so that a person can see what to fetch again.
    """
    rows = [_row(split, part) for split in SPLITS.values() for part in PARTS if cache.has(split, part)]
    return pd.DataFrame(rows, columns=["split", "part", "images", "name", "sha256", "megabytes"])


def _row(split: Split, part: Part) -> tuple[str, Part, int, str, str, float]:
    try:
        dataset = cache.open_part(split, part)
    except DataError:
        return split.name, part, 0, f"EMNIST {split.title}, damaged: fetch it again", "", 0.0
    megabytes = (dataset.images.nbytes + dataset.labels.nbytes) / 1e6
    return split.name, part, len(dataset), dataset.name, dataset.sha256, round(megabytes, 1)


def _check_part(part: str) -> None:
    if part not in PARTS:
        raise DataError(f"There is no part called {part!r}; choose one of {', '.join(PARTS)}.")


def _idx_names(split: Split, part: Part) -> tuple[str, str]:
    stem = f"emnist-{split.name}-{part}"
    return f"{stem}-images-idx3-ubyte", f"{stem}-labels-idx1-ubyte"


def _csv_name(split: Split, part: Part) -> str:
    return f"emnist-{split.name}-{part}.csv"


def _files_of(source: Source, split: Split, part: Part) -> list[str]:
    """The names of the files that make up ``part`` in ``source``: images and labels, one CSV, or none."""
    present = source.names()

    def packed_or_not(name: str) -> list[str]:
        return [candidate for candidate in (f"{name}.gz", name) if candidate in present][:1]

    images, labels = (packed_or_not(name) for name in _idx_names(split, part))
    csv = packed_or_not(_csv_name(split, part))
    if bool(images) != bool(labels) and not csv:
        alone = (images or labels)[0]
        lacking = _idx_names(split, part)[bool(images)]
        raise DataError(f"{source.path} has {alone} without {lacking}.gz; put both in one place.")
    return images + labels if images and labels else csv


def _read_part(source: Source, split: Split, part: Part, names: list[str]) -> Dataset:
    """Read the files called ``names`` into one dataset, not yet kept."""
    if len(names) == 1:
        images, labels = formats.read_csv(source.open(names[0]), split, names[0])
    else:
        images = formats.read_idx_images(source.open(names[0]), names[0])
        labels = formats.read_idx_labels(source.open(names[1]), split, names[1])
    if len(images) != len(labels):
        raise DataError(
            f"{names[0]} has {len(images):,} images and {names[1]} has {len(labels):,} labels; "
            "download both again from one place."
        )
    return _described(split, part, images, labels)


def _described(split: Split, part: Part, images: np.ndarray, labels: np.ndarray) -> Dataset:
    name = provenance.name_of(split, part, labels)
    notes = provenance.notes_of(split, labels)
    return Dataset(split, part, images, labels, content_hash(images, labels), name, False, notes)
