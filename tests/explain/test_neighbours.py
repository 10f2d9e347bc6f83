"""Nearest images against scikit-learn's and SciPy's distances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from emnist_core.explain.neighbours import distances, nearest, pixels, rows_of, twins


@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_nearest_are_scikit_learns(seed: int, n: int) -> None:
    points = np.random.default_rng(seed).random((n, 5)).astype(np.float32)
    away, order = NearestNeighbors(n_neighbors=min(3, n)).fit(points).kneighbors(points[:1])
    found, length = nearest(points[0], points, 3)
    assert list(found) == list(order[0])
    assert length == pytest.approx(away[0], abs=1e-3)
    assert distances(points, points[:2]) == pytest.approx(cdist(points, points[:2]), abs=1e-3)


def test_twins_are_the_closest_and_each_is_in_one_pair() -> None:
    random = np.random.default_rng(0)
    first, second = random.random((30, 4)).astype(np.float32), random.random((20, 4)).astype(np.float32)
    found = twins(first, second, 8)
    away = cdist(first, second)
    assert found[0][2] == pytest.approx(away.min(), abs=1e-3)
    assert [length for *_, length in found] == sorted(length for *_, length in found)
    assert len({i for i, *_ in found}) == len({j for _, j, _ in found}) == 8
    assert len(twins(first[:2], second, 8)) == 2


def test_rows_are_spread_evenly_when_there_are_too_many() -> None:
    labels = np.repeat([0, 1], 100)
    assert list(rows_of(labels, 1)) == list(range(100, 200))
    few = rows_of(labels, 1, most=10)
    assert len(few) == 10
    assert (few[0], few[-1]) == (100, 199)
    assert pixels(np.full((2, 28, 28), 255, np.uint8)).shape == (2, 784)
