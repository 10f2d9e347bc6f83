"""Going through mapped images: all of them, in order, and in little memory."""

import sys

import numpy as np
import pytest

from emnist_core.data import streaming
from emnist_core.data.dataset import content_hash
from tests.helpers.noise import cached, noise, resident


@pytest.mark.parametrize("count", [1, 99, 100, 101, 1000])
def test_pieces_are_all_of_it_in_order(count: int) -> None:
    images = np.arange(count)
    found = list(streaming.pieces(images, 100))
    assert np.array_equal(np.concatenate([piece for _, piece in found]), images)
    assert [start for start, _ in found] == list(range(0, count, 100))


def test_no_images_are_no_pieces() -> None:
    assert list(streaming.pieces(np.zeros((0, 28, 28)))) == []


def test_what_was_given_back_can_be_read_again() -> None:
    made = noise(500)
    mapped = cached(made)
    streaming.release(mapped.images[10:20])
    assert np.array_equal(mapped.images, made.images)
    rows = np.array([499, 0, 7, 7])
    assert np.array_equal(streaming.gather(mapped.images, rows), made.images[rows])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts memory as Linux does")
def test_a_pass_leaves_nothing_behind() -> None:
    mapped = cached(noise(60_000))
    before = resident("RssFile")
    assert sum(int(piece[0, 0, 0]) for _, piece in streaming.pieces(mapped.images))
    assert resident("RssFile") < before + 5_000_000
    assert int(mapped.images.sum(dtype=np.int64)) > 0
    assert resident("RssFile") > before + 40_000_000


def test_a_large_array_is_the_same_from_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    images = noise(3000).images
    chunks = [images[start : start + 700] for start in range(0, 3000, 700)]
    in_memory = streaming.collect(iter(chunks))
    monkeypatch.setattr(streaming, "IN_MEMORY", 1_000_000)
    in_a_file = streaming.collect(iter(chunks))
    assert isinstance(in_a_file.base, np.memmap)
    assert np.array_equal(in_memory, images)
    assert np.array_equal(in_a_file, images)
    labels = np.zeros(3000, np.int64)
    assert content_hash(in_a_file, labels) == content_hash(images, labels)
