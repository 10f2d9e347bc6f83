"""Ink of a word -> the ink of its characters, from left to right.

Characters are connected parts of ink; parts of one character that do not touch, a dot over its stem or a bar over its
body, are told from neighbours by lying over one another. Characters that touch stay one: that is what the person is
told to avoid, and what "segmentation by recognition" (Casey and Lecolinet 1996) would be needed for.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import ndimage

from emnist_core.arrays import Mask
from emnist_core.errors import ImageError
from emnist_core.ink.conversion import SPECK, Ink, without_specks

MOST = 24
"""Characters that are read at once."""
MOST_PARTS = 4 * MOST
"""Parts of ink that are looked at, the largest first."""
OVER = 0.5
"""Share of the narrower part's width that lies over the wider part, from which they may be one character."""
BESIDE = 0.5
"""Share of the lower part's height that lies beside the other, from which they are neighbours after all."""
SPACE = 0.9
"""Gap, in widths of the middle character or half its height if that is more, from which a new word may begin."""
WIDER = 2
"""How many times as wide as the usual gap a space is: who leaves wide gaps everywhere writes one word."""


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
    spaces = _spaces(parts)
    return [
        Character(part.astype(np.uint8) * np.uint8(255), stretch.start, stretch.stop, is_after_space)
        for part, stretch, is_after_space in zip(parts, stretches, spaces, strict=True)
    ]


def _spaces(parts: list[Mask]) -> list[bool]:
    """Whether there is a space before each of the parts: a gap that is wide, and wide beside the other gaps."""
    boxes = [_box(part) for part in parts]
    heights, widths = ([box[axis].stop - box[axis].start for box in boxes] for axis in (0, 1))
    gaps = [max(0, after[1].start - before[1].stop) for before, after in pairwise(boxes)]
    if not gaps:
        return [False]
    usual = sorted(gaps)[(len(gaps) - 1) // 2]
    widest = max(SPACE * max(np.median(widths), np.median(heights) / 2), WIDER * usual)
    return [False, *(bool(gap > widest) for gap in gaps)]


def _parts(mask: Mask) -> list[Mask]:
    """The characters as masks of the whole, by where they begin."""
    labelled, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    areas = np.bincount(labelled.ravel())
    areas[0] = 0  # the paper
    # Of the many specks that a dirty sheet has, the largest can be dots.
    largest = [number for number in np.argsort(-areas, kind="stable")[:MOST_PARTS] if areas[number]]
    groups: list[Mask] = []
    for part in sorted((labelled == number for number in largest), key=lambda part: _box(part)[1].start):
        same = [group for group in groups if _is_one_character(_box(part), _box(group))]
        groups = [group for group in groups if not any(group is member for member in same)]
        groups.append(np.logical_or.reduce([part, *same]))
    # A dot is measured by the stem below it, not by a larger letter beside it; what stands alone, by them all.
    found = [without_specks(group) for group in groups if group.sum() >= SPECK * areas.max()]
    return sorted(found, key=lambda part: _box(part)[1].start)


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
