"""The cache of fetched parts: arrays that open in a moment, because they are mapped and not read.

``EMNIST_HOME/data/<split>/<part>/`` holds ``images-<hash>.npy``, ``labels-<hash>.npy``, perhaps
``writers-<hash>.npy``, and ``manifest.json``. The arrays' names carry the hash of their content, and the
manifest, renamed into place last, says which hash counts: so the change from old rows to new is one rename,
and whoever is killed before it leaves the old rows whole.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from emnist_core import files, paths
from emnist_core.data import streaming
from emnist_core.data.dataset import Dataset, content_hash
from emnist_core.errors import DataError
from emnist_core.splits import Part, Split

MANIFEST = "manifest.json"


def folder(split: Split, part: Part) -> Path:
    """Where ``part`` of ``split`` is kept."""
    return paths.data_cache() / split.name / part


def has(split: Split, part: Part) -> bool:
    """Whether there is something to open, sound or not."""
    return (folder(split, part) / MANIFEST).exists()


def store(dataset: Dataset, source: str, origin: str | None = None, revision: str | None = None) -> None:
    """Keep ``dataset``, in place of what was there.

    ``source`` is a person's word for where it came from, ``origin`` what was asked for, ``revision`` which state of
    the source's files it was. Raises ``DataError`` when the folder cannot be written or the disk did not keep what was
    written.
    """
    place = folder(dataset.split, dataset.part)
    with _writing(place):
        arrays = [dataset.images, dataset.labels.astype("<i8")]
        if dataset.writers is not None:
            arrays.append(dataset.writers.astype("<i8"))
        paths = _array_paths(place, dataset.sha256)[: len(arrays)]
        for path, array in zip(paths, arrays, strict=True):
            with files.write_atomically(path) as temporary:
                streaming.save(temporary, array)
        if not _keeps(paths, dataset):
            raise DataError(f"{place} did not keep what was written to it; check the disk and fetch again.")
        manifest = {
            "split": dataset.split.name,
            "part": dataset.part,
            "images": len(dataset),
            "bytes": [path.stat().st_size for path in paths],
            "sha256": dataset.sha256,
            "name": dataset.name,
            "notes": list(dataset.notes),
            "class_counts": dataset.class_counts().tolist(),
            "source": source,
            "origin": origin,
            "revision": revision,
            "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        files.write_json(place / MANIFEST, manifest)
        _sweep(place, keep={MANIFEST, *(path.name for path in paths)})


def open_part(split: Split, part: Part) -> Dataset:
    """Map the arrays of a fetched part; reads none of the images.

    Sizes, shapes and types are held against the manifest; ``verify`` also reads every byte. Raises
    ``DataError`` when the part was never fetched or is damaged.
    """
    for last_try in (False, True):
        manifest = read_manifest(split, part)
        try:
            return _mapped(split, part, manifest)
        except (OSError, ValueError, EOFError) as error:
            # Another process may have put new rows in place between the two reads.
            if last_try or read_manifest(split, part) == manifest:
                raise damaged(split, part) from error
    raise AssertionError("the second try returns or raises")


def verify(split: Split, part: Part) -> Dataset:
    """Open a fetched part and hash every byte of it; raises ``DataError`` when it is not what was fetched."""
    dataset = open_part(split, part)
    if content_hash(dataset.images, dataset.labels) != dataset.sha256:
        raise damaged(split, part)
    return dataset


def read_manifest(split: Split, part: Part) -> dict[str, Any]:
    """What is written about a fetched part; raises ``DataError`` when it is missing or makes no sense."""
    try:
        manifest: dict[str, Any] = files.read_json(folder(split, part) / MANIFEST)
        sound = (
            (manifest["split"], manifest["part"]) == (split.name, part)
            and re.fullmatch(r"[0-9a-f]{64}", manifest["sha256"])
            and isinstance(manifest["images"], int)
            and isinstance(manifest["name"], str)
            and all(isinstance(note, str) for note in manifest["notes"])
            and [type(size) for size in manifest["bytes"]] in ([int, int], [int, int, int])
        )
    except FileNotFoundError:
        raise DataError(
            f"EMNIST {split.title} {part} has not been fetched; fetch it with `{fetch_command(split)}`."
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise damaged(split, part) from error
    if not sound:
        raise damaged(split, part)
    return manifest


def damaged(split: Split, part: Part) -> DataError:
    """The error for a part that is in the cache and cannot be trusted."""
    return DataError(
        f"The cached EMNIST {split.title} {part} in {folder(split, part)} is damaged; "
        f"fetch it again with `{fetch_command(split)}`."
    )


def fetch_command(split: Split) -> str:
    """What to type to fetch ``split``."""
    return f"python -m emnist_core fetch {split.name}"


def _mapped(split: Split, part: Part, manifest: dict[str, Any]) -> Dataset:
    """The dataset that ``manifest`` tells of; raises ``OSError`` or ``ValueError`` when the arrays differ."""
    paths = _array_paths(folder(split, part), manifest["sha256"])[: len(manifest["bytes"])]
    if [path.stat().st_size for path in paths] != manifest["bytes"]:
        raise ValueError("the sizes differ from the manifest's")
    # Views as plain arrays: a memmap's own class would stick to everything computed from it.
    arrays = [np.asarray(np.load(path, mmap_mode="r", allow_pickle=False)) for path in paths]
    images, labels = arrays[:2]
    writers = arrays[2] if len(arrays) > 2 else None
    count = manifest["images"]
    images_fit = images.dtype == np.uint8 and images.shape == (count, 28, 28)
    numbers_fit = all(array.dtype == np.int64 and array.shape == (count,) for array in arrays[1:])
    if not (images_fit and numbers_fit):
        raise ValueError("the arrays differ from the manifest")
    name, notes = manifest["name"], tuple(manifest["notes"])
    return Dataset(split, part, images, labels, manifest["sha256"], name, False, notes, writers)


def _array_paths(place: Path, sha256: str) -> list[Path]:
    return [place / f"{kind}-{sha256[:16]}.npy" for kind in ("images", "labels", "writers")]


def _keeps(paths: list[Path], dataset: Dataset) -> bool:
    """Whether the files at ``paths`` are the dataset's arrays: what was written is read, and nothing else."""
    images, labels, *writers = (np.load(path, mmap_mode="r", allow_pickle=False) for path in paths)
    same_writers = all(np.array_equal(array, dataset.writers) for array in writers if dataset.writers is not None)
    return same_writers and content_hash(images, labels) == dataset.sha256


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Hold the lock on ``place``, made if need be; put a disk that refuses into words."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        with FileLock(place.with_name(f".{place.name}.lock")):
            yield
    except OSError as error:
        raise DataError(
            f"{place} cannot be written ({error.strerror or error}); "
            "make room and allow writing there, or name another folder in EMNIST_HOME."
        ) from error


def _sweep(place: Path, keep: set[str]) -> None:
    """Remove old rows and what killed writers left; a file in use (on Windows) waits for the next time."""
    for path in place.iterdir():
        if path.name not in keep:
            with suppress(OSError):
                path.unlink()
