"""How the files store an image, and how it is turned upright."""

from dataclasses import dataclass

import numpy as np

from emnist_core.arrays import Images, Pixels, Rows
from emnist_core.data import Dataset
from emnist_core.explore import selection

TELLING = "7R0G4Y"
"""Characters that show by themselves which way up they are, and one that does not."""


@dataclass(frozen=True)
class Turn:
    """One way of holding an image: ``image`` is uint8 ``(28, 28)``."""

    title: str
    explanation: str
    code: str
    image: Pixels


def turns(upright: Pixels) -> tuple[Turn, ...]:
    """From what lies in NIST's files to what the models see, beside the ways that go wrong.

    NIST's MATLAB code wrote the columns of an image one after another, and IDX readers take them for rows: so
    every image comes transposed. Rotating it by 90 degrees looks almost right and leaves it mirrored.
    """
    stored = upright.T
    return (
        Turn("As stored", "784 bytes of the file, read row by row as IDX says: mirrored and lying.",
             "x.reshape(28, 28)", stored),
        Turn("Only rotated", "By 90 degrees clockwise: it stands, mirrored. Many a notebook stops here.",
             "np.rot90(x, -1)", np.rot90(stored, -1)),
        Turn("Only flipped", "Left for right: it lies on its side.", "np.fliplr(x)", np.fliplr(stored)),
        Turn("Rotated and flipped", "Both, as the report does: upright.",
             "np.fliplr(np.rot90(x, -1))", np.fliplr(np.rot90(stored, -1))),
        Turn("Transposed", "The same in one step, as this project's readers do.", "x.T", stored.T),
    )  # fmt: skip


def telling_rows(dataset: Dataset, label: int | None, count: int) -> Rows:
    """Up to ``count`` rows: of class ``label``, or when it is None of characters that tell their orientation."""
    labels = dataset.split.labels
    if label is not None:
        return selection.draw(selection.matching(dataset, label), count, seed=3)
    of_each = [selection.matching(dataset, labels.index(name))[:1] for name in TELLING if name in labels]
    others = selection.draw(selection.matching(dataset), count, seed=3)
    return np.concatenate([*of_each, others])[:count]


def stack(turned: list[tuple[Turn, ...]]) -> Images:
    """Several images' turns one after another: uint8 ``(images · turns, 28, 28)``."""
    return np.stack([turn.image for turns_of_one in turned for turn in turns_of_one])
