"""One part of one split: images, labels and where they came from."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from emnist_core.arrays import Images, Labels, Rows
from emnist_core.data.streaming import pieces
from emnist_core.splits import Part, Split


@dataclass(frozen=True)
class Dataset:
    """Images and labels that belong together, and what they are.

    Attributes:
        split: the split whose ``labels`` the class indices point into.
        part: ``"train"`` or ``"test"``.
        images: uint8 (N, 28, 28), upright, ink 255 on paper 0; read-only, perhaps memory-mapped.
        labels: int64 (N,), each in 0 … ``split.classes`` - 1; read-only.
        sha256: hex digest of the images' bytes followed by the labels as little-endian int64.
        name: what it is in a few words, e.g. ``"EMNIST Balanced, official rows"``.
        is_sample: whether it is the bundled sample and not EMNIST.
        notes: sentences a person should read before trusting a figure, e.g. which classes are missing.
        writers: who wrote each image, int64 (N,), where that is known: in NIST's MATLAB files only. They
            allow parts of which no writer is in both.
    """

    split: Split
    part: Part
    images: Images
    labels: Labels
    sha256: str
    name: str
    is_sample: bool
    notes: tuple[str, ...] = ()
    writers: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def title(self) -> str:
        """What the images go by on pages and in addresses."""
        return title_of_data(self.name, self.part, len(self))

    def class_counts(self) -> np.ndarray:
        """The number of images of every class: int64 (classes,)."""
        return np.bincount(self.labels, minlength=self.split.classes)

    def take(self, rows: Rows) -> "Dataset":
        """The dataset of these rows alone (int64, (n,)), read into memory, with a hash of its own."""
        images, labels = self.images[rows], self.labels[rows]
        writers = None if self.writers is None else self.writers[rows]
        sha256 = content_hash(images, labels)
        return replace(self, images=images, labels=labels, writers=writers, sha256=sha256)


def title_of_data(name: str, part: str, n: int) -> str:
    """What ``n`` images of the data called ``name`` go by."""
    return f"{name}, {part} (n = {n:,})"


def content_hash(images: Images, labels: Labels) -> str:
    """The hex SHA-256 of the images' bytes (uint8, in C order), then of the labels as little-endian int64."""
    digest = hashlib.sha256()
    for _, piece in pieces(images):
        digest.update(np.ascontiguousarray(piece, np.uint8).data)
    digest.update(np.ascontiguousarray(labels, "<i8").data)
    return digest.hexdigest()
