"""EMNIST's files under the names that browsers, unpackers and other projects give them."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from emnist_core import data
from emnist_core.data import layout
from emnist_core.errors import DataError
from emnist_core.splits import get_split
from tests.helpers import matlab, nist

BALANCED = get_split("balanced")
ROWS = nist.random_rows(BALANCED, 60, 1)
PACKED = nist.part_files("balanced", "train", 60, 1)
PLAIN = {name.removesuffix(".gz"): gzip.decompress(body) for name, body in PACKED.items()}
CSV = {"emnist-balanced-train.csv": nist.csv(*ROWS, BALANCED)}
MAT = {"emnist-balanced.mat": matlab.mat(BALANCED, {"train": (*ROWS, None), "test": (*ROWS, None)})}


def renamed(files: dict[str, bytes], old: str, new: str) -> dict[str, bytes]:
    return {name.replace(old, new): body for name, body in files.items()}


FOLDERS = {
    "dots": renamed(renamed(PLAIN, "-idx3", ".idx3"), "-idx1", ".idx1"),
    "dots, packed": renamed(renamed(PACKED, "-idx3", ".idx3"), "-idx1", ".idx1"),
    "a second download": renamed(PACKED, ".gz", " (1).gz"),
    "a third, without a space": renamed(PACKED, ".gz", "(2).gz"),
    "a copy": renamed(PACKED, ".gz", " - Copy.gz"),
    "a number": renamed(PACKED, ".gz", " 2.gz"),
    "a second by wget": renamed(PACKED, ".gz", ".gz.1"),
    "upper case": renamed(PACKED, ".gz", ".GZ"),
    "all upper case": {name.upper(): body for name, body in PACKED.items()},
    "underscores": {name.replace("-", "_"): body for name, body in PACKED.items()},
    "a folder a file": {f"{name}/{name}": body for name, body in PLAIN.items()},
    "a folder a packed file": {f"{name}/{name.removesuffix('.gz')}": PLAIN[name[:-3]] for name in PACKED},
    "a folder a file of another name": {f"{name}/data": body for name, body in PLAIN.items()},
    "folders by kind": {f"{'images' if 'images' in name else 'labels'}/{name}": body for name, body in PACKED.items()},
    "far down": {f"a/b/c/{name}": body for name, body in PACKED.items()},
    "a csv": CSV,
    "an upper case csv": renamed(CSV, ".csv", ".CSV"),
}


def assert_train(source: Path) -> None:
    train = data.fetch("balanced", source)[0]
    np.testing.assert_array_equal(train.images, ROWS[0])
    np.testing.assert_array_equal(train.labels, ROWS[1])


def laid_out(folder: Path, files: dict[str, bytes]) -> Path:
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    return folder


@pytest.mark.parametrize("files", FOLDERS.values(), ids=FOLDERS)
def test_in_a_folder(tmp_path: Path, files: dict[str, bytes]):
    assert_train(laid_out(tmp_path, files | {"readme.txt": b"hello", ".hidden/x": b"", "__MACOSX/._x.gz": b""}))


@pytest.mark.parametrize("files", FOLDERS.values(), ids=FOLDERS)
def test_in_an_archive(tmp_path: Path, files: dict[str, bytes]):
    assert_train(nist.write_zip(tmp_path / "any name.ZIP", files))


@pytest.mark.parametrize("name", ["emnist_matlab.zip", "emnist_matlab.npz", "gzip (1).zip", "gzip.zip.1", "D.ZIP"])
def test_an_archive_in_a_folder(tmp_path: Path, name: str):
    nist.write_zip(tmp_path / "another.zip", {"x": b"y"})
    nist.write_zip(tmp_path / name, {f"matlab/{name}": body for name, body in MAT.items()})
    (tmp_path / "emnist.npz").write_bytes(b"")
    assert_train(tmp_path)


def test_other_archives_beside_it_are_let_be(tmp_path: Path):
    nist.write_zip(tmp_path / "backup.zip", {"/etc/passwd": b"x"})
    with pytest.raises(DataError, match=r"has no Balanced files, but backup\.zip;"):
        data.fetch("balanced", tmp_path)
    nist.write_zip(tmp_path / "my emnist.zip", PACKED)
    assert_train(tmp_path)


@pytest.mark.parametrize("name", [*CSV, *PACKED, *MAT])
def test_one_file_by_its_path(tmp_path: Path, name: str):
    assert_train(laid_out(tmp_path, CSV | PACKED | MAT) / name)


def test_images_and_labels_are_taken_from_one_folder(tmp_path: Path):
    other = nist.part_files("balanced", "train", 60, 2)
    images = next(iter(other))
    laid_out(tmp_path, {f"a/{images}": other[images]} | {f"b/{name}": body for name, body in PACKED.items()})
    assert_train(tmp_path)


@pytest.mark.parametrize(
    ("files", "there"),
    [
        ({}, "has no files;"),
        ({"notes.txt": b"", "a.png": b""}, "but a.png and notes.txt;"),
        ({f"{n}.png": b"" for n in range(9)}, "but 0.png, 1.png, 2.png and 6 other files;"),
        ({"emnist-letters-test.csv": b"", "notes.txt": b""}, "but Letters test and 1 other file;"),
        ({"train-images-idx3-ubyte.gz": b""}, "but train-images-idx3-ubyte.gz;"),
    ],
)
def test_the_refusal_says_what_is_there(tmp_path: Path, files: dict[str, bytes], there: str):
    with pytest.raises(DataError) as caught:
        data.fetch("balanced", laid_out(tmp_path, files))
    assert there in str(caught.value)
    assert "give a folder or zip archive with emnist-balanced-train-images-idx3-ubyte.gz" in str(caught.value)


def test_a_csv_that_does_not_say_what_it_is(tmp_path: Path):
    laid_out(tmp_path, {"mine.csv": next(iter(CSV.values()))})
    with pytest.raises(DataError, match=r"mine\.csv does not say which split and part it has; name it"):
        data.fetch("balanced", tmp_path / "mine.csv")


def test_names_that_are_none():
    for name in ("emnist-balanced.csv", "mnist-train-images-idx3-ubyte", "emnist-kanji-train.csv", "emnist-balanced"):
        assert layout.recognize(name) is None
