"""Which rows a section shows: by class, by ink, in both forms of a letter; one image in every way that a file may hold
it, and one enlarged to a drawing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from emnist_core.arrays import Images, Pixels, Rows
from emnist_core.data import Dataset
from emnist_core.data.streaming import pieces
from emnist_core.explore import result_cache
from emnist_core.splits import MERGED_LETTERS, SPLITS

Shares = npt.NDArray[np.float32]
EVERY = (0, 100)
ENLARGED_SIDE = 280
TELLING = "7R0G4Y"
"""Characters that show by themselves which way up they are, and one that does not."""


def ink_shares(images: Images) -> Shares:
    """The mean intensity of every image ``(N, 28, 28)``, in [0, 1]: 0 is paper, 1 is all ink."""
    shares = np.empty(len(images), np.float32)
    for start, piece in pieces(images):
        total = piece.reshape(len(piece), -1).sum(axis=1, dtype=np.uint32)
        shares[start : start + len(piece)] = total / np.float32(255 * piece[0].size)
    return shares


def ink_of(dataset: Dataset) -> Shares:
    """``ink_shares`` of ``dataset``, kept on disk so that a filter need not read the images again."""
    return result_cache.arrays(dataset.sha256, "ink", lambda: {"share": ink_shares(dataset.images)})["share"]


def matching(dataset: Dataset, label: int | None = None, ink: tuple[int, int] = EVERY) -> Rows:
    """Rows of class ``label`` (any when None) whose ink is within ``ink``, in percent; in order."""
    fits = np.ones(len(dataset), bool) if label is None else dataset.labels == label
    if ink != EVERY:
        share = ink_of(dataset) * 100
        fits &= (share >= ink[0]) & (share <= ink[1])
    return np.flatnonzero(fits)


def draw(rows: Rows, count: int, seed: int) -> Rows:
    """Up to ``count`` of ``rows`` at random; another ``seed``, others."""
    return np.random.default_rng(seed).permutation(rows)[:count]


def letter_groups() -> tuple[tuple[str, str], ...]:
    """Titles and capitals: the letters that ByMerge makes one class, and those that it leaves two."""
    capitals = [label for label in SPLITS["byclass"].labels if label.isupper()]
    separate = "".join(letter for letter in capitals if letter not in MERGED_LETTERS)
    return (("One class in ByMerge and Balanced", MERGED_LETTERS), ("Two classes everywhere", separate))


def both_forms(dataset: Dataset, letter: str, count: int) -> tuple[Rows, Rows]:
    """Up to ``count`` rows of the capital and of the small form of ``letter``, in a dataset that keeps case."""
    index = dataset.split.labels.index
    capital, small = (matching(dataset, index(form)) for form in (letter, letter.lower()))
    return draw(capital, count, seed=1), draw(small, count, seed=1)


def merged_forms(dataset: Dataset, letters: str, count: int) -> list[Rows]:
    """Up to ``count`` rows of each of ``letters`` that has images, in a dataset that has lost case."""
    index = dataset.split.labels.index
    drawn = [draw(matching(dataset, index(letter)), count, seed=1) for letter in letters]
    return [rows for rows in drawn if len(rows)]


def enlarged(dataset: Dataset, label: str) -> Pixels:
    """The first image of ``label`` in ``dataset`` as ink, uint8 ``(280, 280)`` of 0 and 255.

    A letter whose case the split does not keep stands for both; any other label that is not there is ``"0"``.
    """
    labels = dataset.split.labels
    name = next((form for form in (label, label.upper(), "0") if form in labels), labels[0])
    first = dataset.images[matching(dataset, labels.index(name))[0]]
    small = Image.fromarray(np.ascontiguousarray(first))
    grey = np.asarray(small.resize((ENLARGED_SIDE, ENLARGED_SIDE), Image.Resampling.BICUBIC))
    return np.where(grey > 127, 255, 0).astype(np.uint8)


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
        return draw(matching(dataset, label), count, seed=3)
    of_each = [matching(dataset, labels.index(name))[:1] for name in TELLING if name in labels]
    others = draw(matching(dataset), count, seed=3)
    return np.concatenate([*of_each, others])[:count]


def stack(turned: list[tuple[Turn, ...]]) -> Images:
    """Several images' turns one after another: uint8 ``(images · turns, 28, 28)``."""
    return np.stack([turn.image for turns_of_one in turned for turn in turns_of_one])
