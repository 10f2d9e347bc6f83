"""Fetching from folders and zip archives, loading, and what the fetched rows call themselves."""

import gzip
import hashlib
import json
import os
import zipfile
from pathlib import Path

import nist
import numpy as np
import pytest

from emnist_core import data
from emnist_core.data import cache, provenance, sample
from emnist_core.data.dataset import content_hash
from emnist_core.data.sources import local, source
from emnist_core.errors import DataError, EmnistError
from emnist_core.splits import SPLITS, get_split

BALANCED = get_split("balanced")
BOTH = nist.part_files("balanced", "train", 60, 1) | nist.part_files("balanced", "test", 30, 2)
TRAIN = nist.part_files("balanced", "train", 60, 1)
IMAGES, LABELS = nist.random_rows(BALANCED, 60, 1)


def assert_train(dataset: data.Dataset) -> None:
    np.testing.assert_array_equal(dataset.images, IMAGES)
    np.testing.assert_array_equal(dataset.labels, LABELS)
    assert (dataset.split, dataset.part, dataset.is_sample) == (BALANCED, "train", False)


@pytest.mark.parametrize("subfolder", local.SUBFOLDERS)
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
    assert "has no Balanced test; give" in refused("balanced", tmp_path, ["test"])
    assert "has no Balanced test; give" in refused("balanced", tmp_path, ["train", "test"])
    assert "has no Letters files; give" in refused("letters", tmp_path)
    assert "There is no" in refused("balanced", tmp_path / "nowhere")
    (tmp_path / "emnist-balanced-train-labels-idx1-ubyte.gz").unlink()
    assert "without emnist-balanced-train-labels-idx1-ubyte.gz" in refused("balanced", tmp_path)
    assert "has no Balanced test" in refused("balanced", tmp_path, ["test"])
    (tmp_path / "emnist-balanced-train-images-idx3-ubyte.gz").unlink()
    assert "has no Balanced files" in refused("balanced", tmp_path)


def test_unknown_names(tmp_path: Path):
    assert "no split called 'cyrillic'" in refused("cyrillic", tmp_path)
    assert "no part called 'validation'" in refused("balanced", tmp_path, ["validation"])
    with pytest.raises(DataError, match="no part called"):
        data.load("balanced", "validation")
    with pytest.raises(DataError, match="no source called"):
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


def test_sources_that_are_none(tmp_path: Path):
    text = tmp_path / "notes.txt"
    text.write_text("no archive")
    assert "neither a folder nor a zip archive" in refused("balanced", text)
    archive = nist.write_zip(tmp_path / "emnist.zip", TRAIN)
    archive.write_bytes(archive.read_bytes()[:-60])
    assert "zip archive" in refused("balanced", archive)
    assert "has no Balanced files" in refused("balanced", nist.write_zip(tmp_path / "empty.zip", {}))


def test_what_rows_call_themselves(monkeypatch: pytest.MonkeyPatch):
    labels = np.arange(112_800) % 47
    shuffled = "EMNIST Balanced, not the official rows (as many, but others)"
    assert provenance.name_of(BALANCED, "train", labels) == shuffled
    body = labels.astype(np.uint8).tobytes()
    for stored in (body, b"\0\0\x08\x01" + (112_800).to_bytes(4, "big") + body):
        digest = hashlib.sha256(stored).hexdigest()
        monkeypatch.setitem(provenance.OFFICIAL_LABELS, ("balanced", "train"), digest)
        assert provenance.name_of(BALANCED, "train", labels) == "EMNIST Balanced, official rows"
        assert provenance.name_of(BALANCED, "train", labels[:-1]) == (
            "EMNIST Balanced, not the official rows (112,799 of 112,800)"
        )


@pytest.mark.parametrize(("count", "official"), [(20_800, True), (14_800, True), (14_801, False)])
def test_letters_sizes(count: int, official: bool):
    name = provenance.name_of(get_split("letters"), "test", np.arange(count) % 26)
    assert ("official size" in name) is official


def test_letters_cut_off_by_class_say_so():
    letters = get_split("letters")
    cut = np.repeat(np.arange(26), 800)[:14_800]
    assert provenance.name_of(letters, "test", cut) == ("EMNIST Letters, not the official rows (14,800 of 20,800)")
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
    monkeypatch.setattr(sample, "PATH", tmp_path / "sample.npz")
    sample.load.cache_clear()
    yield tmp_path / "sample.npz"
    sample.load.cache_clear()


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


# With real files, where EMNIST_TEST_DATA names them.

REAL_COUNTS = {
    ("balanced", "train"): 96_968,
    ("balanced", "test"): 14_100,
    ("mnist", "test"): 10_000,
    ("letters", "test"): 14_800,
    ("byclass", "test"): 30_000,
}
FEWER = {
    "A": 1961, "B": 1189, "D": 1376, "E": 1570, "G": 796, "H": 1000, "J": 2363, "K": 2196, "Q": 756,
    "R": 1512, "V": 2380, "W": 2387, "X": 1755, "Y": 2279, "Z": 1793, "b": 1643, "f": 763, "g": 1101,
    "q": 948,
}  # fmt: skip


@pytest.fixture(scope="module")
def real(emnist_files: Path, tmp_path_factory: pytest.TempPathFactory):
    """Every real part, fetched once for this file: {(split, part): Dataset}."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMNIST_HOME", str(tmp_path_factory.mktemp("real")))
        fetched = [data.fetch(name, emnist_files) for name in ("balanced", "mnist", "letters", "byclass")]
        return {(dataset.split.name, dataset.part): dataset for parts in fetched for dataset in parts}


def test_real_counts_and_ranges(real):
    assert {key: len(dataset) for key, dataset in real.items()} == REAL_COUNTS
    for dataset in real.values():
        assert dataset.images.shape == (len(dataset), 28, 28)
        assert dataset.labels.min() >= 0
        assert dataset.labels.max() < dataset.split.classes


def test_real_class_counts(real):
    balanced = real["balanced", "train"]
    assert balanced.class_counts().tolist() == [FEWER.get(label, 2400) for label in BALANCED.labels]
    assert np.bincount(balanced.labels[-7050:]).tolist() == [150] * 47
    assert real["balanced", "test"].class_counts().tolist() == [300] * 47
    assert real["mnist", "test"].class_counts().tolist() == [1000] * 10


def test_real_names_and_notes(real):
    assert real["balanced", "train"].name == "EMNIST Balanced, not the official rows (96,968 of 112,800)"
    assert real["balanced", "test"].name == "EMNIST Balanced, not the official rows (14,100 of 18,800)"
    assert real["mnist", "test"].name == "EMNIST MNIST, official size"
    assert real["byclass", "test"].name == "EMNIST ByClass, not the official rows (30,000 of 116,323)"
    assert "T, U, V, W, X, Y, Z" in real["letters", "test"].notes[0]
    assert "756 images (Q)" in real["balanced", "train"].notes[0]


def quarters(dataset: data.Dataset, label: str) -> np.ndarray:
    """The mean image of a class as 4×4 sums of ink, row by row from the top left."""
    mean = dataset.images[dataset.labels == dataset.split.labels.index(label)].mean(axis=0)
    return mean.reshape(4, 7, 4, 7).sum(axis=(1, 3))


def seven_stands(ink: np.ndarray) -> bool:
    """A 7 has its bar at the top, reaching right, and nothing at the bottom right or along the left."""
    return ink[0, 3] > 3 * max(ink[3, 3], ink[3, 0]) and ink[0, 0] > ink[3, 0] and ink[3, 1] > ink[3, 2]


def c_opens_right(ink: np.ndarray) -> bool:
    """A C has its back on the left."""
    return ink[1:3, :2].sum() > 1.5 * ink[1:3, 2:].sum()


def f_has_arms_above(ink: np.ndarray) -> bool:
    """An F is empty at the bottom right and has its upper arm at the top right."""
    return ink[:2, 2:].sum() > 2 * ink[2:, 2:].sum() and ink[2:, :2].sum() > 2 * ink[2:, 2:].sum()


CHECKS = [
    ("balanced", "train", {"7": seven_stands, "C": c_opens_right, "F": f_has_arms_above}),
    ("balanced", "test", {"7": seven_stands, "C": c_opens_right, "F": f_has_arms_above}),
    ("mnist", "test", {"7": seven_stands}),
    ("letters", "test", {"C": c_opens_right, "F": f_has_arms_above}),
    ("byclass", "test", {"7": seven_stands, "C": c_opens_right, "F": f_has_arms_above}),
]


@pytest.mark.parametrize(("split", "part", "checks"), CHECKS)
def test_real_images_are_upright(real, split: str, part: str, checks: dict):
    """Where a mean character has its ink tells upright from the seven other ways to turn and mirror it."""
    characters = {label: quarters(real[split, part], label) for label in checks}
    for transposed in (False, True):
        for turns in range(4):
            turned = {label: np.rot90(ink.T if transposed else ink, turns) for label, ink in characters.items()}
            stands = all(check(turned[label]) for label, check in checks.items())
            assert stands == (turns == 0 and not transposed)


def test_real_zip_reads_as_the_folder(real, emnist_files: Path, tmp_path: Path):
    archive = tmp_path / "gzip.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in emnist_files.glob("emnist-mnist-*.gz"):
            opened.write(path, f"gzip/{path.name}")
    (test,) = data.fetch("mnist", archive)
    assert test.sha256 == real["mnist", "test"].sha256


def test_errors_are_of_the_family_people_see():
    assert issubclass(DataError, EmnistError)
    assert "EMNIST_HOME" in os.environ, "tests never touch the cache of the person who runs them"
