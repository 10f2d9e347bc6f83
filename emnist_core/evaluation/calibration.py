"""Whether a model's confidence can be taken at its word, what answering only when sure brings, and what mends it.

The mending is temperature scaling: one number that makes a model as sure as it is right, fitted on validation images
(Guo, Pleiss, Sun, Weinberger 2017, "On calibration of modern neural networks", arXiv:1706.04599). Dividing the logits
by a temperature changes no answer, only how sure it is. It is kept in the run's ``serving.json`` and used wherever the
run answers.
"""

import numpy as np
import pandas as pd

from emnist_core import data, paths
from emnist_core.arrays import Images, Labels, Mask, Probabilities, Values
from emnist_core.errors import RunError
from emnist_core.evaluation.intervals import wilson
from emnist_core.runs import Run, Serving
from emnist_core.serving.recognizer import Recognizer, at_temperature

BINS = 15
IMAGES_CALIBRATED = 10_000
"""At most so many validation images; one number needs no more."""
LOWEST, HIGHEST = 0.1, 10.0


def reliability(confidence: Probabilities, right: Mask, bins: int = BINS) -> pd.DataFrame:
    """Accuracy in equal bins of confidence: ``low, high, n, confidence, accuracy, accuracy_low, accuracy_high``.

    Args:
        confidence: probability of the predicted class, in [0, 1], ``(N,)``.
        right: whether it was the true class, bool ``(N,)``.
        bins: bins between 0 and 1; those without images are left out.

    ``confidence`` is the mean in the bin; the last two columns are Wilson's 95 % interval.
    """
    edges = np.linspace(0, 1, bins + 1)
    number = np.clip(np.searchsorted(edges[1:-1], confidence), 0, bins - 1)
    n = np.bincount(number, minlength=bins)
    sums = np.bincount(number, confidence, bins)
    hits = np.bincount(number[right], minlength=bins)
    kept = np.flatnonzero(n)
    limits = np.array([wilson(int(hits[i]), int(n[i])) for i in kept]).reshape(-1, 2)
    return pd.DataFrame(
        {
            "low": edges[kept],
            "high": edges[kept + 1],
            "n": n[kept],
            "confidence": sums[kept] / n[kept],
            "accuracy": hits[kept] / n[kept],
            "accuracy_low": limits[:, 0],
            "accuracy_high": limits[:, 1],
        }
    )


def expected_calibration_error(table: pd.DataFrame) -> float:
    """Mean distance of confidence from accuracy over the bins of ``reliability``, by images (Guo and others 2017)."""
    if table.empty:
        return 0.0
    distance = (table["confidence"] - table["accuracy"]).abs()
    return float((distance * table["n"]).sum() / table["n"].sum())


def reject_curve(confidence: Probabilities, right: Mask, points: int = 200) -> pd.DataFrame:
    """What answering only when sure brings: ``answered, accuracy, threshold, n``, the surest first.

    ``answered`` is the share of images answered, ``accuracy`` the share of those read rightly and
    ``threshold`` the least confidence among them. Images of equal confidence are answered together.
    """
    order = np.argsort(-confidence, kind="stable")
    sure, hits = confidence[order], np.cumsum(right[order])
    last = np.flatnonzero(np.append(sure[1:] != sure[:-1], True)) if len(sure) else np.empty(0, int)
    if len(last) > points:
        last = last[np.linspace(0, len(last) - 1, points).round().astype(int)]
    return pd.DataFrame(
        {
            "answered": (last + 1) / max(len(sure), 1),
            "accuracy": hits[last] / (last + 1),
            "threshold": sure[last],
            "n": last + 1,
        }
    )


def answered_at(curve: pd.DataFrame, accuracy: float) -> float:
    """The largest share of images that can be answered with at least ``accuracy``; 0 where none can."""
    reached = curve.loc[curve["accuracy"] >= accuracy, "answered"]
    return float(reached.max()) if len(reached) else 0.0


def fit_temperature(
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
    from scipy.optimize import minimize_scalar  # here, since no page needs it

    rows = np.arange(len(true))

    def loss(logarithm: float) -> float:
        softened = at_temperature(probabilities, float(np.exp(logarithm)))
        likelihood = np.log(np.maximum(softened[rows, true], 1e-12))
        return -float(np.average(likelihood, weights=weights))

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded").x))


def calibrate(run: Run, most: int = IMAGES_CALIBRATED) -> Serving:
    """Fit the run's temperature on its validation rows and keep it in ``serving.json``.

    A network trained with ``prior="even"`` answers as if every class were equally likely; its validation
    images are weighted so that every class counts the same.

    Args:
        run: one's own run.
        most: fit on no more images than this.

    Returns:
        What ``serving.json`` holds now; ``calibration_error_before`` and ``calibration_error`` are the expected
        calibration errors on the validation images, in 15 bins.

    Raises:
        EmnistError: when the run came with the project, has no sound serving model, or its validation images are
            not here; its file is then as it was.
    """
    run.refuse_if_shipped(f"copy its folder into {paths.own_runs()} under another name and calibrate that")
    images, labels = validation_rows(run, most)
    probabilities = Recognizer(run, temperature=1.0).probabilities(images)
    weights = None
    if run.recipe.prior == "even":
        weights = 1 / np.bincount(labels, minlength=run.split.classes)[labels]
    temperature = fit_temperature(probabilities, labels, weights)
    measured = run.serving().model_copy(
        update={
            "temperature": temperature,
            "images_calibrated": len(labels),
            "calibration_error_before": _calibration_error(probabilities, labels),
            "calibration_error": _calibration_error(at_temperature(probabilities, temperature), labels),
        }
    )
    run.write_serving(measured)
    return measured


def validation_rows(run: Run, most: int) -> tuple[Images, Labels]:
    """The last validation rows of the very data that the run was trained on.

    Args:
        run: a run whose status names its data.
        most: give no more rows than this.

    Returns:
        Images uint8 ``(N, 28, 28)`` and labels int64 ``(N,)``.

    Raises:
        DataError: when no data of the split is here.
        RunError: when the run does not say what it was trained on, or other data than that is here: its rows in the
            same places may have been trained on.
    """
    used = run.status().data
    if used is None:
        raise RunError(f"The run {run.name} does not say which images it was validated on; train it again.")
    dataset = data.load(run.recipe.split, "train", "sample" if used.is_sample else "emnist")
    if dataset.sha256 != used.sha256:
        raise RunError(
            f"The images that the run {run.name} was validated on ({used.name}, sha256 {used.sha256[:8]}…) are not "
            f"here, but {dataset.name} is; fetch {run.recipe.split} from where it came then, and try again."
        )
    rows = slice(max(len(dataset) - used.validation_images, len(dataset) - most), None)
    return np.asarray(dataset.images[rows]), np.asarray(dataset.labels[rows])


def _calibration_error(probabilities: Probabilities, labels: Labels) -> float:
    right = probabilities.argmax(axis=1) == labels
    return expected_calibration_error(reliability(probabilities.max(axis=1), right))
