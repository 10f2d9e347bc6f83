"""What there is of EMNIST: every part of every split, and what of it is on this machine."""

from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import pandas as pd

from emnist_core.data import cache
from emnist_core.errors import DataError
from emnist_core.splits import PARTS, SPLITS, Part, Split

BYTES = 28 * 28 + 8
"""A cached image and its label."""


def parts() -> pd.DataFrame:
    """A row a part: ``split, part, classes, published, here, megabytes, name, source, fetched``.

    ``published`` and ``here`` are images; ``megabytes`` what the part takes in the cache, or would take;
    ``source`` is where it was fetched from, of a path its last name alone, since visitors read it. Only manifests are
    read. A damaged part has 0 images here.
    """
    return pd.DataFrame([_row(split, part) for split in SPLITS.values() for part in PARTS])


def _row(split: Split, part: Part) -> dict[str, Any]:
    row: dict[str, Any] = {
        "split": split.name,
        "part": part,
        "classes": split.classes,
        "published": split.count(part),
        "here": 0,
        "megabytes": round(split.count(part) * BYTES / 1e6, 1),
        "name": "",
        "source": "",
        "fetched": "",
    }
    if not cache.has(split, part):
        return row
    try:
        manifest = cache.read_manifest(split, part)
    except DataError:
        return row | {"name": "damaged: fetch it again"}
    source = str(manifest.get("source", ""))
    return row | {
        "here": manifest["images"],
        "megabytes": round(manifest["images"] * BYTES / 1e6, 1),
        "name": manifest["name"],
        "source": _without_folders(source.rpartition(": ")[0] or source),
        "fetched": str(manifest.get("fetched", "")),
    }


def _without_folders(source: str) -> str:
    for path in (PurePosixPath(source), PureWindowsPath(source)):
        if path.is_absolute():
            return path.name
    return source
