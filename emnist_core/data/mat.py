"""NIST's MATLAB files: images, labels and, nowhere else, who wrote each character.

``emnist-<split>.mat`` has a struct ``dataset`` with ``train`` and ``test``, each with ``images`` (uint8,
N×784, transposed like the IDX files), ``labels`` (N×1, letters from 1) and ``writers`` (N×1), and a
``mapping`` with a row a class. It is MATLAB's version 5 format: data, and nothing that could be run.
"""

import io
import zlib
from typing import Any, BinaryIO

import numpy as np
import scipy.io

from emnist_core.data.formats import DAMAGE, MOST_IMAGES, PIXELS, SIDE, DamagedError, class_indices, mapped_classes
from emnist_core.errors import DataError
from emnist_core.splits import Part, Split

LARGEST = MOST_IMAGES * (PIXELS + 2 * 8) + (1 << 20)
"""Bytes; all of EMNIST unpacked, with labels and writers as 8-byte numbers."""

_HEADER = 128
_COMPRESSED = 15


def read_mat(stream: BinaryIO, split: Split, part: Part, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Read one part: uint8 (N, 28, 28) upright, int64 (N,) class indices, int64 (N,) writers or None.

    Raises ``DataError`` when the file is anything else.
    """
    mapping, fields = _fields(stream, part, name)
    if len(mapping) != split.classes:
        raise DataError(
            f"{name} has {len(mapping)} classes, where {split.title} has {split.classes}; "
            f"give the file of {split.title}."
        )
    classes = mapped_classes(_integers(mapping, name).tolist(), split, name)
    images = fields["images"]
    if images.ndim != 2 or images.shape[1] != PIXELS or images.dtype != np.uint8 or not 0 < len(images) <= MOST_IMAGES:
        raise _no_mat(name)
    labels = _whole_numbers(fields["labels"], len(images), name)
    writers = _whole_numbers(fields["writers"], len(images), name) if "writers" in fields else None
    upright = np.ascontiguousarray(images.reshape(-1, SIDE, SIDE).transpose(0, 2, 1))
    return upright, class_indices(labels, split, name, classes), writers


def _fields(stream: BinaryIO, part: Part, name: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The mapping, a row a class, and the arrays of ``part`` by name."""
    try:
        with stream:
            content = stream.read(LARGEST + 1)
    except DAMAGE as error:
        raise DamagedError(name, str(_no_mat(name))) from error
    try:
        _check_sizes(content, name)
        dataset = scipy.io.loadmat(io.BytesIO(content), variable_names=["dataset"])["dataset"][0, 0]
        of_part = dataset[part][0, 0]
        fields = {field: of_part[field] for field in ("images", "labels", "writers") if field in of_part.dtype.names}
        return np.atleast_1d(dataset["mapping"]), {field: np.asarray(value) for field, value in fields.items()}
    except DataError:
        raise
    except Exception as error:  # scipy's reader breaks on a damaged file in a dozen ways
        raise _no_mat(name) from error


def _check_sizes(content: bytes, name: str) -> None:
    """Refuse a file that unpacks to more than EMNIST has, before anything is unpacked into memory."""
    order: Any = "little" if content[126:128] == b"IM" else "big"
    position, total = _HEADER, 0
    while position + 8 <= len(content) and total <= LARGEST:
        kind, size = (int.from_bytes(content[position + k : position + k + 4], order) for k in (0, 4))
        position += 8
        if kind == _COMPRESSED:
            unpacker, packed = zlib.decompressobj(), memoryview(content)[position : position + size]
            while packed and not unpacker.eof and total <= LARGEST:
                total += len(unpacker.decompress(packed, 1 << 20))
                packed = memoryview(unpacker.unconsumed_tail)
        position += size
    if max(total, len(content)) > LARGEST:
        raise DataError(f"{name} unpacks to more than all of EMNIST; download it again.")


def _whole_numbers(values: np.ndarray, count: int, name: str) -> np.ndarray:
    """A column of whole numbers as int64 (count,)."""
    if values.size != count:
        raise _no_mat(name)
    return _integers(values.ravel(), name)


def _integers(values: np.ndarray, name: str) -> np.ndarray:
    """An array of whole numbers, in whatever type MATLAB had them, as int64."""
    if values.dtype.kind not in "uif" or not (values == np.floor(values)).all():
        raise _no_mat(name)
    return values.astype(np.int64)


def _no_mat(name: str) -> DataError:
    return DataError(f"{name} is not one of EMNIST's MATLAB files, or is damaged; download it again.")
