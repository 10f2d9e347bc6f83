"""McNemar's test and the interval of a paired difference against statsmodels."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.weightstats import DescrStatsW

from emnist_core.errors import RunError
from emnist_core.evaluation.comparison import compare, disagreements, mcnemar_p
from tests.helpers.evaluations import evaluation


@given(st.integers(0, 400), st.integers(0, 400))
def test_p_is_statsmodels_exact_mcnemar(first: int, second: int) -> None:
    if first + second == 0:
        assert mcnemar_p(0, 0) == 1
        return
    expected = mcnemar([[50, first], [second, 7]], exact=True).pvalue
    assert mcnemar_p(first, second) == pytest.approx(min(expected, 1.0), rel=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(3, 500), st.floats(0.05, 0.95))
def test_interval_is_that_of_the_mean_difference(seed: int, n: int, share: float) -> None:
    random = np.random.default_rng(seed)
    first, second = random.random(n) < share, random.random(n) < 0.7
    found = compare(first, second)
    low, high = DescrStatsW(first.astype(float) - second).zconfint_mean()
    if np.isnan(low):
        low = high = found.difference
    assert (found.low, found.high) == pytest.approx((max(low, -1), min(high, 1)), abs=1e-9)
    assert found.both + found.first_only + found.second_only + found.neither == found.n == n
    assert found.difference == pytest.approx(first.mean() - second.mean())


def test_disagreements_are_the_images_read_differently() -> None:
    first, second = evaluation(seed=1), evaluation(seed=2, skill=2)
    frame = disagreements(first, second)
    assert set(frame["row"]) == set(np.flatnonzero(first.predicted != second.predicted))
    assert frame["confidence"].is_monotonic_decreasing
    right = frame[frame["who"] == "first"]
    assert (first.predicted[right["row"]] == first.true[right["row"]]).all()
    found = compare(first.predicted == first.true, second.predicted == second.true)
    assert found.first_only == len(right)
    assert found.second_only == (frame["who"] == "second").sum()


def test_different_images_are_not_compared() -> None:
    first = evaluation()
    with pytest.raises(RunError, match="not evaluated on the same images"):
        disagreements(first, replace(first, data_sha256="f" * 64))
