"""The six splits of EMNIST as data.

Counts, classes and merged letters are those of Cohen, Afshar, Tapson and van Schaik, "EMNIST: an
extension of MNIST to handwritten letters" (arXiv:1702.05373), tables I and II.
"""

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Literal

from emnist_core.errors import DataError

Part = Literal["train", "test"]
PARTS: tuple[Part, ...] = ("train", "test")
DatasetKind = Literal["auto", "emnist", "sample"]
"""EMNIST, the bundled sample, or ``"auto"``: EMNIST where it has been fetched."""

MERGED_LETTERS = "CIJKLMOPSUVWXYZ"
"""Letters whose capital and small form are one class in ByMerge and Balanced."""

MERGE_REASON = (
    "The capital and the small form of these 15 letters have the same shape and differ only in size, "
    "and the conversion to 28x28 pixels removes size; so ByMerge and Balanced make each pair one class."
)

BYMERGE_LABELS = tuple(
    digits + ascii_uppercase + "".join(c for c in ascii_lowercase if c.upper() not in MERGED_LETTERS)
)


@dataclass(frozen=True)
class Split:
    """One way of dividing EMNIST into classes and parts.

    Attributes:
        name: the name in file names and on the command line, e.g. ``"balanced"``.
        title: the name as people write it, e.g. ``"Balanced"``.
        summary: one sentence that says what the split is for.
        labels: the class labels, in the order of the class indices.
        train: published number of training images.
        test: published number of test images.
        label_offset: what NIST's files add to the class index (1 for letters, otherwise 0).
        other_sizes: further (train, test) sizes in circulation.
        class_is_balanced: whether every class has the same number of images.
    """

    name: str
    title: str
    summary: str
    labels: tuple[str, ...]
    train: int
    test: int
    label_offset: int = 0
    other_sizes: tuple[tuple[int, int], ...] = ()
    class_is_balanced: bool = True

    @property
    def classes(self) -> int:
        """The number of classes."""
        return len(self.labels)

    @property
    def characters(self) -> tuple[frozenset[str], ...]:
        """The characters of every class: a capital stands for its small letter too where that has no class."""
        return tuple(frozenset({label, label.lower()} - (set(self.labels) - {label})) for label in self.labels)

    def count(self, part: Part) -> int:
        """The published number of images of ``part``."""
        return self.train if part == "train" else self.test


_ALL = (
    Split(
        "balanced", "Balanced", "47 classes with equally many images each; the usual benchmark.",
        BYMERGE_LABELS, 112_800, 18_800,
    ),
    Split(
        "byclass", "ByClass", "Every image, 62 classes: digits, capitals and small letters.",
        tuple(digits + ascii_uppercase + ascii_lowercase), 697_932, 116_323, class_is_balanced=False,
    ),
    Split(
        "bymerge", "ByMerge", "Every image, 47 classes: letters of one shape in both cases are merged.",
        BYMERGE_LABELS, 697_932, 116_323, class_is_balanced=False,
    ),
    Split(
        "letters", "Letters", "26 classes: every letter, capital and small as one.",
        tuple(ascii_uppercase), 124_800, 20_800, label_offset=1, other_sizes=((88_800, 14_800),),
    ),
    Split("digits", "Digits", "10 classes: the digits, 28,000 images each.", tuple(digits), 240_000, 40_000),
    Split("mnist", "MNIST", "10 classes: a drop-in replacement for MNIST.", tuple(digits), 60_000, 10_000),
)  # fmt: skip

SPLITS: dict[str, Split] = {split.name: split for split in _ALL}

PART_NAMES: dict[str, tuple[str, Part]] = {f"{split}-{part}": (split, part) for split in SPLITS for part in PARTS}
"""Every part of every split by one name, e.g. ``"byclass-train"``."""


def check_part(part: str) -> None:
    """Raise ``DataError`` unless ``part`` is one."""
    if part not in PARTS:
        raise DataError(f"There is no part called {part!r}; choose one of {', '.join(PARTS)}.")


def get_split(name: str) -> Split:
    """Return the split called ``name``; raises ``DataError`` naming the ones there are."""
    try:
        return SPLITS[name]
    except KeyError:
        raise DataError(f"There is no split called {name!r}; choose one of {', '.join(SPLITS)}.") from None
