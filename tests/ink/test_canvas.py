"""Strokes that a browser sends become ink, and anything else it sends is no drawing."""

import math

import numpy as np
import pytest

from emnist_core.ink import conversion
from widgets.sketch import canvas

BAR = {"pen": 20, "points": [[50, 40], [50, 240]], "wipes": False}


def test_strokes_become_ink_as_wide_as_the_pen_with_round_ends() -> None:
    ink = canvas.ink(canvas.parsed([BAR]), 280, 280)
    assert ink is not None
    assert set(np.unique(ink)) == {0, 255}
    assert (ink[140] > 0).sum() in (20, 21)
    assert (ink > 0).sum() == pytest.approx(200 * 20 + math.pi * 100, rel=0.03)
    assert conversion.convert(ink).image.max() == 255


def test_a_click_is_a_dot_and_no_stroke_no_ink() -> None:
    dot = canvas.ink(canvas.parsed([{"pen": 18, "points": [[9, 20]]}]), 700, 280)
    assert dot is not None
    assert dot.shape == (280, 700)
    assert (dot > 0).sum() == pytest.approx(math.pi * 81, rel=0.1)
    assert canvas.ink([], 280, 280) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "drawing",
        [7],
        [{}],
        [{"pen": 8, "points": []}],
        [{"pen": 8, "points": [[1]]}],
        [{"pen": 8, "points": [[1, math.inf]]}],
        [{"pen": "thick", "points": [[1, 2]]}],
        [{"pen": 8, "points": [[1, 2]] * (canvas.MOST_POINTS + 1)}],
    ],
)
def test_what_is_no_drawing_is_none(value: object) -> None:
    assert canvas.parsed(value) == []


def test_a_pen_that_no_slider_has_is_bounded() -> None:
    assert canvas.parsed([BAR | {"pen": 10**9}])[0].pen == canvas.WIDEST
