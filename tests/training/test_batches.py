"""Batches: every row once an epoch, scaled and padded for the network."""

from itertools import chain

import numpy as np
import pytest

from emnist_core.serving.network_input import network_input
from emnist_core.training.batches import Batches

ROWS = 23


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Images that can be told apart: row i is filled with i."""
    return np.broadcast_to(np.arange(ROWS, dtype=np.uint8)[:, None, None], (ROWS, 28, 28))


def rows_of(batches: Batches) -> list[list[int]]:
    """The rows that each batch holds."""
    return [np.rint(batches[i][0][:, 14, 14, 0] * 255).astype(int).tolist() for i in range(len(batches))]


def test_in_order_without_a_seed(images: np.ndarray):
    batches = Batches(images, np.arange(ROWS) % 5, 5, 28, batch_size=10)
    assert rows_of(batches) == [list(range(10)), list(range(10, 20)), [20, 21, 22]]
    batches.go_to(1)
    assert rows_of(batches)[0] == list(range(10))


def test_a_last_batch_of_too_few_images_is_left_out(images: np.ndarray):
    sizes = {
        fewest: [
            len(rows) for rows in rows_of(Batches(images, np.arange(ROWS) % 5, 5, 28, batch_size=10, fewest=fewest))
        ]
        for fewest in (1, 3, 4)
    }
    assert sizes == {1: [10, 10, 3], 3: [10, 10, 3], 4: [10, 10]}


def test_a_seed_shuffles_anew_every_epoch_and_the_same_way_again(images: np.ndarray):
    def epochs(seed: int) -> list[list[list[int]]]:
        batches = Batches(images, np.arange(ROWS) % 5, 5, 28, batch_size=10, seed=seed)
        first = rows_of(batches)
        batches.go_to(1)
        return [first, rows_of(batches)]

    first, second = epochs(seed=4)
    assert sorted(chain(*first)) == sorted(chain(*second)) == list(range(ROWS))
    assert first != second
    assert [first, second] == epochs(seed=4)
    assert [first, second] != epochs(seed=5)


def test_each_image_keeps_its_label(images: np.ndarray):
    labels = np.arange(ROWS) * 7 % 5
    batches = Batches(images, labels, 5, 28, batch_size=6, seed=1)
    for index, rows in enumerate(rows_of(batches)):
        targets = batches[index][1]
        assert targets.dtype == np.float32
        np.testing.assert_array_equal(targets.argmax(axis=1), labels[rows])
        np.testing.assert_array_equal(targets.sum(axis=1), 1)


@pytest.mark.parametrize("size", [28, 32])
def test_the_networks_input_is_the_image_in_the_middle_from_0_to_1(size: int):
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 0, 0], image[0, 27, 27], image[0, 5, 9] = 255, 51, 128
    found = network_input(image, size)
    margin = (size - 28) // 2
    assert (found.shape, found.dtype) == ((1, size, size, 1), np.float32)
    assert found[0, margin, margin, 0] == 1
    assert found[0, margin + 27, margin + 27, 0] == pytest.approx(0.2)
    assert found[0, margin + 5, margin + 9, 0] == pytest.approx(128 / 255)
    assert np.count_nonzero(found) == 3
