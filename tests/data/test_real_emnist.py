"""Real EMNIST, where EMNIST_TEST_DATA names it: counts, names, notes, and images that stand upright."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from emnist_core import data

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
    assert balanced.class_counts().tolist() == [FEWER.get(label, 2400) for label in balanced.split.labels]
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
