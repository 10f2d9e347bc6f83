"""Wilson's interval against statsmodels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from emnist_core.evaluation.intervals import in_words, share_in_words, wilson


@given(st.integers(1, 20_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_statsmodels(counts: tuple[int, int]) -> None:
    right, n = counts
    assert wilson(right, n) == pytest.approx(proportion_confint(right, n, method="wilson"), abs=1e-12)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert share_in_words(0, 0) == "none yet"
    assert share_in_words(17, 20) == "85.0% (95 %: 64.0–94.8, n = 20)"


def test_a_difference_is_written_with_signs() -> None:
    assert in_words(-0.0051, 0.0123, signed=True) == "-0.5 to +1.2"
