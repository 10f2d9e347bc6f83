"""Views of a matrix, against scikit-learn's normalisations and SciPy's clustering."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from emnist_core.evaluation.matrix import colour, difference, order, shares
from tests.helpers.evaluations import evaluation


@pytest.mark.parametrize(("shown", "normalize"), [("share", "true"), ("predicted", "pred"), ("count", None)])
def test_shares_are_scikit_learns(shown: str, normalize: str | None) -> None:
    made = evaluation(n=400)
    expected = confusion_matrix(made.true, made.predicted, labels=range(47), normalize=normalize)
    assert shares(made.confusion, shown) == pytest.approx(expected)


@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.sampled_from(["class", "error", "similar"]))
def test_an_order_is_a_permutation(seed: int, classes: int, by: str) -> None:
    counts = np.random.default_rng(seed).integers(0, 30, (classes, classes))
    assert sorted(order(counts, by)) == list(range(classes))


def test_errors_come_first_and_the_confused_stand_together() -> None:
    counts = np.diag([90] * 6)
    counts[0, 5] = counts[5, 0] = 40
    counts[3, 1] = 10
    assert list(order(counts, "error")[:3]) == [0, 5, 3]
    places = np.argsort(order(counts, "similar"))
    assert abs(places[0] - places[5]) == 1
    assert abs(places[1] - places[3]) == 1


@pytest.mark.parametrize("scale", ["root", "log", "straight"])
def test_colour_grows_with_the_value_and_leaves_nothing_out(scale: str) -> None:
    values = np.array([0, 1, 2, 50, 400.0])
    found = colour(values, scale)
    assert np.isnan(found[0])
    assert (np.diff(found[1:]) > 0).all()
    assert found[1] > 0
    assert np.isnan(colour(np.zeros(3), scale)).all()


def test_difference_of_matrices() -> None:
    first, second = evaluation(seed=1), evaluation(seed=2)
    assert difference(first.confusion, second.confusion).sum() == 0
