"""The orders of a gallery."""

import numpy as np
import pytest

from emnist_core.evaluation.matrix import TITLES, margin, sort_indices, typicality
from tests.helpers.evaluations import evaluation


def test_orders_are_permutations_by_their_key() -> None:
    made = evaluation(n=500)
    images = np.random.default_rng(1).integers(0, 256, (500, 28, 28)).astype(np.uint8)
    rows = np.flatnonzero(made.true == 3)
    found = {by: sort_indices(made, rows, by, images) for by in TITLES}
    for order in found.values():
        assert sorted(order) == list(rows)
    assert (np.diff(made.confidence[found["confidence"]]) <= 0).all()
    assert (np.diff(margin(made, found["margin"])) >= 0).all()
    assert list(found["typical"]) == list(found["untypical"][::-1])
    assert list(sort_indices(made, rows, "typical")) == list(found["confidence"])
    assert len(sort_indices(made, rows[:0], "typical", images)) == 0


def test_margin_is_best_less_second() -> None:
    made = evaluation(n=40)
    best = np.sort(made.probabilities, axis=1)
    assert margin(made, np.arange(40)) == pytest.approx(best[:, -1] - best[:, -2])


def test_typicality_is_the_correlation_with_the_mean() -> None:
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28)).astype(np.uint8)
    mean = images.mean(axis=0).ravel()
    expected = [np.corrcoef(image.ravel(), mean)[0, 1] for image in images]
    assert typicality(images, images) == pytest.approx(expected)
    assert typicality(np.zeros((1, 28, 28), np.uint8), images) == 0
