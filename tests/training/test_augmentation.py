"""Augmentation, compared with SciPy's interpolation."""

import keras
import numpy as np
import pytest
from scipy import ndimage

from emnist_core import data
from emnist_core.training import augmentation
from emnist_core.training.augmentation import Augment, sample

KINDS = pytest.mark.parametrize("elastic", [False, True], ids=["affine", "elastic"])


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Characters, float32 (64, 28, 28, 1) in [0, 1]."""
    return data.load("balanced", "train", "sample").images[:64, ..., np.newaxis].astype(np.float32) / 255


def varied(images: np.ndarray, elastic: bool, seed: int = 5) -> np.ndarray:
    return keras.ops.convert_to_numpy(Augment(elastic, seed)(images, training=True))


@pytest.mark.parametrize("size", [28, 32])
def test_sampling_is_scipys_bilinear_interpolation_with_paper_outside(size: int):
    random = np.random.default_rng(1)
    images = random.random((5, size, size, 1), dtype=np.float32)
    # Positions in, on the edge of, and far outside the image.
    rows, columns = random.uniform(-size, 2 * size, (2, 5, size, size)).astype(np.float32)
    rows[0], columns[0] = random.integers(-2, size + 2, (2, size, size))
    found = keras.ops.convert_to_numpy(sample(images, rows, columns))
    # SciPy's constant mode cuts off at the last pixel; a border of paper makes it fade as here.
    bordered = np.pad(images[..., 0], ((0, 0), (1, 1), (1, 1)))
    expected = [
        ndimage.map_coordinates(image, [row + 1, column + 1], order=1, mode="constant", cval=0)
        for image, row, column in zip(bordered, rows, columns, strict=True)
    ]
    np.testing.assert_allclose(found[..., 0], expected, atol=1e-5)


def test_sampling_at_the_pixels_themselves_gives_the_image(images: np.ndarray):
    rows, columns = (grid.astype(np.float32)[np.newaxis].repeat(64, axis=0) for grid in np.indices((28, 28)))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(sample(images, rows, columns)), images, atol=1e-6)


@KINDS
def test_nothing_is_varied_outside_training(images: np.ndarray, elastic: bool):
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(Augment(elastic, 1)(images, training=False)), images)


@KINDS
def test_shape_type_and_range_stay(images: np.ndarray, elastic: bool):
    found = varied(images, elastic)
    assert (found.shape, found.dtype) == (images.shape, np.float32)
    assert found.min() >= 0
    assert found.max() <= 1 + 1e-6


@KINDS
def test_every_image_is_varied_in_its_own_way(images: np.ndarray, elastic: bool):
    found = varied(np.repeat(images[:1], 8, axis=0), elastic)
    assert all(not np.allclose(found[0], other, atol=0.02) for other in found[1:])


@KINDS
def test_a_seed_gives_the_same_variation_again(images: np.ndarray, elastic: bool):
    np.testing.assert_array_equal(varied(images, elastic, seed=5), varied(images, elastic, seed=5))
    assert not np.allclose(varied(images, elastic, seed=5), varied(images, elastic, seed=6))


@KINDS
def test_characters_are_never_flipped_nor_turned(elastic: bool):
    """Each quarter of an image keeps its ink: four grey levels in four corners stay where they are."""
    image = np.zeros((28, 28), np.float32)
    corners = {(7, 7): 0.25, (7, 20): 0.5, (20, 7): 0.75, (20, 20): 1.0}
    for (row, column), level in corners.items():
        image[row - 4 : row + 5, column - 4 : column + 5] = level
    found = varied(np.repeat(image[np.newaxis, ..., np.newaxis], 500, axis=0), elastic)
    for (row, column), level in corners.items():
        np.testing.assert_allclose(found[:, row, column, 0], level, atol=1e-4)


@KINDS
def test_a_point_moves_no_further_than_the_constants_say(elastic: bool):
    """The ink of a dot 8 pixels from the middle stays within the largest displacement there."""
    image = np.zeros((28, 28), np.float32)
    image[13:15, 21:23] = 1
    found = varied(np.repeat(image[np.newaxis, ..., np.newaxis], 500, axis=0), elastic)[..., 0]
    mass = found.sum(axis=(1, 2))
    assert mass.min() > 0
    rows, columns = np.arange(28.0)[:, np.newaxis], np.arange(28.0)
    down = (found * rows).sum(axis=(1, 2)) / mass - 13.5
    right = (found * columns).sum(axis=(1, 2)) / mass - 21.5
    turn = 8 * (augmentation.ROTATION + augmentation.SHEAR + augmentation.SCALE)
    furthest = augmentation.SHIFT + turn + (augmentation.ELASTIC * 1.5 if elastic else 0) + 1
    assert max(np.abs(down).max(), np.abs(right).max()) < furthest
    # And it does move: about as far as shifts alone would move it.
    assert np.abs(down).max() > 1
    assert np.abs(right).max() > 1
    assert abs(down.mean()) < 0.3
    assert abs(right.mean()) < 0.3


def test_elastic_bends_a_straight_line_and_affine_does_not():
    image = np.zeros((28, 28), np.float32)
    image[:, 13:15] = 1
    rows = np.arange(4, 24)

    def bend(elastic: bool) -> float:
        found = varied(np.repeat(image[np.newaxis, ..., np.newaxis], 100, axis=0), elastic)[..., 0][:, rows]
        middles = (found * np.arange(28)).sum(axis=2) / found.sum(axis=2)
        straight = np.array([np.polyval(np.polyfit(rows, middle, 1), rows) for middle in middles])
        return float(np.abs(middles - straight).max(axis=1).mean())

    assert bend(elastic=False) < 0.1
    assert bend(elastic=True) > 0.2


def test_an_elastic_field_has_no_creases():
    """Neighbouring pixels are displaced alike: the field's second difference is small everywhere."""
    ramp = np.broadcast_to(np.linspace(0, 1, 28, dtype=np.float32)[:, np.newaxis], (28, 28))
    found = varied(np.repeat(ramp[np.newaxis, ..., np.newaxis], 50, axis=0), elastic=True)[:, 5:-5, 5:-5, 0]
    for axis in (1, 2):
        assert np.abs(np.diff(found, 2, axis=axis)).max() < 0.5 / 27
