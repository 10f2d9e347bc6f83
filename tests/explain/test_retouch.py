"""Ink is added and wiped where the strokes are, by the part of a pixel that they cover."""

import numpy as np

from emnist_core.explain.retouch import WIPE, retouch


def test_strokes_add_and_wipe() -> None:
    image = np.zeros((28, 28), np.uint8)
    image[10:14, 4:24] = 200
    strokes = np.zeros((280, 280, 4), np.uint8)
    strokes[200:210, 100:105] = (24, 28, 37, 255)  # half of one pixel, in ink
    wipe = tuple(int(WIPE[i : i + 2], 16) for i in (1, 3, 5))
    strokes[100:120, 40:240] = (*wipe, 255)  # the upper half of the bar
    found = retouch(image, strokes)
    assert found[20, 10] == 128
    assert not found[10:12].any()
    assert (found[12:14] == image[12:14]).all()
    assert found.sum() == 128 + image[12:14].astype(int).sum()


def test_nothing_drawn_changes_nothing() -> None:
    image = np.arange(784, dtype=np.uint8).reshape(28, 28)
    assert (retouch(image, None) == image).all()
    assert (retouch(image, np.zeros((280, 280, 4), np.uint8)) == image).all()
