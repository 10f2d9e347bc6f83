"""Whether a model's confidence can be taken at its word, and what it gains by answering only when sure."""

import numpy as np
import pandas as pd

from emnist_core.arrays import Mask, Probabilities
from emnist_core.evaluation.intervals import wilson

BINS = 15


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
