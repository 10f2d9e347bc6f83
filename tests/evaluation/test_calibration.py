"""Reliability and the reject curve against scikit-learn and against plain counting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score

from emnist_core.evaluation.calibration import answered_at, expected_calibration_error, reject_curve, reliability
from tests.helpers.evaluations import evaluation


def made(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    confidence = random.random(n).astype(np.float32).round(2)
    return confidence, random.random(n) < confidence


@given(st.integers(0, 2**32 - 1), st.integers(1, 400), st.integers(1, 20))
def test_bins_are_scikit_learns(seed: int, n: int, bins: int) -> None:
    confidence, right = made(seed, n)
    table = reliability(confidence, right, bins)
    accuracy, mean = calibration_curve(right, confidence, n_bins=bins) if len(set(right)) == 2 else (None, None)
    assert table["n"].sum() == n
    if accuracy is not None:
        assert table["accuracy"].to_numpy() == pytest.approx(accuracy)
        assert table["confidence"].to_numpy() == pytest.approx(mean, abs=1e-6)
    assert (table["accuracy_low"] <= table["accuracy"] + 1e-12).all()


def test_calibration_error_by_hand() -> None:
    confidence = np.array([0.95, 0.95, 0.55, 0.55], np.float32)
    table = reliability(confidence, np.array([True, True, True, False]), bins=10)
    assert expected_calibration_error(table) == pytest.approx((0.05 * 2 + 0.05 * 2) / 4, abs=1e-6)
    assert expected_calibration_error(table.iloc[:0]) == 0


@given(st.integers(0, 2**32 - 1), st.integers(1, 300))
def test_reject_curve_is_accuracy_above_a_threshold(seed: int, n: int) -> None:
    confidence, right = made(seed, n)
    curve = reject_curve(confidence, right, points=50)
    for row in curve.itertuples():
        kept = confidence >= row.threshold
        assert row.n == kept.sum()
        assert row.accuracy == pytest.approx(accuracy_score(np.ones(row.n), right[kept]))
    assert curve["answered"].iloc[-1] == 1
    assert curve["answered"].is_monotonic_increasing


def test_share_answered_at_an_accuracy() -> None:
    made_up = evaluation(n=2000)
    curve = reject_curve(made_up.confidence, made_up.predicted == made_up.true)
    assert answered_at(curve, 0) == 1
    assert 0 < answered_at(curve, 0.99) < 1
    assert answered_at(curve, 1.1) == 0


@pytest.mark.parametrize("seed", range(5))
def test_answerable_is_the_largest_share_above_any_threshold_that_is_99_percent_right(seed: int) -> None:
    made_up = evaluation(seed=seed, skill=2 + seed)
    right = made_up.predicted == made_up.true
    above = [made_up.confidence >= threshold for threshold in made_up.confidence]
    shares = [float(sure.mean()) for sure in above if right[sure].mean() >= 0.99]
    assert made_up.coverage_at_99 == pytest.approx(max(shares, default=0.0))
