"""Fetching from folders and zip archives, loading, and what the fetched rows call themselves."""

import gzip
import hashlib
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from emnist_core import data
from emnist_core.data import cache, library, provenance
from emnist_core.data.dataset import content_hash
from emnist_core.data.sources import source
from emnist_core.errors import DataError, EmnistError
from emnist_core.splits import SPLITS, get_split
from tests.helpers import nist

BALANCED = get_split("balanced")
BOTH = nist.part_files("balanced", "train", 60, 1) | nist.part_files("balanced", "test", 30, 2)
TRAIN = nist.part_files("balanced", "train", 60, 1)
IMAGES, LABELS = nist.random_rows(BALANCED, 60, 1)


def assert_train(dataset: data.Dataset) -> None:
    np.testing.assert_array_equal(dataset.images, IMAGES)
    np.testing.assert_array_equal(dataset.labels, LABELS)
    assert (dataset.split, dataset.part, dataset.is_sample) == (BALANCED, "train", False)


@pytest.mark.parametrize(
    "subfolder", ["", "gzip", "emnist_source_files", "matlab", "EMNIST/raw", "raw", "raw/gzip", "EMNIST/raw/gzip"]
)
@pytest.mark.parametrize("packed", [True, False])
def test_folder(tmp_path: Path, subfolder: str, packed: bool):
    files = BOTH if packed else {name[:-3]: gzip.decompress(content) for name, content in BOTH.items()}
    nist.write_folder(tmp_path / subfolder, files)
    train, test = data.fetch("balanced", tmp_path)
    assert_train(train)
    assert (test.part, len(test)) == ("test", 30)
    assert_train(data.load("balanced", "train"))
    assert data.installed()[["split", "part", "images"]].values.tolist() == [
        ["balanced", "train", 60],
        ["balanced", "test", 30],
    ]


@pytest.mark.parametrize("packed", [True, False])
def test_kaggle_csv(tmp_path: Path, packed: bool):
    content = nist.csv(IMAGES, LABELS, BALANCED)
    name = "emnist-balanced-train.csv"
    nist.write_folder(tmp_path, {name + ".gz": gzip.compress(content)} if packed else {name: content})
    (train,) = data.fetch("balanced", tmp_path)
    assert_train(train)


@pytest.mark.parametrize("folder", ["gzip/", "", "emnist/gzip/"])
def test_zip(tmp_path: Path, folder: str):
    archive = nist.write_zip(tmp_path / "emnist.zip", {folder + name: content for name, content in BOTH.items()})
    train, _ = data.fetch("balanced", archive)
    assert_train(train)
    assert list(tmp_path.iterdir()) == [archive], "nothing is unpacked"


def test_every_way_gives_the_same_hash(tmp_path: Path):
    folder = nist.write_folder(tmp_path / "folder", TRAIN)
    kaggle = nist.write_folder(tmp_path / "kaggle", {"emnist-balanced-train.csv": nist.csv(IMAGES, LABELS, BALANCED)})
    archive = nist.write_zip(tmp_path / "emnist.zip", TRAIN)
    hashes = {data.fetch("balanced", source)[0].sha256 for source in (folder, kaggle, archive)}
    expected = hashlib.sha256(IMAGES.tobytes() + LABELS.astype("<i8").tobytes()).hexdigest()
    assert hashes == {expected}


@pytest.mark.parametrize("name", SPLITS)
def test_every_split(tmp_path: Path, name: str):
    split = get_split(name)
    images, labels = nist.random_rows(split, 60, 5)
    (test,) = data.fetch(name, nist.write_folder(tmp_path, nist.part_files(name, "test", 60, 5)))
    np.testing.assert_array_equal(test.images, images)
    np.testing.assert_array_equal(test.labels, labels)


def test_manifest_tells_where_it_came_from(tmp_path: Path):
    data.fetch("balanced", nist.write_folder(tmp_path, TRAIN))
    manifest = json.loads((cache.folder(BALANCED, "train") / cache.MANIFEST).read_text())
    assert str(tmp_path) in manifest["source"]
    assert "emnist-balanced-train-images-idx3-ubyte.gz" in manifest["source"]
    assert sum(manifest["class_counts"]) == 60
    assert manifest["fetched"].endswith("+00:00")


def test_parts_that_were_asked_for(tmp_path: Path):
    nist.write_folder(tmp_path, BOTH)
    assert [found.part for found in data.fetch("balanced", tmp_path, ["test"])] == ["test"]
    with pytest.raises(DataError, match="has not been fetched"):
        data.load("balanced", "train", "emnist")


def refused(split: str, source: Path, parts=None) -> str:
    """The sentence that fetching is refused with; checks that nothing was kept."""
    with pytest.raises(DataError) as caught:
        data.fetch(split, source, parts)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert data.installed().empty
    return message


def test_missing_parts_and_files(tmp_path: Path):
    nist.write_folder(tmp_path, TRAIN)
    assert "has no Balanced test, but Balanced train; give" in refused("balanced", tmp_path, ["test"])
    assert "has no Balanced test, but Balanced train; give" in refused("balanced", tmp_path, ["train", "test"])
    assert "has no Letters files, but Balanced train; give" in refused("letters", tmp_path)
    assert "There is no" in refused("balanced", tmp_path / "nowhere")
    (tmp_path / "emnist-balanced-train-labels-idx1-ubyte.gz").unlink()
    assert "without emnist-balanced-train-labels-idx1-ubyte.gz" in refused("balanced", tmp_path)
    assert "has no Balanced test" in refused("balanced", tmp_path, ["test"])
    (tmp_path / "emnist-balanced-train-images-idx3-ubyte.gz").unlink()
    assert "has no files; give" in refused("balanced", tmp_path)


def test_unknown_names(tmp_path: Path):
    assert "no split called 'cyrillic'" in refused("cyrillic", tmp_path)
    assert "no part called 'validation'" in refused("balanced", tmp_path, ["validation"])
    with pytest.raises(DataError, match="no part called"):
        data.load("balanced", "validation")
    with pytest.raises(DataError, match="no kind of data called"):
        data.load("balanced", "train", "moon")


def test_lengths_that_differ(tmp_path: Path):
    files = TRAIN | {
        name: content for name, content in nist.part_files("balanced", "train", 59).items() if "labels" in name
    }
    message = refused("balanced", nist.write_folder(tmp_path, files))
    assert "60 images" in message
    assert "59 labels" in message


def test_swapped_files(tmp_path: Path):
    images, labels = TRAIN
    swapped = {images: TRAIN[labels], labels: TRAIN[images]}
    assert f"{images} holds labels and not images" in refused("balanced", nist.write_folder(tmp_path, swapped))


def test_a_file_of_another_split(tmp_path: Path):
    files = nist.part_files("byclass", "train", 500)
    renamed = {name.replace("byclass", "balanced"): content for name, content in files.items()}
    assert "where Balanced has 0 to 46" in refused("balanced", nist.write_folder(tmp_path, renamed))


def test_a_failed_fetch_leaves_the_old_rows(tmp_path: Path):
    data.fetch("balanced", nist.write_folder(tmp_path / "good", TRAIN))
    cut = {name: content[:-20] for name, content in TRAIN.items()}
    with pytest.raises(DataError, match="damaged"):
        data.fetch("balanced", nist.write_folder(tmp_path / "bad", cut))
    assert_train(data.load("balanced", "train"))


@pytest.mark.parametrize("name", ["../evil", "/evil", "gzip/../../evil", "C:/evil", "..\\evil"])
def test_zip_with_a_path_out_of_it(tmp_path: Path, name: str):
    archive = nist.write_zip(tmp_path / "emnist.zip", {**TRAIN, name: b"x"})
    assert "points outside the archive" in refused("balanced", archive)


def test_zip_with_an_oversized_member(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(source, "LARGEST_MEMBER", 1000)
    assert "more than any of EMNIST's files" in refused("balanced", nist.write_zip(tmp_path / "emnist.zip", TRAIN))


@pytest.mark.parametrize("packed", [True, False])
def test_zip_with_a_bad_crc(tmp_path: Path, packed: bool):
    files = TRAIN if packed else {name[:-3]: gzip.decompress(content) for name, content in TRAIN.items()}
    archive = nist.write_zip(tmp_path / "emnist.zip", files)
    content = bytearray(archive.read_bytes())
    with zipfile.ZipFile(archive) as opened:
        image_member = opened.infolist()[0]
    content[image_member.header_offset + 30 + len(image_member.filename) + image_member.file_size // 2] ^= 1
    archive.write_bytes(content)
    assert "damaged" in refused("balanced", archive)


def test_zip_that_declares_less_than_it_holds(tmp_path: Path):
    """A member whose directory entry lies about its size is cut at the lie, and found too short."""
    files = {name[:-3]: gzip.decompress(content) for name, content in TRAIN.items()}
    archive = tmp_path / "emnist.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
        opened.infolist()[0].file_size = 1000
    message = refused("balanced", archive)
    assert "damaged" in message or "ends too soon" in message


def test_zip_with_an_encrypted_member(tmp_path: Path):
    archive = nist.write_zip(tmp_path / "emnist.zip", TRAIN)
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    assert "is encrypted" in refused("balanced", archive)


def test_zip_with_an_unknown_compression(tmp_path: Path):
    archive = nist.write_zip(tmp_path / "emnist.zip", TRAIN)
    content = bytearray(archive.read_bytes())
    local, listed = content.index(b"PK\x03\x04"), content.index(b"PK\x01\x02")
    content[local + 8] = content[listed + 10] = 99
    archive.write_bytes(content)
    message = refused("balanced", archive)
    assert "compression" in message


def test_sources_that_are_none(tmp_path: Path):
    text = tmp_path / "notes.txt"
    text.write_text("no archive")
    assert "neither a folder nor a zip archive" in refused("balanced", text)
    archive = nist.write_zip(tmp_path / "emnist.zip", TRAIN)
    archive.write_bytes(archive.read_bytes()[:-60])
    assert "zip archive" in refused("balanced", archive)
    assert "has no files" in refused("balanced", nist.write_zip(tmp_path / "empty.zip", {}))


def test_what_rows_call_themselves(monkeypatch: pytest.MonkeyPatch):
    labels = np.arange(112_800) % 47
    shuffled = "EMNIST Balanced, not the official rows (as many, but others)"
    assert provenance.name_of(BALANCED, "train", labels, True) == shuffled
    body = labels.astype(np.uint8).tobytes()
    for stored in (body, b"\0\0\x08\x01" + (112_800).to_bytes(4, "big") + body):
        digest = hashlib.sha256(stored).hexdigest()
        monkeypatch.setitem(provenance.OFFICIAL_LABELS, ("balanced", "train"), digest)
        assert provenance.name_of(BALANCED, "train", labels, True) == "EMNIST Balanced, official rows"
        assert provenance.name_of(BALANCED, "train", labels[:-1], True) == (
            "EMNIST Balanced, not the official rows (112,799 of 112,800)"
        )


@pytest.mark.parametrize(("count", "official"), [(20_800, True), (14_800, True), (14_801, False)])
def test_letters_sizes(count: int, official: bool):
    name = provenance.name_of(get_split("letters"), "test", np.arange(count) % 26, False)
    assert ("official size" in name) is official


def test_letters_cut_off_by_class_say_so():
    letters = get_split("letters")
    cut = np.repeat(np.arange(26), 800)[:14_800]
    assert provenance.name_of(letters, "test", cut, False) == (
        "EMNIST Letters, not the official rows (14,800 of 20,800)"
    )
    notes = provenance.notes_of(letters, cut)
    assert notes[0] == "7 classes are without a single image: T, U, V, W, X, Y, Z."
    assert "from 400 images (S) to 800" in notes[1]


def test_even_classes_need_no_note():
    assert provenance.notes_of(BALANCED, np.arange(470) % 47) == ()


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A sample file of noise, one image a class, in place of the bundled one."""
    arrays = {}
    for part in ("train", "test"):
        arrays[f"{part}_images"] = nist.random_rows(BALANCED, 47)[0]
        arrays[f"{part}_labels"] = np.arange(47, dtype=np.uint8)
    np.savez_compressed(tmp_path / "sample.npz", **arrays)
    monkeypatch.setattr(library, "SAMPLE", tmp_path / "sample.npz")
    library.sample.cache_clear()
    yield tmp_path / "sample.npz"
    library.sample.cache_clear()


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("balanced", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"),
        ("bymerge", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"),
        ("letters", "ABCDEFGHIJKLMNOPQRSTUVWXYZABDEFGHNQRT"),
        ("digits", "0123456789"),
        ("mnist", "0123456789"),
    ],
)
@pytest.mark.usefixtures("stand_in")
def test_the_sample_as_other_splits(name: str, labels: str):
    found = data.load(name, "train", "sample")
    assert "".join(found.split.labels[index] for index in found.labels) == labels
    first = 10 if name == "letters" else 0
    np.testing.assert_array_equal(
        found.images, data.load("balanced", "train", "sample").images[first : first + len(labels)]
    )
    assert found.sha256 == content_hash(found.images, found.labels)
    assert (found.is_sample, found.split.name, found.labels.dtype) == (True, name, np.int64)
    assert not found.images.flags.writeable


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("source", ["auto", "sample"])
def test_the_sample_is_no_byclass(source):
    with pytest.raises(DataError, match=r"lost their case; fetch .*fetch byclass`"):
        data.load("byclass", "train", source)


def test_a_damaged_sample(stand_in: Path):
    stand_in.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(DataError, match="missing or damaged"):
        data.load("balanced", "train", "sample")


@pytest.mark.usefixtures("stand_in")
def test_auto_takes_the_sample_until_emnist_is_there(tmp_path: Path):
    assert data.load("balanced", "train").is_sample
    data.fetch("balanced", nist.write_folder(tmp_path, TRAIN))
    assert not data.load("balanced", "train").is_sample
    assert data.load("balanced", "test").is_sample
    assert data.load("balanced", "train", "sample").is_sample


def test_errors_are_of_the_family_people_see():
    assert issubclass(DataError, EmnistError)
    assert "EMNIST_HOME" in os.environ, "tests never touch the cache of the person who runs them"
