"""Features of a shipped model."""

import numpy as np
import pytest

from emnist_core import data, runs
from emnist_core.serving.features import features, log_answers
from emnist_core.serving.recognizer import recognizer


@pytest.mark.parametrize("name", ["lenet5", "lenet5-v2"])
def test_the_last_layer_tells_classes_apart(name: str) -> None:
    dataset = data.load("balanced", "test", "sample")
    rows = np.flatnonzero(dataset.labels < 3)
    points, what = features(runs.find(name), dataset.images[rows])
    assert points.shape == (len(rows), 84)
    assert "last layer" in what
    middle = np.stack([points[dataset.labels[rows] == label].mean(axis=0) for label in range(3)])
    nearest = ((points[:, None] - middle) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == dataset.labels[rows]).mean() > 0.8


def test_answers_stand_in_for_features() -> None:
    images = data.load("balanced", "test", "sample").images[:5]
    found = log_answers(recognizer(runs.find("lenet5")), images)
    assert np.exp(found).sum(axis=1) == pytest.approx(1, abs=1e-4)
