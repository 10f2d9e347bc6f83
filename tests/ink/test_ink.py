"""The conversion of ink to EMNIST images: each step, the statistics, odd and empty canvases."""

import gzip
import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scipy import ndimage

from emnist_core import paths
from emnist_core.errors import ImageError
from emnist_core.ink import conversion
from tests.helpers.drawings import box, drawing, likeness
from tests.helpers.sentences import assert_is_a_sentence
from tools.make_sample import EMNIST, statistics

SAMPLE = paths.PROJECT / "emnist_core/data/sample.npz"

# Tolerances of a measured statistic about the published one, in the statistic's own unit: what differs by
# choice of writers (weight, share of a box size) is allowed more than what the conversion alone decides.
TOLERANCES = (4, 6, 2, 1, 12, 5, 12, 12, 12, 12, 12, 12, 1, 0.3, 0.3, 0.3, 0.3)


# --- the steps, against slow references


@pytest.fixture(scope="module")
def steps() -> dict[str, np.ndarray]:
    return {step.title: step.image for step in conversion.convert(drawing()).steps}


def test_the_steps_are_those_of_the_paper_in_order(steps: dict[str, np.ndarray]) -> None:
    assert list(steps) == ["Ink", "Scan", "Blur", "Crop", "Square", "28×28", "EMNIST"]
    assert all(image.dtype == np.uint8 and image.ndim == 2 for image in steps.values())
    assert all(step.explanation.endswith(".") for step in conversion.convert(drawing()).steps)


def test_the_scan_is_binary_128_and_has_strokes_of_some_pixels(steps: dict[str, np.ndarray]) -> None:
    scan = steps["Scan"]
    assert scan.shape == (128, 128)
    assert set(np.unique(scan)) == {0, 255}
    top, bottom, left, right = box(scan)
    assert 24 <= max(bottom - top, right - left) + 1 <= 58
    runs = np.diff(np.flatnonzero(np.diff(scan[top + 5] > 0)))  # across the two uprights near the top
    assert 4 <= runs[0] <= 9


def test_the_blur_is_a_gaussian_of_one_pixel(steps: dict[str, np.ndarray]) -> None:
    offsets = np.arange(-4, 5)
    weights = np.exp(-(offsets**2) / 2)
    kernel = np.outer(weights, weights) / weights.sum() ** 2
    padded = np.pad(steps["Scan"] / 255, 4)
    slow = np.array([[(padded[y : y + 9, x : x + 9] * kernel).sum() for x in range(128)] for y in range(128)])
    assert np.abs(slow * 255 - steps["Blur"]).max() <= 0.51


def test_the_crop_holds_all_ink_and_its_soft_edge_and_no_more(steps: dict[str, np.ndarray]) -> None:
    top, bottom, left, right = box(steps["Scan"])
    assert np.array_equal(steps["Crop"], steps["Blur"][top - 4 : bottom + 5, left - 4 : right + 5])


def test_the_square_has_the_crop_in_its_middle_with_two_pixels_of_border(
    steps: dict[str, np.ndarray],
) -> None:
    crop, square = steps["Crop"], steps["Square"]
    height, width = crop.shape
    assert square.shape == (max(crop.shape) + 4,) * 2
    top, left = (square.shape[0] - height) / 2, (square.shape[1] - width) / 2
    assert min(top, left) == 2
    inside = square[int(top) : int(top) + height, int(left) : int(left) + width]
    assert (top % 1, left % 1) == (0, 0)  # the middle, not half a pixel off
    assert np.array_equal(inside, crop)
    assert square.sum() == crop.sum()


def test_the_downsampling_is_bicubic(steps: dict[str, np.ndarray]) -> None:
    def cubic(t: float) -> float:  # Keys, 1981, with a = -0.5
        t = abs(t)
        if t < 1:
            return 1.5 * t**3 - 2.5 * t**2 + 1
        return -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2 if t < 2 else 0.0

    square = steps["Square"].astype(float)
    side = len(square)
    at = (np.arange(28) + 0.5) * side / 28 - 0.5
    weights = np.array([[cubic(position - pixel) for pixel in range(side)] for position in at])
    slow = np.clip(weights @ square @ weights.T, 0, 255)
    assert np.abs(slow - steps["28×28"]).max() <= 2  # the reference starts from rounded values


def test_the_last_step_stretches_to_255(steps: dict[str, np.ndarray]) -> None:
    small, final = steps["28×28"].astype(float), steps["EMNIST"]
    assert final.max() == 255
    assert np.abs(small * 255 / small.max() - final).max() <= 3  # bicubic overshoot is not in ``small``
    assert conversion.convert(drawing()).image.shape == (28, 28)


def test_a_thin_pen_is_thickened_to_what_occurs_in_emnist() -> None:
    thin, normal = (conversion.convert(drawing(width=w)).image for w in (2, 18))
    assert (thin > 127).mean() > 0.6 * (normal > 127).mean()
    assert likeness(thin, normal) > 0.85


def test_aspect_is_kept() -> None:
    tall = np.zeros((280, 280), np.uint8)
    tall[20:260, 130:150] = 255
    top, bottom, left, right = box(conversion.convert(tall).image > 127)
    assert bottom - top >= 19
    assert right - left <= 3


def test_a_speck_does_not_move_the_character() -> None:
    speckled = drawing()
    speckled[270, 270] = speckled[5:7, 100] = 255
    assert np.array_equal(conversion.convert(speckled).image, conversion.convert(drawing()).image)


def test_a_conversion_is_quick() -> None:
    picture = drawing()
    fastest = min(_seconds(lambda: conversion.convert(picture)) for _ in range(10))
    assert fastest < 0.05  # some 5 ms on a free machine


def _seconds(work: object) -> float:
    start = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - start


# --- statistics


@pytest.mark.parametrize("part", ["train", "test"])
def test_the_sample_has_the_statistics_of_emnist(part: str) -> None:
    with np.load(SAMPLE) as arrays:
        _compare(statistics(arrays[f"{part}_images"]))


def _compare(measured: dict[str, float]) -> None:
    for (name, value), real, tolerance in zip(measured.items(), EMNIST, TOLERANCES, strict=True):
        assert abs(value - real) <= tolerance, f"{name}: {value:.1f}, published {real}"


@pytest.fixture(scope="module")
def real_images() -> np.ndarray:
    """Up to 5,000 upright test images of real EMNIST from the folder that EMNIST_TEST_DATA names."""
    folder = os.environ.get("EMNIST_TEST_DATA")
    if not folder:
        pytest.skip("EMNIST_TEST_DATA names no folder with real EMNIST files")
    with gzip.open(Path(folder) / "emnist-balanced-test-images-idx3-ubyte.gz") as file:
        data = np.frombuffer(file.read(), np.uint8, offset=16)
    return data.reshape(-1, 28, 28).transpose(0, 2, 1)[:5000]


def test_real_images_have_the_published_statistics(real_images: np.ndarray) -> None:
    _compare(statistics(real_images))


def test_reconverting_real_shapes_gives_the_real_images_back(real_images: np.ndarray) -> None:
    real = real_images[:400]
    shapes = [ndimage.zoom(image.astype(np.float32), 10, order=1) > 127 for image in real]
    again = np.stack([conversion.convert(shape.astype(np.uint8) * 255).image for shape in shapes])
    assert np.mean([likeness(a, b) for a, b in zip(real, again, strict=True)]) > 0.95
    before, after = statistics(real), statistics(again)
    assert abs(before["pixels over 127, %"] - after["pixels over 127, %"]) < 1.5
    assert abs(before["mean of all pixels"] - after["mean of all pixels"]) < 3


# --- properties

coordinates = st.floats(0, 1, allow_nan=False)
strokes = st.lists(st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=5), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(strokes, st.integers(60, 400), st.floats(0.02, 0.12))
def test_whatever_is_drawn_becomes_a_centred_image_or_a_sentence(
    drawn: list[list[tuple[float, float]]], side: int, pen: float
) -> None:
    picture = Image.new("L", (side, side))
    for stroke in drawn:
        points = [(x * side, y * side) for x, y in stroke]
        ImageDraw.Draw(picture).line(points, fill=255, width=max(1, round(pen * side)))
    try:
        image = conversion.convert(np.asarray(picture)).image
    except ImageError as error:
        assert_is_a_sentence(error)
        return
    assert image.dtype == np.uint8
    assert image.shape == (28, 28)
    assert image.max() == 255
    top, bottom, left, right = box(image)
    assert abs(top + bottom - 27) <= 2  # a faint tip may be lost in rounding
    assert abs(left + right - 27) <= 2
    assert 22 <= max(bottom - top, right - left) + 1 <= 26


@settings(max_examples=30, deadline=None)
@given(st.integers(-30, 60), st.integers(-30, 30))
def test_where_it_is_drawn_does_not_matter(across: int, down: int) -> None:
    assert np.array_equal(conversion.convert(drawing()).image, conversion.convert(drawing(move=(across, down))).image)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.3, 1.2), st.integers(200, 700))
def test_how_large_it_is_drawn_hardly_matters(scale: float, side: int) -> None:
    image = conversion.convert(drawing(side, scale=scale)).image
    assert likeness(image, conversion.convert(drawing()).image) > 0.9  # a small drawing has coarse edges


# --- what is no character


def test_an_untouched_canvas_says_to_draw() -> None:
    with pytest.raises(ImageError, match="Draw a character"):
        conversion.convert(np.zeros((280, 280), np.uint8))


def test_a_filled_canvas_says_to_clear() -> None:
    filled = np.full((280, 280), 255, np.uint8)
    filled[:40] = 0
    with pytest.raises(ImageError, match="clear it"):
        conversion.convert(filled)


@pytest.mark.parametrize("radius", [1, 3, 9, 60])
def test_a_dot_or_blob_is_no_character(radius: int) -> None:
    picture = Image.new("L", (280, 280))
    ImageDraw.Draw(picture).ellipse((140 - radius, 140 - radius, 140 + radius, 140 + radius), fill=255)
    with pytest.raises(ImageError, match="dot or a blob"):
        conversion.convert(np.asarray(picture))


def test_a_dash_and_an_upright_are_characters() -> None:
    for size in ((20, 120), (120, 20)):
        picture = np.zeros((280, 280), np.uint8)
        picture[80 : 80 + size[0], 80 : 80 + size[1]] = 255
        assert conversion.convert(picture).image.max() == 255
