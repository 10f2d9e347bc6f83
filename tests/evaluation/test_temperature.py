"""Temperature scaling, held to distributions whose temperature is known."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from emnist_core import data, runs
from emnist_core.errors import RunError
from emnist_core.evaluation import calibration
from emnist_core.runs import Run
from emnist_core.serving.recognizer import Recognizer
from tests.helpers.shipped import as_if_trained_on_the_sample, copy_of


def drawn(logits: np.ndarray, seed: int) -> np.ndarray:
    """A class for each row, drawn from the softmax of its logits."""
    random = np.random.default_rng(seed)
    return np.array([random.choice(len(row), p=row) for row in softmax(logits, axis=1)])


@pytest.mark.parametrize("true", [0.5, 1.0, 2.0])
def test_the_temperature_of_a_known_distribution_is_found(true: float):
    logits = np.random.default_rng(2).normal(0, 2, (6000, 10))
    labels = drawn(logits, 3)
    assert calibration.fit_temperature(softmax(logits * true, axis=1).astype(np.float32), labels) == pytest.approx(
        true, rel=0.06
    )


def test_weights_decide_which_images_count():
    logits = np.random.default_rng(4).normal(0, 2, (8000, 10))
    labels = drawn(logits, 5)
    first = np.arange(8000) < 4000
    probabilities = softmax(np.where(first[:, None], logits * 2, logits / 2), axis=1).astype(np.float32)
    assert calibration.fit_temperature(probabilities, labels, first.astype(float)) == pytest.approx(2, rel=0.08)
    assert calibration.fit_temperature(probabilities, labels, (~first).astype(float)) == pytest.approx(0.5, rel=0.08)


def test_even_the_surest_mistake_has_a_finite_cost():
    probabilities = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert 0.1 <= calibration.fit_temperature(probabilities, np.array([0, 1, 1])) <= 10


def test_a_run_is_calibrated_on_its_validation_rows_and_keeps_it(tmp_path: Path):
    run = as_if_trained_on_the_sample(copy_of("lenet5", tmp_path))
    kept = calibration.calibrate(run)
    dataset = data.load("balanced", "train", "sample")
    begin = run.recipe.divide(len(dataset))[1]
    assert kept.images_calibrated == len(dataset) - begin
    plain = Recognizer(run, temperature=1.0).probabilities(dataset.images[begin:])
    labels = dataset.labels[begin:]
    assert kept.calibration_error_before == pytest.approx(slow_calibration_error(plain, labels), abs=1e-4)
    calibrated = Recognizer(run).probabilities(dataset.images[begin:])
    assert kept.calibration_error == pytest.approx(slow_calibration_error(calibrated, labels), abs=1e-4)
    assert Run(run.path).temperature() == kept.temperature
    # A grid of other temperatures finds no better one.
    weights = 1 / np.bincount(labels, minlength=47)[labels]

    def loss(t: float) -> float:
        found = softmax(np.log(np.maximum(plain, 1e-30)) / t, axis=1)
        return float(np.average(-np.log(found[np.arange(len(labels)), labels]), weights=weights))

    assert loss(kept.temperature) <= min(loss(t) for t in np.linspace(0.3, 4, 60)) + 1e-4


def test_a_run_that_ships_is_left_as_it_is():
    run = runs.find("lenet5")
    before = (run.path / "serving.json").read_bytes()
    with pytest.raises(RunError, match="lenet5 came with the project and stays as it is; copy its folder"):
        calibration.calibrate(run)
    assert (run.path / "serving.json").read_bytes() == before


@pytest.mark.parametrize("other", ["0" * 64, None])
def test_other_images_in_the_same_places_are_not_taken_for_its_validation_rows(tmp_path: Path, other: str | None):
    run = as_if_trained_on_the_sample(copy_of("lenet5", tmp_path))
    before, status = (run.path / "serving.json").read_bytes(), run.status()
    status.data = status.data and other and status.data.model_copy(update={"sha256": other})
    run.write_status(status)
    with pytest.raises(RunError, match=r"are not here, but|does not say which images"):
        calibration.calibrate(run)
    assert (run.path / "serving.json").read_bytes() == before


def slow_calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Guo and others' definition, bin by bin."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == labels
    error = 0.0
    for low in np.arange(15) / 15:
        inside = (confidence > low) & (confidence <= low + 1 / 15)
        if inside.any():
            error += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    return error
