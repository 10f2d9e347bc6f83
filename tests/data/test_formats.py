"""IDX and CSV: what is written comes back upright, and everything else is refused in one sentence."""

import gzip
import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emnist_core.data import formats
from emnist_core.errors import DataError
from emnist_core.splits import SPLITS, Split, get_split
from tests.helpers import nist

BALANCED = get_split("balanced")
LETTERS = get_split("letters")


@st.composite
def rows(draw: st.DrawFn) -> tuple[Split, np.ndarray, np.ndarray]:
    """A split with 1 to 12 noise images and labels of it."""
    split = draw(st.sampled_from(list(SPLITS.values())))
    return split, *nist.random_rows(split, draw(st.integers(1, 12)), draw(st.integers(0, 2**32)))


@given(rows(), st.booleans())
def test_idx_round_trip(given_rows, packed):
    split, images, labels = given_rows
    pack = gzip.compress if packed else bytes
    read_images = formats.read_idx_images(io.BytesIO(pack(nist.idx_images(images))))
    read_labels = formats.read_idx_labels(io.BytesIO(pack(nist.idx_labels(labels, split))), split)
    assert (read_images.dtype, read_labels.dtype) == (np.uint8, np.int64)
    np.testing.assert_array_equal(read_images, images)
    np.testing.assert_array_equal(read_labels, labels)


@given(rows(), st.booleans())
@settings(max_examples=25, deadline=None)
def test_csv_round_trip(given_rows, packed):
    split, images, labels = given_rows
    pack = gzip.compress if packed else bytes
    read_images, read_labels = formats.read_csv(io.BytesIO(pack(nist.csv(images, labels, split))), split)
    assert (read_images.dtype, read_labels.dtype) == (np.uint8, np.int64)
    assert read_images.flags.c_contiguous
    np.testing.assert_array_equal(read_images, images)
    np.testing.assert_array_equal(read_labels, labels)


def test_files_are_read_as_streams_are(tmp_path: Path):
    images, labels = nist.random_rows(BALANCED, 5000)  # more than one piece of the transposition
    nist.write_folder(
        tmp_path,
        {"images": nist.idx_images(images), "labels": nist.idx_labels(labels, BALANCED)},
    )
    np.testing.assert_array_equal(formats.read_idx_images((tmp_path / "images").open("rb")), images)
    np.testing.assert_array_equal(formats.read_idx_labels((tmp_path / "labels").open("rb"), BALANCED), labels)


def test_csv_of_several_chunks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(formats, "_ROWS_AT_ONCE", 4)
    images, labels = nist.random_rows(BALANCED, 10)
    read_images, read_labels = formats.read_csv(io.BytesIO(nist.csv(images, labels, BALANCED)), BALANCED)
    np.testing.assert_array_equal(read_images, images)
    np.testing.assert_array_equal(read_labels, labels)


def test_letters_count_from_one():
    stored = struct.pack(">2I", 2049, 2) + bytes([1, 26])
    np.testing.assert_array_equal(formats.read_idx_labels(io.BytesIO(stored), LETTERS), [0, 25])


IMAGES, LABELS = nist.random_rows(BALANCED, 40)
GOOD_IMAGES = nist.idx_images(IMAGES)
GOOD_LABELS = nist.idx_labels(LABELS, BALANCED)
GOOD_CSV = nist.csv(IMAGES, LABELS, BALANCED)


def refused(read, *arguments) -> str:
    """The sentence that ``read`` refuses the bytes with; checks that it is one and names the file."""
    content, *rest = arguments
    with pytest.raises(DataError) as caught:
        read(io.BytesIO(content), *rest, name="its-name")
    message = str(caught.value)
    assert "its-name" in message
    assert message.endswith(".")
    assert "\n" not in message
    return message


def packed(content: bytes) -> bytes:
    """``content`` as gzip, without the time, which would make other tests of it in every second."""
    return gzip.compress(content, mtime=0)


def corrupt(packed: bytes) -> bytes:
    """The same gzip file with bytes in its middle turned over."""
    middle = len(packed) // 2
    return packed[:middle] + bytes(255 - value for value in packed[middle : middle + 8]) + packed[middle + 8 :]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (packed(b""), "is empty"),
        (b"\0\0", "is not an IDX file"),
        (b"\x89PNG" + bytes(1000), "is not an IDX file"),
        (GOOD_LABELS, "holds labels and not images"),
        (GOOD_IMAGES[:10], "ends too soon"),
        (GOOD_IMAGES[:-1], "ends too soon"),
        (GOOD_IMAGES + b"\0", "goes on after"),
        (packed(GOOD_IMAGES + b"\0"), "goes on after"),
        (packed(GOOD_IMAGES)[:-1000], "damaged"),
        (packed(GOOD_IMAGES)[:-4], "damaged"),
        (corrupt(packed(GOOD_IMAGES)), "damaged"),
        (packed(GOOD_IMAGES) + b"more", "damaged"),
        (struct.pack(">4I", 2051, 0, 28, 28), "declares 0 images"),
        (struct.pack(">4I", 2051, 2**32 - 1, 28, 28), "declares 4,294,967,295 images"),
        (struct.pack(">4I", 2051, 800_000, 28, 28), "ends too soon"),
        (struct.pack(">4I", 2051, 1, 28, 29) + bytes(28 * 29), "28×29 pixels"),
    ],
)
def test_bad_image_files(content: bytes, says: str):
    assert says in refused(formats.read_idx_images, content)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (GOOD_IMAGES, "holds images and not labels"),
        (GOOD_LABELS[:-1], "ends too soon"),
        (GOOD_LABELS + b"\0", "goes on after"),
        (packed(GOOD_LABELS)[:-9], "damaged"),
        (struct.pack(">2I", 2049, 3) + bytes([0, 46, 47]), "label 47 in row 3"),
    ],
)
def test_bad_label_files(content: bytes, says: str):
    assert says in refused(formats.read_idx_labels, content, BALANCED)


@pytest.mark.parametrize("label", [0, 27])
def test_letters_out_of_range(label: int):
    stored = struct.pack(">2I", 2049, 1) + bytes([label])
    assert f"label {label} in row 1, where Letters has 1 to 26" in refused(formats.read_idx_labels, stored, LETTERS)


ROW = b",".join([b"1"] * 785)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (packed(b""), "is empty"),
        (ROW[:-2] + b"\n", "784 columns"),
        (ROW + b",1\n", "786 columns"),
        (ROW + b"\n" + ROW[:-2] + b"\n", "is not a CSV file"),
        (ROW + b"\n" + ROW + b",1\n", "is not a CSV file"),
        (ROW[:-1] + b"256\n", "0 to 255"),
        (ROW[:-1] + b"-1\n", "0 to 255"),
        (ROW[:-1] + b"99999999999999999999999\n", "is not a CSV file"),
        (ROW[:-1] + b"x\n", "is not a CSV file"),
        (ROW[:-1] + b"1.5\n", "is not a CSV file"),
        (ROW[:-1] + b"nan\n", "is not a CSV file"),
        (ROW[:-1] + b"\n", "is not a CSV file"),
        (b"label," + ROW[2:] + b"\n" + ROW + b"\n", "no header"),
        (b"\xff\xfe\x00" * 300, "is not a CSV file"),
        (b"47" + ROW[1:] + b"\n", "label 47 in row 1"),
        (GOOD_IMAGES, "is not a CSV file"),
        (packed(GOOD_CSV)[:-20], "damaged"),
        (corrupt(packed(GOOD_CSV)), "damaged"),
    ],
)
def test_bad_csv_files(content: bytes, says: str):
    assert says in refused(formats.read_csv, content, BALANCED)


def test_csv_with_too_many_rows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(formats, "MOST_IMAGES", 39)
    assert "more rows" in refused(formats.read_csv, GOOD_CSV, BALANCED)


@given(st.binary(max_size=200), st.booleans())
def test_arbitrary_bytes_never_raise_anything_else(content: bytes, gzipped: bool):
    content = b"\x1f\x8b" + content if gzipped else content
    for read, rest in (
        (formats.read_idx_images, ()),
        (formats.read_idx_labels, (BALANCED,)),
        (formats.read_csv, (BALANCED,)),
    ):
        with pytest.raises(DataError):
            read(io.BytesIO(content), *rest)
