"""Mixed images, against what their targets say of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emnist_core.training.batches import Batches
from emnist_core.training.mixing import MIXES

COUNT, SIZE = 8, 28
EYE = np.eye(COUNT, dtype=np.float32)
# Image i has i + 1 everywhere, so that a pixel says whose it is.
FLAT = np.broadcast_to(np.arange(1, COUNT + 1, dtype=np.float32)[:, None, None, None], (COUNT, SIZE, SIZE, 1))


@given(seed=st.integers(0, 10_000))
def test_mixup_is_the_mean_that_its_target_says(seed: int):
    inputs, targets = MIXES["mixup"](FLAT, EYE, np.random.default_rng(seed))
    assert targets.sum(axis=1) == pytest.approx(np.ones(COUNT))
    assert inputs[:, 0, 0, 0] == pytest.approx(targets @ np.arange(1, COUNT + 1), rel=1e-5)
    assert np.ptp(inputs, axis=(1, 2)).max() == 0


@given(seed=st.integers(0, 10_000))
def test_cutmix_has_as_much_of_either_image_as_its_target_says(seed: int):
    inputs, targets = MIXES["cutmix"](FLAT, EYE, np.random.default_rng(seed))
    for image, target in zip(inputs, targets, strict=True):
        found = [float(np.mean(image == i + 1)) for i in range(COUNT)]
        assert found == pytest.approx(list(target), abs=1e-5)
        assert set(np.unique(image)) <= set(range(1, COUNT + 1))


@pytest.mark.parametrize("name", ["mixup", "cutmix"])
def test_a_batch_is_mixed_by_seed_epoch_and_place_and_the_order_stays(name: str):
    images, labels = (255 * np.arange(16)[:, None, None] // 16 + np.zeros((16, 28, 28))).astype(np.uint8), np.arange(16)
    plain, _ = Batches(images, labels, 16, SIZE, 16, 3)[0]
    mixed, targets = Batches(images, labels, 16, SIZE, 16, 3, MIXES[name])[0]
    assert np.array_equal(plain[:, 0, 0, 0], images[:, 0, 0] / np.float32(255))
    assert not np.array_equal(plain, mixed)
    assert mixed.dtype == targets.dtype == np.float32
    batches, unmixed = (Batches(images, labels, 16, SIZE, 5, 3, MIXES[mix]) for mix in (name, "none"))
    assert np.array_equal(batches[0][0], batches[0][0])
    before = batches[0][0]
    for each in (batches, unmixed):
        each.go_to(1)
    assert np.array_equal(batches.order, unmixed.order)
    assert not np.array_equal(before, batches[0][0])
