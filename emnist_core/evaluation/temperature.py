"""Temperature scaling: one number that makes a model as sure as it is right, fitted on validation images.

Guo, Pleiss, Sun, Weinberger 2017, "On calibration of modern neural networks" (arXiv:1706.04599). Dividing the
logits by a temperature changes no answer, only how sure it is. The temperature is kept in the run's
``serving.json`` and used wherever the run answers.
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from emnist_core import data
from emnist_core.arrays import Images, Labels, Probabilities, Values
from emnist_core.evaluation.calibration import expected_calibration_error, reliability
from emnist_core.files import write_json
from emnist_core.runs import Run
from emnist_core.serving.recognizer import Recognizer, at_temperature

IMAGES = 10_000
"""At most so many validation images; one number needs no more."""
LOWEST, HIGHEST = 0.1, 10.0


def fit(
    probabilities: Probabilities,
    true: Labels,
    weights: Values | None = None,
) -> float:
    """The temperature that makes the true classes most likely.

    Args:
        probabilities: float32 ``(N, classes)``, at temperature 1.
        true: int64 ``(N,)``.
        weights: how much each image counts, ``(N,)``; default: all the same.

    Returns:
        The temperature, in [0.1, 10]; above 1 where the model was too sure.
    """
    rows = np.arange(len(true))

    def loss(logarithm: float) -> float:
        softened = at_temperature(probabilities, float(np.exp(logarithm)))
        likelihood = np.log(np.maximum(softened[rows, true], 1e-12))
        return -float(np.average(likelihood, weights=weights))

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded").x))


def calibrate(run: Run) -> dict[str, Any]:
    """Fit the run's temperature on its validation rows and keep it in ``serving.json``.

    A network trained with ``prior="even"`` answers as if every class were equally likely; its validation
    images are weighted so that every class counts the same.

    Returns:
        What ``serving.json`` holds now; ``calibration_error_before`` and ``calibration_error`` are the expected
        calibration errors on the validation images, in 15 bins.

    Raises:
        EmnistError: when the run has no sound serving model, or its data is not here.
    """
    images, labels = validation_rows(run, IMAGES)
    probabilities = Recognizer(run, temperature=1.0).probabilities(images)
    weights = None
    if run.recipe.prior == "even":
        weights = 1 / np.bincount(labels, minlength=run.split.classes)[labels]
    temperature = fit(probabilities, labels, weights)
    measured = run.serving() | {
        "temperature": temperature,
        "images_calibrated": len(labels),
        "calibration_error_before": _calibration_error(probabilities, labels),
        "calibration_error": _calibration_error(at_temperature(probabilities, temperature), labels),
    }
    write_json(run.path / "serving.json", measured)
    return measured


def validation_rows(run: Run, most: int) -> tuple[Images, Labels]:
    """Images and labels of the run's last validation rows, at most ``most``."""
    recipe = run.recipe
    dataset = data.load(recipe.split, "train", recipe.dataset_kind)
    rows = slice(max(recipe.divide(len(dataset))[1], len(dataset) - most), None)
    return np.asarray(dataset.images[rows]), np.asarray(dataset.labels[rows])


def _calibration_error(probabilities: Probabilities, labels: Labels) -> float:
    right = probabilities.argmax(axis=1) == labels
    return expected_calibration_error(reliability(probabilities.max(axis=1), right))
