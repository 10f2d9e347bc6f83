"""NIST's MATLAB files: what is written comes back upright with its writers; everything else is one sentence."""

import io
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

from emnist_core import data
from emnist_core.data import cache, mat
from emnist_core.errors import DataError
from emnist_core.splits import SPLITS, get_split
from tests.helpers import matlab, nist

BALANCED = get_split("balanced")


def rows(split, count: int, seed: int = 0):
    images, labels = nist.random_rows(split, count, seed)
    return images, labels, np.random.default_rng(seed).integers(0, 4000, count)


@given(st.sampled_from(list(SPLITS.values())), st.integers(1, 8), st.integers(0, 2**32), st.booleans(), st.booleans())
@settings(max_examples=30, deadline=None)
def test_round_trip(split, count: int, seed: int, compressed: bool, with_writers: bool):
    images, labels, writers = rows(split, count, seed)
    content = matlab.mat(split, {"test": (images, labels, writers if with_writers else None)}, compressed)
    read_images, read_labels, read_writers = mat.read_mat(io.BytesIO(content), split, "test", "its-name")
    assert (read_images.dtype, read_labels.dtype) == (np.uint8, np.int64)
    np.testing.assert_array_equal(read_images, images)
    np.testing.assert_array_equal(read_labels, labels)
    if with_writers:
        np.testing.assert_array_equal(read_writers, writers)
    else:
        assert read_writers is None


LETTERS = get_split("letters")
GIVEN = {"train": rows(BALANCED, 40, 1), "test": rows(BALANCED, 20, 2)}
GOOD = matlab.mat(BALANCED, GIVEN)


@pytest.mark.parametrize("kind", ["mat", "folder", "zip", "other-name", "folder-with-zip"])
def test_writers_are_kept_in_the_cache(tmp_path: Path, kind: str):
    name = "mine.mat" if kind == "other-name" else "emnist-balanced.mat"
    if "zip" in kind:
        source = nist.write_zip(tmp_path / "matlab.zip", {f"matlab/{name}": GOOD})
        source = tmp_path if kind == "folder-with-zip" else source
    else:
        source = nist.write_folder(tmp_path / "matlab", {name: GOOD}) / name
        source = tmp_path if kind == "folder" else source
    data.fetch("balanced", source)
    for part, (images, labels, writers) in GIVEN.items():
        found = cache.verify(BALANCED, part)
        np.testing.assert_array_equal(found.images, images)
        np.testing.assert_array_equal(found.labels, labels)
        assert found.writers is not None
        np.testing.assert_array_equal(found.writers, writers)
        assert not found.writers.flags.writeable
        np.testing.assert_array_equal(found.take(np.arange(5)).writers, writers[:5])
    # The same rows from another file have the same hash, and no writers stay behind.
    by_idx = nist.write_folder(tmp_path / "idx", nist.packed("balanced", "train", *GIVEN["train"][:2]))
    assert data.fetch("balanced", by_idx)[0].sha256 == data.fetch("balanced", source)[0].sha256
    assert data.fetch("balanced", by_idx)[0].writers is None


def refused(content: bytes, split=BALANCED) -> str:
    with pytest.raises(DataError) as caught:
        mat.read_mat(io.BytesIO(content), split, "test", "its-name")
    message = str(caught.value)
    assert message.startswith("its-name ")
    assert message.endswith(".")
    assert "\n" not in message
    return message


def saved(**variables: object) -> bytes:
    content = io.BytesIO()
    scipy.io.savemat(content, variables)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not one of EMNIST's MATLAB files"),
        (b"\x89HDF\r\n\x1a\n" + bytes(600), "is not one of EMNIST's MATLAB files"),
        (saved(other=1), "is not one of EMNIST's MATLAB files"),
        (saved(dataset=np.zeros(3)), "is not one of EMNIST's MATLAB files"),
        (saved(dataset={"test": {"images": 1}, "mapping": 2}), "has 1 classes, where Balanced has 47"),
        (GOOD[:-100], "is not one of EMNIST's MATLAB files"),
        (GOOD[: len(GOOD) // 2], "is not one of EMNIST's MATLAB files"),
        (matlab.mat(BALANCED, {"train": GIVEN["train"]}), "is not one of EMNIST's MATLAB files"),
        (matlab.mat(LETTERS, {"test": rows(LETTERS, 5)}), "has 26 classes, where Balanced has 47"),
        (matlab.mat(BALANCED, {"test": (GIVEN["test"][0], GIVEN["test"][1] + 47, None)}), "where Balanced has 0 to 46"),
        (matlab.mat(BALANCED, {"test": (GIVEN["test"][0], GIVEN["test"][1][:5], None)}), "is not one of EMNIST's"),
        (matlab.mat(BALANCED, {"test": (GIVEN["test"][0], GIVEN["test"][1] + 0.5, None)}), "is not one of EMNIST's"),
        (matlab.mat(BALANCED, {"test": (GIVEN["test"][0] * 1.0, GIVEN["test"][1], None)}), "is not one of EMNIST's"),
    ],
)
def test_other_files(content: bytes, says: str):
    assert says in refused(content)


def test_a_file_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mat, "LARGEST", 40_000)
    blank = np.zeros((20, 28, 28), np.uint8), np.zeros(20, np.int64), None
    for compressed in (True, False):
        bomb = matlab.mat(BALANCED, {"test": blank, "train": (np.zeros((80, 28, 28), np.uint8), np.zeros(80), None)})
        assert "more than all of EMNIST" in refused(bomb if compressed else bomb + bytes(50_000))


@given(st.binary(max_size=300), st.integers(0, len(GOOD) - 1), st.integers(1, 255))
@settings(max_examples=40, deadline=None)
def test_arbitrary_and_damaged_bytes_never_raise_anything_else(noise: bytes, position: int, by: int):
    refused(GOOD[:128] + noise)
    spoilt = bytearray(GOOD)
    spoilt[position] ^= by
    with suppress(DataError):
        mat.read_mat(io.BytesIO(bytes(spoilt)), BALANCED, "test", "its-name")


def test_a_damaged_member_of_an_archive(tmp_path: Path):
    archive = nist.write_zip(tmp_path / "matlab.zip", {"matlab/emnist-balanced.mat": GOOD})
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    assert zipfile.is_zipfile(archive)
    with pytest.raises(DataError, match="MATLAB files, or is damaged"):
        data.fetch("balanced", archive)
