"""NIST's IDX files and Kaggle's CSV files, read into upright images and class indices.

Both layouts are described with the data at https://www.nist.gov/itl/products-and-services/emnist-dataset
and IDX itself at http://yann.lecun.com/exdb/mnist/. Both store every image transposed, and the letters
split with labels from 1; nothing outside this file has to know. Anything that is not exactly such a file
is refused in one sentence: a wrong array is worse than none.
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, cast

import numpy as np

from emnist_core.arrays import Labels
from emnist_core.data import streaming
from emnist_core.errors import DataError
from emnist_core.splits import Split

try:
    from isal import igzip, isal_zlib  # unpacks two and a half times as fast as zlib

    _gzip_file: Callable[..., gzip.GzipFile] = igzip.IGzipFile
    _INFLATE_ERRORS: tuple[type[Exception], ...] = (zlib.error, cast(type[Exception], isal_zlib.IsalError))
except ImportError:
    _gzip_file, _INFLATE_ERRORS = gzip.GzipFile, (zlib.error,)
DAMAGE: tuple[type[Exception], ...] = (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, *_INFLATE_ERRORS)

SIDE = 28
PIXELS = SIDE * SIDE
IMAGES_MAGIC = 2051
LABELS_MAGIC = 2049
MOST_IMAGES = 814_255
"""All of EMNIST (table II of arXiv:1702.05373): a file that declares more is not one of its files."""

LARGEST_MAPPING = 1 << 16
"""Bytes; NIST's mapping files have under 400."""

UNNAMED = "the file"
_ROWS_AT_ONCE = 4096
_FETCH_AGAIN = "download it again"

Each = Callable[[memoryview], object]


class DamagedError(DataError):
    """A file whose bytes are not those that were sent; ``name`` is what it is called."""

    def __init__(self, name: str, message: str | None = None) -> None:
        super().__init__(message or f"{name} is damaged and cannot be unpacked; {_FETCH_AGAIN}.")
        self.name = name


def read_idx_images(stream: BinaryIO, name: str = UNNAMED, each: Each | None = None) -> np.ndarray:
    """Read an IDX file of images, plain or gzipped: uint8 (N, 28, 28), upright.

    ``name`` is what messages call it, ``each`` is given the images' bytes as they come, upright, some
    thousand images at a time. Raises ``DataError`` when the file is anything else, ``DamagedError`` when it does
    not unpack.
    """
    with _opened(stream, name) as unpacked:
        count, rows, columns = _idx_header(unpacked, name, "images", IMAGES_MAGIC, 3)
        if (rows, columns) != (SIDE, SIDE):
            raise DataError(
                f"{name} has images of {rows}×{columns} pixels and not 28×28; give one of EMNIST's own files."
            )
        return streaming.collect(_shown(_upright_chunks(unpacked, count, name), each))


def read_idx_labels(stream: BinaryIO, split: Split, name: str = UNNAMED, classes: Labels | None = None) -> Labels:
    """Read an IDX file of labels, plain or gzipped: int64 (N,), each an index into ``split.labels``.

    ``name`` is what messages call it, ``classes`` what a mapping file says
    (``read_mapping``). Raises ``DataError`` when the file is anything else.
    """
    with _opened(stream, name) as unpacked:
        (count,) = _idx_header(unpacked, name, "labels", LABELS_MAGIC, 1)
        stored = np.empty(count, np.uint8)
        _read_body(unpacked, stored, name)
        _check_end(unpacked, count, name)
    return class_indices(stored, split, name, classes)


def read_csv(
    stream: BinaryIO,
    split: Split,
    name: str = UNNAMED,
    each: Each | None = None,
    classes: Labels | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Read a Kaggle CSV file, plain or gzipped: uint8 (N, 28, 28) upright, and int64 (N,) class indices.

    A row is the label and 784 pixels in NIST's transposed order; there is no header. ``name`` is what
    messages call it, ``each`` is given the images' bytes, and ``classes``
    is what a mapping file says. Raises as ``read_idx_images`` does.
    """
    with _opened(stream, name) as unpacked:
        labels: list[np.ndarray] = []
        images = streaming.collect(_shown(_csv_images(unpacked, name, labels), each))
    return images, class_indices(np.concatenate(labels), split, name, classes)


@contextmanager
def _opened(stream: BinaryIO, called: str) -> Iterator[io.BufferedIOBase]:
    """Yield it unpacked, and close it; put every way that reading can fail into a sentence."""
    try:
        with stream:
            buffered = io.BufferedReader(cast(io.RawIOBase, stream))
            packed = buffered.peek(2)[:2] == b"\x1f\x8b"
            yield _gzip_file(fileobj=buffered) if packed else buffered
    except DAMAGE:
        raise DamagedError(called) from None
    except OSError as error:
        raise DataError(f"{called} cannot be read ({error.strerror or error}); check the file.") from error


def _idx_header(stream: io.BufferedIOBase, called: str, kind: str, magic: int, dimensions: int) -> tuple[int, ...]:
    """Read the header and return the sizes, the number of items first."""
    head = stream.read(4 + 4 * dimensions)
    if not head:
        raise DataError(f"{called} is empty; {_FETCH_AGAIN}.")
    found = int.from_bytes(head[:4], "big")
    if {found, magic} == {IMAGES_MAGIC, LABELS_MAGIC}:
        other = "labels" if kind == "images" else "images"
        raise DataError(f"{called} holds {other} and not {kind}; give the file its own name back.")
    if found != magic:
        raise DataError(f"{called} is not an IDX file of {kind}; give one of EMNIST's own files.")
    if len(head) < 4 + 4 * dimensions:
        raise DataError(f"{called} ends too soon; {_FETCH_AGAIN}.")
    sizes = struct.unpack(f">{dimensions}I", head[4:])
    if not 0 < sizes[0] <= MOST_IMAGES:
        raise DataError(f"{called} declares {sizes[0]:,} {kind}, and EMNIST has 1 to {MOST_IMAGES:,}; {_FETCH_AGAIN}.")
    return sizes


def _read_body(stream: io.BufferedIOBase, array: np.ndarray, called: str) -> None:
    """Fill ``array`` from the stream."""
    rest = array.data.cast("B")
    while rest:
        got = stream.readinto(rest)
        if not got:
            raise DataError(f"{called} ends too soon; {_FETCH_AGAIN}.")
        rest = rest[got:]


def _check_end(stream: io.BufferedIOBase, count: int, called: str) -> None:
    """Refuse a stream that does not end here, after ``count`` items."""
    if stream.read(1):  # reading on to the end is also what checks the gzip and zip checksums
        raise DataError(f"{called} goes on after its last {count:,} items; {_FETCH_AGAIN}.")


def _upright_chunks(stream: io.BufferedIOBase, count: int, called: str) -> Iterator[np.ndarray]:
    """Yield ``count`` images, some thousand at a time, each turned about its diagonal: uint8 (n, 28, 28)."""
    for start in range(0, count, _ROWS_AT_ONCE):
        stored = np.empty((min(_ROWS_AT_ONCE, count - start), SIDE, SIDE), np.uint8)
        _read_body(stream, stored, called)
        yield np.ascontiguousarray(stored.transpose(0, 2, 1))
    _check_end(stream, count, called)


def _shown(chunks: Iterator[np.ndarray], each: Each | None) -> Iterator[np.ndarray]:
    """The ``chunks``, each shown on its way."""
    for chunk in chunks:
        if each is not None:
            each(chunk.data)
        yield chunk


def class_indices(stored: np.ndarray, split: Split, called: str, classes: Labels | None = None) -> Labels:
    """Labels as a file stores them (whole numbers) → int64 class indices; refuses one that the split has not.

    ``classes`` (int64 (256,), -1 where there is none) gives the class of each number; None is NIST's own order.
    """
    classes = nist_classes(split) if classes is None else classes
    labels: Labels = classes[np.clip(stored, -1, len(classes) - 1).astype(np.int64)]
    wrong = (labels < 0) | (stored < 0) | (stored >= len(classes))
    if wrong.any():
        row = int(wrong.argmax())
        numbers = np.flatnonzero(classes >= 0)
        raise DataError(
            f"{called} has the label {stored[row]} in row {row + 1}, where {split.title} has {numbers[0]} "
            f"to {numbers[-1]}; check that the file belongs to this split."
        )
    return labels


def nist_classes(split: Split) -> Labels:
    """The class of each number that NIST's files store: int64 (256,), -1 where there is none."""
    classes = np.full(256, -1)
    classes[split.label_offset : split.label_offset + split.classes] = np.arange(split.classes)
    return classes


def read_mapping(stream: BinaryIO, split: Split, name: str = UNNAMED) -> Labels:
    """Read a mapping file, which gives every number its character: the class of each number, int64 (256,).

    A line is a number and its character's code, or the codes of its capital and its small letter. Raises
    ``DataError`` when the file is anything else.
    """
    with _opened(stream, name) as unpacked:
        lines = unpacked.read(LARGEST_MAPPING).decode("ascii", "replace").split("\n")
    try:
        rows = [[int(word) for word in line.split()] for line in lines if line.strip()]
    except ValueError:
        rows = []
    return mapped_classes(rows, split, name)


def mapped_classes(rows: Iterable[Sequence[int]], split: Split, called: str) -> Labels:
    """The class of each number, int64 (256,), by rows of a number and its character's codes; see ``read_mapping``."""
    classes = np.full(256, -1)
    for number, *codes in rows:
        characters = {chr(code) for code in codes if 0 < code < 128}
        fitting = [index for index, known in enumerate(split.characters) if characters and characters <= known]
        if len(fitting) == 1 and 0 <= number < len(classes) and classes[number] < 0:
            classes[number] = fitting[0]
    if sorted(classes[classes >= 0]) != list(range(split.classes)):
        raise DataError(
            f"{called} does not give each of {split.title}'s {split.classes} classes a number of its own; put "
            "the mapping file there that came with the images, or none."
        )
    return classes


def _csv_images(stream: io.BufferedIOBase, called: str, labels: list[np.ndarray]) -> Iterator[np.ndarray]:
    """Yield the images of a CSV file, some thousand at a time, upright; their labels are added to ``labels``."""
    for stored in _csv_chunks(stream, called):
        labels.append(stored[:, 0].copy())
        yield np.ascontiguousarray(stored[:, 1:].reshape(-1, SIDE, SIDE).transpose(0, 2, 1))


def _csv_chunks(stream: io.BufferedIOBase, called: str) -> Iterator[np.ndarray]:
    """Yield the rows of a CSV file, some thousand at a time: uint8 (n, 785)."""
    import pandas as pd  # here, so that whoever reads no CSV does not wait for it

    shape = f"{called} is not a CSV file of EMNIST: every row has to be a label and 784 pixels"
    rows = 0
    try:
        for frame in pd.read_csv(stream, header=None, dtype=np.int64, chunksize=_ROWS_AT_ONCE):
            if frame.shape[1] != 1 + PIXELS:
                raise DataError(f"{shape}, and it has {frame.shape[1]} columns; {_FETCH_AGAIN}.")
            values = frame.to_numpy()
            if values.min() < 0 or values.max() > 255:
                raise DataError(f"{shape} of 0 to 255, and one is outside; {_FETCH_AGAIN}.")
            rows += len(values)
            if rows > MOST_IMAGES:
                raise DataError(f"{called} has more rows than EMNIST's {MOST_IMAGES:,}; {_FETCH_AGAIN}.")
            yield values.astype(np.uint8)
    except pd.errors.EmptyDataError:
        raise DataError(f"{called} is empty; {_FETCH_AGAIN}.") from None
    except (pd.errors.ParserError, ValueError, OverflowError):
        raise DataError(f"{shape}, numbers all and no header; {_FETCH_AGAIN}.") from None
