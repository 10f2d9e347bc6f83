"""A morph begins and ends with the images themselves and moves ink rather than fading it."""

import numpy as np
import pytest

from emnist_core import data
from emnist_core.explain.morph import morph


def test_ends_are_the_images() -> None:
    images = data.load("balanced", "test", "sample").images
    found = morph(images[3], images[900], 9)
    assert found.shape == (9, 28, 28)
    assert (found[0] == images[3]).all()
    assert (found[-1] == images[900]).all()


def test_a_stroke_moves_and_keeps_its_ink() -> None:
    first, second = np.zeros((2, 28, 28), np.uint8)
    first[:, 6:10] = 255
    second[:, 8:12] = 255
    middle = morph(first, second, 3)[1].mean(axis=0)
    assert middle.argmax() in (8, 9)
    assert middle[8:10] == pytest.approx(255, rel=0.1)
    assert middle.mean() == pytest.approx(first.mean(), rel=0.05)


def test_blank_paper_is_no_obstacle() -> None:
    blank = np.zeros((28, 28), np.uint8)
    assert morph(blank, blank, 4).max() <= 1
