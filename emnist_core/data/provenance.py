"""What a set of rows may call itself: the official rows, or honestly something else."""

import hashlib
import io
import struct
from typing import BinaryIO, cast

import numpy as np

from emnist_core.arrays import Labels
from emnist_core.data.formats import LABELS_MAGIC
from emnist_core.splits import Part, Split

OFFICIAL_LABELS = {
    ("balanced", "train"): "a9c2984bf327d013e469d8b66e4bf6e4e98aaeebddc35d1c869b2cd3d1806e12",
    ("balanced", "test"): "91807a38b4dab13f65fed7d9cac9fa6e7d27fc8c24f52327b8e6435ebfe18e90",
}
"""SHA-256 of the official labels as bytes, either NIST's whole unpacked file or what follows its header."""

OFFICIAL_IMAGES = {
    ("balanced", "train"): "4041b0d6f15785d3fa35263901b5496b",
    ("balanced", "test"): "6818d20fe2ce1880476f747bbc80b22b",
}
"""MD5 of NIST's gzipped files of images, as the PyPI package mnists (0.3.1) checks them."""

IMAGES_UNKNOWN = (
    "The labels are the official ones; whether the images are too is not known, since they did not come in NIST's own "
    "gzip file or from NIST."
)


def name_of(split: Split, part: Part, labels: Labels, official_images: bool) -> str:
    """A few words that say what rows with these class indices (int64, (N,)) are.

    ``official_images`` says whether the images are known to be NIST's, which labels alone do not show.
    """
    title = f"EMNIST {split.title}"
    known = OFFICIAL_LABELS.get((split.name, part))
    if known in _label_hashes(split, labels):
        return f"{title}, official rows" if official_images else f"{title}, official labels"
    published = split.count(part)
    circulating = {published, *(sizes[part == "test"] for sizes in split.other_sizes)}
    if known is None and len(labels) in circulating and not missing_classes(split, labels):
        return f"{title}, official size"
    of = f"{len(labels):,} of {published:,}" if len(labels) != published else "as many, but others"
    return f"{title}, not the official rows ({of})"


def images_are_official(split: Split, part: Part, file: BinaryIO) -> bool:
    """Whether ``file``, of images, is NIST's own file of this part, to the byte; closes it."""
    with file:
        digest = hashlib.file_digest(cast(io.BufferedIOBase, file), "md5")
    return digest.hexdigest() == OFFICIAL_IMAGES.get((split.name, part))


def labels_are_official(split: Split, part: Part, labels: Labels) -> bool | None:
    """Whether these are the official labels; None where it is not known here which those are."""
    known = OFFICIAL_LABELS.get((split.name, part))
    return None if known is None else known in _label_hashes(split, labels)


def notes_of(split: Split, labels: Labels) -> tuple[str, ...]:
    """Sentences on what is uneven or missing in rows with these class indices (int64, (N,))."""
    notes = []
    missing = missing_classes(split, labels)
    if missing:
        notes.append(f"{_counted(len(missing))} without a single image: {', '.join(missing)}.")
    counts = np.bincount(labels, minlength=split.classes)
    present = counts[counts > 0]
    if split.class_is_balanced and present.min() < present.max():
        fewest = split.labels[int(np.flatnonzero(counts == present.min())[0])]
        notes.append(
            f"The classes are uneven, from {present.min():,} images ({fewest}) to {present.max():,}, "
            f"where {split.title} officially has equally many of each."
        )
    return tuple(notes)


def missing_classes(split: Split, labels: Labels) -> list[str]:
    """The labels of the classes that have no image."""
    counts = np.bincount(labels, minlength=split.classes)
    return [label for label, count in zip(split.labels, counts, strict=True) if not count]


def _counted(classes: int) -> str:
    return "1 class is" if classes == 1 else f"{classes} classes are"


def _label_hashes(split: Split, labels: Labels) -> set[str]:
    """The SHA-256 of NIST's label file for these labels, with and without its header."""
    body = (labels + split.label_offset).astype(np.uint8).tobytes()
    header = struct.pack(">II", LABELS_MAGIC, len(labels))
    return {hashlib.sha256(header + body).hexdigest(), hashlib.sha256(body).hexdigest()}
