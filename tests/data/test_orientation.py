"""Files whose images lie otherwise than NIST's, or whose labels follow another order, are righted or refused."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest

from emnist_core import data
from emnist_core.data import formats, orientation, provenance
from emnist_core.errors import DataError
from emnist_core.splits import SPLITS, get_split
from tests.helpers import nist

BALANCED = get_split("balanced")
DRAWN = data.load("balanced", "test", "sample")
ROWS = np.arange(470)
IMAGES, LABELS = DRAWN.images[ROWS], DRAWN.labels[ROWS]
ORDER = np.random.default_rng(1).permutation(47)


def fetched(tmp_path: Path, images: np.ndarray, labels: np.ndarray, mapping: str | None = None) -> data.Dataset:
    files = nist.packed("balanced", "train", images, labels)
    if mapping is not None:
        files["emnist-balanced-mapping.txt"] = mapping.encode()
    (train,) = data.fetch("balanced", nist.write_folder(tmp_path, files))
    return train


def assert_right(dataset: data.Dataset, note: str) -> None:
    np.testing.assert_array_equal(dataset.images, IMAGES)
    np.testing.assert_array_equal(dataset.labels, LABELS)
    assert note in dataset.notes[0] if note else dataset.notes == ()


@pytest.mark.parametrize(
    ("lay", "note"),
    [
        (lambda images: images, ""),
        (lambda images: images.swapaxes(1, 2), "has its images upright"),
        (lambda images: 255 - images, "has dark ink on light paper"),
        (lambda images: 255 - images.swapaxes(1, 2), "has its images upright"),
        (lambda images: np.rot90(images, 1, (1, 2)), "turned or mirrored"),
        (lambda images: np.rot90(images, 2, (1, 2)), "turned or mirrored"),
        (lambda images: images[:, :, ::-1], "turned or mirrored"),
    ],
)
def test_images_are_set_upright_with_a_note(tmp_path: Path, lay, note: str):
    train = fetched(tmp_path, lay(IMAGES), LABELS)
    assert_right(train, note)
    assert train.sha256 == fetched(tmp_path, IMAGES, LABELS).sha256


@pytest.mark.parametrize("few", [100, 47])
def test_a_few_rows_are_enough(tmp_path: Path, few: int):
    train = fetched(tmp_path, IMAGES[:few].swapaxes(1, 2), LABELS[:few])
    np.testing.assert_array_equal(train.images, IMAGES[:few])


def test_pixels_from_0_to_1(tmp_path: Path):
    with pytest.raises(DataError, match="has no pixel over 1, where ink is 255"):
        fetched(tmp_path, IMAGES // 255, LABELS)


@pytest.mark.parametrize("labels", [46 - LABELS, np.random.default_rng(0).permutation(LABELS)], ids=["order", "chance"])
def test_labels_that_name_other_characters(tmp_path: Path, labels: np.ndarray):
    with pytest.raises(DataError, match="shows other characters than its labels name"):
        fetched(tmp_path, IMAGES, labels)


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ("AB", "(A shows B, B shows A)"),
        ("07", "(0 shows 7, 7 shows 0)"),
        ("bdefhnrt", "(b shows"),  # each shows the one before it
    ],
)
def test_a_few_classes_in_another_order_are_named(tmp_path: Path, order: str, says: str):
    labels = DRAWN.labels.copy()
    for character, named in zip(order, order[1:] + order[:1], strict=True):
        labels[DRAWN.labels == BALANCED.labels.index(character)] = BALANCED.labels.index(named)
    with pytest.raises(DataError, match="shows other characters than some of its labels name") as raised:
        fetched(tmp_path, DRAWN.images, labels)
    assert says in str(raised.value)


def mapping_in(order: np.ndarray) -> str:
    return "\n".join(f"{number} {ord(BALANCED.labels[index])}" for number, index in enumerate(order)) + "\n"


def test_the_order_of_a_mapping_file_is_followed(tmp_path: Path):
    numbers = np.argsort(ORDER)[LABELS]
    assert_right(fetched(tmp_path, IMAGES, numbers, mapping_in(ORDER)), "its order was followed")
    assert_right(fetched(tmp_path, IMAGES, LABELS, mapping_in(np.arange(47))), "")


def test_a_mapping_file_that_the_images_speak_against(tmp_path: Path):
    with pytest.raises(DataError, match=r"emnist-balanced-mapping.txt gives the classes another order than NIST's"):
        fetched(tmp_path, IMAGES, LABELS, mapping_in(ORDER))


@pytest.mark.parametrize("mapping", ["", "0 48\n", "nonsense", mapping_in(np.zeros(47, int)), "\xff" * 9])
def test_a_mapping_file_that_is_none(tmp_path: Path, mapping: str):
    with pytest.raises(DataError, match=r"mapping.txt does not give each of Balanced's 47 classes a number"):
        fetched(tmp_path, IMAGES, LABELS, mapping)


def test_nists_own_mapping_files(tmp_path: Path):
    for split in SPLITS.values():
        lines = []
        for number, label in enumerate(split.labels, split.label_offset):
            lines.append(f"{number} {ord(label)}" + (f" {ord(label.lower())}" if split.name == "letters" else ""))
        file = tmp_path / split.name
        file.write_text("\r\n".join(lines))
        np.testing.assert_array_equal(formats.read_mapping(file.open("rb"), split), formats.nist_classes(split))


def test_official_labels_do_not_make_official_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    digest = hashlib.sha256(LABELS.astype(np.uint8).tobytes()).hexdigest()
    monkeypatch.setitem(provenance.OFFICIAL_LABELS, ("balanced", "train"), digest)
    train = fetched(tmp_path, IMAGES, LABELS)
    assert train.name == "EMNIST Balanced, official labels"
    assert "whether the images are too is not known" in train.notes[0]
    packed = next(body for name, body in nist.packed("balanced", "train", IMAGES, LABELS).items() if "images" in name)
    monkeypatch.setitem(provenance.OFFICIAL_IMAGES, ("balanced", "train"), hashlib.md5(packed).hexdigest())
    train = fetched(tmp_path, IMAGES, LABELS)
    assert (train.name, train.notes) == ("EMNIST Balanced, official rows", ())
    assert fetched(tmp_path, IMAGES.swapaxes(1, 2), LABELS).name == "EMNIST Balanced, official labels"


@pytest.mark.parametrize("split", SPLITS)
def test_noise_is_left_as_it_is(split: str):
    for seed in range(5):
        images, labels = nist.random_rows(get_split(split), 60, seed)
        assert orientation.way_of(images, labels, get_split(split), "noise") == orientation.Way()


@pytest.mark.parametrize("name", ["balanced", "mnist", "letters", "byclass"])
def test_real_emnist_lies_right_and_is_righted(emnist_files: Path, name: str):
    split = get_split(name)
    stem = str(emnist_files / f"emnist-{name}-test")
    images = formats.read_idx_images(io.BytesIO(Path(f"{stem}-images-idx3-ubyte.gz").read_bytes()))
    labels = formats.read_idx_labels(io.BytesIO(Path(f"{stem}-labels-idx1-ubyte.gz").read_bytes()), split)
    assert orientation.way_of(images, labels, split, "real") == orientation.Way()
    for transposed, turns in orientation.WAYS:
        way = orientation.way_of(orientation.Way(transposed, turns).righted(images), labels, split, "real")
        back = way.righted(orientation.Way(transposed, turns).righted(images[:50]))
        np.testing.assert_array_equal(back, images[:50])
    with pytest.raises(DataError, match="shows other characters"):
        orientation.way_of(images, split.classes - 1 - labels, split, "real")
