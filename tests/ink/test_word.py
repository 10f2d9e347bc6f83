"""Words put together from characters come apart into the same characters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emnist_core import data
from emnist_core.errors import ImageError
from emnist_core.ink import conversion
from emnist_core.ink.conversion import Ink
from emnist_core.ink.word import MOST, characters

SAMPLE = data.load("balanced", "test", "sample")
LABELS = SAMPLE.split.labels


def bar(height: int, width: int) -> Ink:
    return np.full((height, width), 255, np.uint8)


def written(*placed: tuple[int, int, Ink], size: tuple[int, int] = (60, 200)) -> Ink:
    """Ink with pieces at (row, column)."""
    canvas = np.zeros(size, np.uint8)
    for top, left, piece in placed:
        canvas[top : top + piece.shape[0], left : left + piece.shape[1]] |= piece
    return canvas


def in_one_piece(row: int) -> Ink:
    """A character of the sample with its largest parts, as ink cut to it."""
    mask = SAMPLE.images[row] > 127
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.asarray(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] * 255, np.uint8)


@settings(deadline=None)
@given(st.lists(st.integers(0, len(SAMPLE) - 1), min_size=1, max_size=8), st.integers(1, 12))
def test_no_ink_is_lost_or_read_twice_whatever_is_written(rows: list[int], gap: int) -> None:
    pieces = [in_one_piece(row) for row in rows]
    lefts = np.cumsum([2, *(piece.shape[1] + gap for piece in pieces)])
    canvas = written(*((4, int(left), piece) for left, piece in zip(lefts, pieces, strict=False)), size=(36, 400))
    found = characters(canvas)
    together = sum(int((character.ink > 0).sum()) for character in found)
    assert together <= (canvas > 0).sum()
    assert together >= 0.9 * (canvas > 0).sum(), "only specks are left out"
    assert [character.left for character in found] == sorted(character.left for character in found)


def test_characters_come_from_left_to_right_with_their_own_ink() -> None:
    pieces = [(20, 10, bar(20, 12)), (10, 50, bar(30, 6)), (15, 90, bar(25, 9))]
    found = characters(written(*reversed(pieces)))
    assert [(character.left, character.right) for character in found] == [(10, 22), (50, 56), (90, 99)]
    assert all((character.ink == written(piece)).all() for character, piece in zip(found, pieces, strict=True))


def test_a_dot_belongs_to_its_stem_and_a_bar_to_its_body() -> None:
    i, five = [(10, 22, bar(5, 5)), (20, 21, bar(30, 6))], [(10, 60, bar(4, 20)), (17, 58, bar(30, 20))]
    assert [character.left for character in characters(written(*i, *five))] == [21, 58]


def test_slanting_neighbours_stay_two_though_their_boxes_overlap() -> None:
    slash = np.zeros((40, 24), np.uint8)
    for row in range(40):
        slash[39 - row, row // 2 : row // 2 + 4] = 255
    assert len(characters(written((10, 20, slash), (10, 30, slash)))) == 2


def test_a_straight_stroke_can_be_read() -> None:
    [stroke] = characters(written((5, 20, bar(50, 9))))
    assert conversion.convert(stroke.ink).image[14].max() > 200


def test_a_wide_gap_begins_a_word() -> None:
    canvas = written(*((10, left, bar(30, 14)) for left in (5, 25, 80, 100)))
    assert [character.begins_word for character in characters(canvas)] == [False, False, True, False]


def test_even_gaps_are_no_spaces_however_wide() -> None:
    canvas = written(*((10, left, bar(30, 14)) for left in (5, 45, 88, 125, 170)))
    assert not any(character.begins_word for character in characters(canvas))


def test_narrow_letters_make_no_spaces_of_their_gaps() -> None:
    canvas = written(*((10, left, bar(40, 4)) for left in (5, 16, 40, 51, 80)))
    assert [character.begins_word for character in characters(canvas)] == [False, False, True, False, True]
    near = written(*((10, left, bar(40, 4)) for left in (5, 16, 33, 44)))
    assert not any(character.begins_word for character in characters(near))


def test_a_dot_is_measured_by_its_stem_not_by_a_large_letter_beside_it() -> None:
    large, dot, stem = bar(100, 60), bar(7, 7), bar(40, 8)
    found = characters(written((10, 10, large), (48, 101, dot), (64, 100, stem), size=(120, 200)))
    assert len(found) == 2
    assert found[1].ink[48:55, 101:108].all(), "the dot of i"


def test_specks_are_no_characters() -> None:
    assert len(characters(written((10, 10, bar(40, 20)), (10, 60, bar(2, 2))))) == 1


def test_no_ink_and_too_many_characters_are_said_in_a_sentence() -> None:
    with pytest.raises(ImageError, match="Write a word first"):
        characters(np.zeros((50, 50), np.uint8))
    too_many = written(*((10, 2 + 7 * number, bar(20, 3)) for number in range(MOST + 1)))
    with pytest.raises(ImageError, match=f"These are {MOST + 1} characters; write at most {MOST}"):
        characters(too_many)
