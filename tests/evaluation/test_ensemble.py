"""Ensembles and views beside SciPy's shift and means taken by hand."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from emnist_core import data, runs
from emnist_core.data import image_hashes
from emnist_core.errors import RunError
from emnist_core.evaluation import ensemble
from emnist_core.runs import Run, checksums
from emnist_core.serving.recognizer import Recognizer

DATASET = data.load("balanced", "test", "sample").take(np.arange(60))
LENET, VANILLA = runs.find("lenet5"), runs.find("vanilla-cnn")


@given(arrays.arrays(np.uint8, (2, 6, 5)), st.integers(-4, 4), st.integers(-4, 4))
def test_images_move_as_scipy_moves_them(images: np.ndarray, down: int, right: int) -> None:
    expected = ndimage.shift(images, (0, down, right), order=0, cval=0)
    assert (ensemble.moved(images, down, right) == expected).all()


def test_each_run_alone_and_all_together_on_one_view_and_on_five() -> None:
    found = ensemble.evaluate([LENET, VANILLA], DATASET)
    assert [(asked.evaluation.run_name, asked.views) for asked in found] == [
        ("lenet5", 1), ("vanilla-cnn", 1), ("lenet5", 5), ("vanilla-cnn", 5),
        ("lenet5 + vanilla-cnn", 1), ("lenet5 + vanilla-cnn", 5),
    ]  # fmt: skip
    places = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]
    views = [ndimage.shift(DATASET.images, (0, *place), order=0, cval=0) for place in places]
    by_hand = np.mean([Recognizer(run).probabilities(view) for run in (LENET, VANILLA) for view in views], axis=0)
    together = found[-1].evaluation
    assert together.probabilities == pytest.approx(by_hand, abs=1e-6)
    assert together.accuracy == np.mean(by_hand.argmax(axis=1) == DATASET.labels)
    assert (together.n, together.left_out) == (60, 0)


@pytest.fixture
def trained_on_some(tmp_path: Path) -> Run:
    """LeNet-5, as if it had been trained on the first ten of the images."""
    folder = tmp_path / "peeked"
    shutil.copytree(LENET.path, folder, ignore=shutil.ignore_patterns("evaluation"))
    run = Run(folder)
    with checksums.renewing(run.trained_on_file):
        image_hashes.save(run.trained_on_file, DATASET.images[:10])
    return run


def test_what_one_of_them_was_trained_on_is_left_out_of_all(trained_on_some: Run) -> None:
    found = ensemble.evaluate([LENET, trained_on_some], DATASET)
    assert {asked.evaluation.n for asked in found} == {50}
    assert (found[0].evaluation.rows == np.arange(10, 60)).all()
    with pytest.raises(RunError, match="was trained on every image"):
        ensemble.evaluate([LENET, trained_on_some], DATASET.take(np.arange(10)))


def test_runs_with_other_classes_cannot_be_asked() -> None:
    with pytest.raises(RunError, match="knows other classes than Digits; leave it out"):
        ensemble.evaluate([LENET], data.load("digits", "test", "sample"))
