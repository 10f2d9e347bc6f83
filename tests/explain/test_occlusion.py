"""Occlusion against a model that is known: it looks at one pixel."""

from typing import cast

import numpy as np
import pytest

from emnist_core.explain.occlusion import covered, occlusion
from emnist_core.serving.recognizer import Recognizer


class LooksAtOnePixel:
    """Says class 1 when there is ink at (10, 20), otherwise class 0."""

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        there = (images[:, 10, 20] > 0).astype(np.float32)
        return np.stack([1 - there, there], axis=1)


def image() -> np.ndarray:
    drawn = np.zeros((28, 28), np.uint8)
    drawn[8:13, 5:24] = 255
    return drawn


def test_only_pixels_near_the_one_that_counts_count() -> None:
    found = occlusion(cast(Recognizer, LooksAtOnePixel()), image(), (0, 1), patch=3, step=1)
    assert found.shape == (2, 28, 28)
    assert found[0] == pytest.approx(-found[1])
    assert np.unravel_index(found[1].argmax(), (28, 28)) == (10, 20)
    rows, columns = np.nonzero(found[1])
    assert abs(rows - 10).max() == 2
    assert abs(columns - 20).max() == 2
    assert found.max() == 1


def test_every_pixel_of_ink_is_covered_and_nothing_else_changes() -> None:
    images, masks = covered(image())
    assert (images[masks] == 0).all()
    assert (images[~masks] == np.broadcast_to(image(), images.shape)[~masks]).all()
    assert masks.any(axis=0)[image() > 0].all()


def test_blank_paper_speaks_for_nothing() -> None:
    found = occlusion(cast(Recognizer, LooksAtOnePixel()), np.zeros((28, 28), np.uint8), (0,))
    assert not found.any()
