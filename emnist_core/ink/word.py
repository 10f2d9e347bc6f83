"""Ink of a word -> the ink of its characters, from left to right.

Characters are connected parts of ink; parts of one character that do not touch, a dot over its stem or a bar over its
body, are told from neighbours by lying over one another. Characters that touch stay one: that is what the person is
told to avoid, and what "segmentation by recognition" (Casey and Lecolinet 1996) would be needed for.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from emnist_core.arrays import Mask
from emnist_core.errors import ImageError
from emnist_core.ink.conversion import Ink, without_specks

MOST = 24
"""Characters that are read at once."""
OVER = 0.5
"""Share of the narrower part's width that lies over the wider part, from which they may be one character."""
BESIDE = 0.5
"""Share of the lower part's height that lies beside the other, from which they are neighbours after all."""
SPACE = 0.9
"""Gap, in widths of the middle character, from which a new word begins."""


@dataclass(frozen=True, eq=False)
class Character:
    """One character of a word.

    Attributes:
        ink: uint8 ``(H, W)``, as large as what the word was written on, with 255 where this character's ink is.
        left, right: the first column with its ink, and the first after it.
        begins_word: whether a space is before it.
    """

    ink: Ink
    left: int
    right: int
    begins_word: bool = False


def characters(ink: Ink) -> list[Character]:
    """Take a word apart.

    Args:
        ink: uint8 ``(H, W)`` with ink over 127; of a canvas or a picture.

    Returns:
        Its characters from left to right. Every pixel of ink is in exactly one of them, specks in none.

    Raises:
        ImageError: there is no ink, or there are more than 24 characters.
    """
    mask = ink > 127
    if not mask.any():
        raise ImageError("Write a word first, with a gap between its characters.")
    parts = _parts(mask)
    if len(parts) > MOST:
        raise ImageError(f"These are {len(parts)} characters; write at most {MOST}, each in one piece.")
    stretches = [_box(part)[1] for part in parts]
    width = float(np.median([stretch.stop - stretch.start for stretch in stretches]))
    found: list[Character] = []
    for part, stretch in zip(parts, stretches, strict=True):
        is_far = bool(found) and stretch.start - found[-1].right > SPACE * width
        found.append(Character(part.astype(np.uint8) * np.uint8(255), stretch.start, stretch.stop, is_far))
    return found


def _parts(mask: Mask) -> list[Mask]:
    """The characters as masks of the whole, by where they begin."""
    labelled, count = ndimage.label(without_specks(mask), structure=np.ones((3, 3)))
    kept = (labelled == number for number in range(1, count + 1))
    together: list[Mask] = []
    for part in sorted(kept, key=lambda part: _box(part)[1].start):
        same = [other for other in together if _is_one_character(_box(part), _box(other))]
        together = [other for other in together if not any(other is one for one in same)]
        together.append(np.logical_or.reduce([part, *same]))
    return sorted(together, key=lambda part: _box(part)[1].start)


def _is_one_character(one: tuple[slice, slice], other: tuple[slice, slice]) -> bool:
    """Whether two boxes lie over one another rather than side by side."""
    beside, over = (_common(one[axis], other[axis]) for axis in (0, 1))
    return over >= OVER and beside < BESIDE


def _common(one: slice, other: slice) -> float:
    """The length that two stretches share, as a share of the shorter."""
    shared = min(one.stop, other.stop) - max(one.start, other.start)
    return float(max(shared, 0) / min(one.stop - one.start, other.stop - other.start))


def _box(part: Mask) -> tuple[slice, slice]:
    """The rows and columns that hold the part."""
    [box] = ndimage.find_objects(part.astype(np.uint8))
    rows, columns = box
    return rows, columns
