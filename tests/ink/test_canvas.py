"""A canvas's strokes become ink where they cover most of a pixel."""

import numpy as np

from widgets.sketch import canvas


def test_ink_is_where_strokes_cover_half_of_a_pixel_in_any_colour() -> None:
    strokes = np.zeros((2, 3, 4), np.uint8)
    strokes[0] = [(59, 120, 208, 127), (59, 120, 208, 128), (217, 119, 43, 255)]
    assert np.array_equal(canvas.ink(strokes), [[0, 255, 255], [0, 0, 0]])
    assert canvas.ink(None) is None
