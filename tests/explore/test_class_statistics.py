"""Class statistics and likeness against NumPy's and scikit-learn's slow way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestCentroid

from emnist_core import data
from emnist_core.explore import likeness, selection, statistics
from tests.helpers.noise import cached, noise


@given(st.integers(0, 2**32 - 1), st.integers(1, 80), st.integers(1, 10))
@settings(max_examples=25, deadline=None)
def test_means_and_deviations_are_numpys(seed: int, count: int, classes: int) -> None:
    made = noise(count, classes, seed=seed)
    found = statistics.class_statistics(made.images, made.labels, 10)
    for label in range(10):
        own = made.images[made.labels == label].astype(float)
        assert found.counts[label] == len(own)
        assert found.mean[label] == pytest.approx(own.mean(axis=0) if len(own) else np.zeros((28, 28)), abs=1e-3)
        assert found.deviation[label] == pytest.approx(own.std(axis=0) if len(own) else np.zeros((28, 28)), abs=1e-2)


def test_more_images_than_a_piece() -> None:
    made = noise(20_000)
    found = statistics.class_statistics(made.images, made.labels, 10)
    own = made.images[made.labels == 3].astype(float)
    assert found.mean[3] == pytest.approx(own.mean(axis=0), abs=1e-3)
    assert found.deviation[3] == pytest.approx(own.std(axis=0), abs=1e-2)
    assert selection.ink_shares(made.images) == pytest.approx(made.images.mean(axis=(1, 2)) / 255, abs=1e-5)


def test_what_is_kept_is_what_was_computed() -> None:
    made = cached(noise(200))
    first, second = statistics.of(made), statistics.of(made)
    assert np.array_equal(first.mean, second.mean)
    assert np.array_equal(selection.ink_of(made), selection.ink_of(made))
    table = statistics.table(first, made.split.labels)
    assert table["images"].sum() == 200
    assert table["share"].sum() == pytest.approx(1)


def test_likeness_is_numpys() -> None:
    made = noise(300, classes=9)  # no image of the last class
    found = statistics.class_statistics(made.images, made.labels, 10)
    means = found.mean.reshape(10, -1).astype(float)
    assert likeness.correlations(found)[:9, :9] == pytest.approx(np.corrcoef(means[:9]), abs=1e-6)
    away = np.sqrt(((means[:9, np.newaxis] - means[:9]) ** 2).mean(axis=2)) / 255
    assert likeness.distances(found)[:9, :9] == pytest.approx(away, abs=1e-6)
    assert np.isnan(likeness.correlations(found)[9, :9]).all()
    assert np.isnan(likeness.distances(found)[9]).all()


def test_the_nearest_mean_is_scikit_learns() -> None:
    sample = data.load("digits", "test", "sample")
    found = statistics.class_statistics(sample.images, sample.labels, 10)
    flat = sample.images.reshape(len(sample), -1).astype(float)
    answers = NearestCentroid().fit(flat, sample.labels).predict(flat)
    counts = likeness.nearest_mean(sample.images, sample.labels, found)
    expected = np.zeros((10, 10), int)
    np.add.at(expected, (sample.labels, answers), 1)
    assert np.abs(counts - expected).sum() <= 2  # a tie in the last digit
    pairs = likeness.pairs(found, counts, sample.split.labels)
    assert len(pairs) == 45
    assert pairs["correlation"].is_monotonic_decreasing
    assert pairs["mistaken"].between(0, 1).all()


def test_cases_of_letters_need_a_split_that_keeps_them() -> None:
    made = noise(400, 62, split="byclass")
    found = statistics.class_statistics(made.images, made.labels, 62)
    frame = likeness.letter_cases(found, made.split.labels)
    assert len(frame) == 26
    row = frame[frame["letter"] == "K"].iloc[0]
    labels = made.split.labels
    means = found.mean.reshape(62, -1)
    expected = np.corrcoef(means[labels.index("K")], means[labels.index("k")])[0, 1]
    assert row["correlation"] == pytest.approx(expected, abs=1e-5)
    assert row["capitals"] == found.counts[labels.index("K")]
