"""How images lie, found by holding them against characters of handwriting fonts.

NIST stores every image transposed, with ink 255 on paper 0, and ``formats`` turns it upright. Files that others have
packed may lie otherwise, and their labels may follow another order of classes. So the mean image of each
class is correlated with the bundled sample's, in all eight ways in which a square can lie. Real EMNIST, as it
is, has 0.87 to 0.90 on average over the classes and at most 0.76 in any other way; noise has 0.02.
"""

from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np

from emnist_core.arrays import Images, Labels, Values
from emnist_core.data import library, streaming
from emnist_core.errors import DataError
from emnist_core.splits import SPLITS, Split

Stack = TypeVar("Stack", Images, Values)

MOST_ROWS = 10_000
FEWEST_CLASSES = 5
"""Fewer classes say too little: a 0, an O and an 8 look much the same in several ways."""

LEAST_LIKENESS = 0.4
LEAST_GAIN = 0.04
"""How like characters the images must be in another way, and by how much more than as they are, to be turned."""

MOST_MISTAKEN = 0.33
"""Share of the other classes that may be more like a class's images than its own is, on average over the classes: 0.02
for real EMNIST, about 0.15 for four drawings a class, 0.5 for labels of chance."""

EXCHANGED = 0.12
"""How much more like another class's character than its own a class's mean image must be to count as another's: real
EMNIST's L is at most 0.05 more like an I, its 4 0.09 more like a V, and ByClass's l 0.17 more like an I; of two classes
that are exchanged both are, by 0.25 on average."""
FEWEST_IMAGES = 20
"""Images of a class below which their mean image is too much chance for that."""

DARK = 64
LIGHT = 192
"""The brightest pixel of all of EMNIST's images is above the first, and the median of their rims below the second."""


WAYS = tuple((transposed, quarter_turns) for transposed in (False, True) for quarter_turns in range(4))
"""The eight ways in which a square can lie; the first is as it is."""


@dataclass(frozen=True)
class Way:
    """What makes images lie as they should: first to be transposed, then turned, then inverted."""

    transposed: bool = False
    quarter_turns: int = 0
    inverted: bool = False

    def righted(self, images: Stack) -> Stack:
        """``images`` (uint8 (N, side, side), or means of them) as they should lie."""
        turned = np.rot90(images.swapaxes(1, 2) if self.transposed else images, self.quarter_turns, (1, 2))
        return 255 - turned if self.inverted else turned

    def notes(self) -> tuple[str, ...]:
        """Sentences on how the images lay in their file; none where they lay as NIST's do."""
        notes = []
        if (self.transposed, self.quarter_turns) == (True, 0):
            notes.append("The file has its images upright, where NIST's are transposed; they were taken as they stand.")
        elif self.transposed or self.quarter_turns:
            notes.append("The file has its images turned or mirrored, otherwise than NIST's; they were set upright.")
        if self.inverted:
            notes.append("The file has dark ink on light paper, where NIST's has light on dark; it was inverted.")
        return tuple(notes)


def righted(images: Images, labels: Labels, split: Split, called: str) -> tuple[Images, tuple[str, ...]]:
    """``images`` as they should lie, and sentences on how they lay; the same array where there is nothing to do.

    ``called`` is what a message calls the file. Raises ``DataError`` when the images are too dark to be EMNIST's, or
    show other characters than their labels name.
    """
    way = way_of(images, labels, split, called)
    if way == Way():
        return images, ()
    # In C order and in pieces: the images may lie in a file, since they are more than memory should hold.
    pieces = (np.ascontiguousarray(way.righted(piece)) for _, piece in streaming.pieces(images))
    return streaming.collect(pieces), way.notes()


def likeness(images: Images, labels: Labels, split: Split) -> float:
    """How like the characters of these classes the images are, whichever way they lie: -1 to 1, noise 0."""
    rows = streaming.spread_rows(len(labels), MOST_ROWS)
    means, present = _means(streaming.gather(images, rows), labels[rows])
    return float(abs(_alike(means, split)[:, np.arange(len(present)), present].mean(axis=1)).max())


def way_of(images: Images, labels: Labels, split: Split, called: str) -> Way:
    """What has to be done to ``images`` (uint8 (N, 28, 28), as read from a file in NIST's order); raises as above."""
    rows = streaming.spread_rows(len(labels), MOST_ROWS)
    some, classes = streaming.gather(images, rows), labels[rows]
    if 0 < some.max() < DARK:
        raise DataError(
            f"{called} has no pixel over {some.max()}, where ink is 255; multiply its pixels so that they reach 255."
        )
    inverted = bool(np.median(_rims(some)) > LIGHT and some.mean() > 127)
    means, present = _means(some, classes)
    if len(present) < FEWEST_CLASSES:
        return Way(inverted=inverted)
    alike = _alike(255 - means if inverted else means, split)
    own = alike[:, np.arange(len(present)), present]  # ways × classes
    mistaken = (alike > own[..., np.newaxis]).sum(axis=2).mean(axis=1) / (split.classes - 1)
    if alike.max(axis=2).mean(axis=1).max() > LEAST_LIKENESS and mistaken.min() > MOST_MISTAKEN:
        raise DataError(
            f"{called} shows other characters than its labels name, whichever way it is turned; its classes are in "
            f"another order than {split.title}'s, so put the mapping file that belongs to it beside it."
        )
    like = own.mean(axis=1)
    best = int(like.argmax())
    if like[best] < LEAST_LIKENESS or like[best] < like[0] + LEAST_GAIN:
        best = 0
    exchanged = _exchanged(alike[best], present, np.bincount(classes, minlength=split.classes))
    if exchanged:
        shown = ", ".join(f"{split.labels[label]} shows {split.labels[other]}" for label, other in exchanged.items())
        raise DataError(
            f"{called} shows other characters than some of its labels name ({shown}); put the mapping file that "
            "belongs to it beside it."
        )
    return Way(*WAYS[best], inverted)


def _exchanged(alike: Values, present: Labels, counts: Labels) -> dict[int, int]:
    """Classes whose images show the character of another such class, and which; empty where all show their own.

    Args:
        alike: the correlation of each class's mean image with each character, (classes that there are, classes).
        present: the classes that there are.
        counts: how many images there are of each class.
    """
    best, own = alike.argmax(axis=1), alike[np.arange(len(present)), present]
    strange = (alike.max(axis=1) > own + EXCHANGED) & (counts[present] >= FEWEST_IMAGES)
    shows = dict(zip(present[strange].tolist(), best[strange].tolist(), strict=True))
    # One class alone that is like another is a matter of handwriting.
    return {label: other for label, other in shows.items() if other in shows}


def _means(images: Images, labels: Labels) -> tuple[Values, Labels]:
    """The mean image of each class that there is, (classes, 28, 28), and which they are."""
    present = np.unique(labels)
    return np.stack([images[labels == label].mean(axis=0) for label in present]), present


def _alike(means: Values, split: Split) -> Values:
    """The correlation of each mean image with each character, each way it may lie: (8, means, classes)."""
    characters = centred_units(_characters(split))
    return np.stack([centred_units(Way(*way).righted(means)) @ characters.T for way in WAYS])


def _rims(images: Images) -> Images:
    """The outermost pixels of each image: uint8 (N, 4 × side)."""
    return np.concatenate([images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]], axis=1)


def centred_units(images: Images | Values) -> Values:
    """Each image less its mean and of length 1, or 0 where it is flat, ``(N, pixels)``: products are correlations."""
    centred = images.reshape(len(images), -1).astype(float)
    centred -= centred.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    unit: Values = centred / np.where(lengths == 0, 1, lengths)
    return unit


@cache
def _characters(split: Split) -> Values:
    """The mean image of each class in the sample: (classes, 28, 28). ByClass has Balanced's for both of its cases."""
    if split.name == "byclass":
        balanced = SPLITS["balanced"]
        places = [next(i for i, known in enumerate(balanced.characters) if label in known) for label in split.labels]
        return _characters(balanced)[places]
    drawn = library.sample(split, "train")
    return np.stack([drawn.images[drawn.labels == label].mean(axis=0) for label in range(split.classes)])
