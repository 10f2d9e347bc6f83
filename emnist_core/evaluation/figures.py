"""Figures of a classifier, from true classes and predicted probabilities."""

import numpy as np
import pandas as pd

from emnist_core.arrays import Counts, Labels, Probabilities, Values
from emnist_core.splits import BYMERGE_LABELS

REPORTED_WRONG = {"f": 169, "F": 106}
"""Images read wrongly of 400 each, by LeNet-5 v2 on the official Balanced test part."""

REPORTED_SOURCE = (
    "*wrong in the report* is what the report published for its LeNet-5 v2 on the official Balanced test part "
    "(n = 18,800, 400 of each class): f 169, F 106. It named no other class."
)


def confusion_matrix(true: Labels, predicted: Labels, classes: int) -> Counts:
    """Count images by true (rows) and predicted (columns) class; int64 ``(classes, classes)``."""
    counts = np.bincount(true * classes + predicted, minlength=classes * classes)
    return counts.reshape(classes, classes)


def top_k_accuracy(true: Labels, probabilities: Probabilities, k: int = 5) -> float:
    """Share of images whose true class is among the ``k`` most probable, in [0, 1]."""
    if len(true) == 0:
        return 0.0
    best = np.argpartition(-probabilities, min(k, probabilities.shape[1]) - 1, axis=1)[:, :k]
    return float(np.mean((best == true[:, np.newaxis]).any(axis=1)))


def per_class(confusion: Counts, labels: tuple[str, ...]) -> pd.DataFrame:
    """A row for each class: ``label, n, wrong, precision, recall, f1``.

    ``n`` is the support and ``wrong`` counts the images of the class that were called something else,
    as the report counts. A ratio over nothing is 0, as in scikit-learn with ``zero_division=0``.
    """
    right, n, called = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    return pd.DataFrame(
        {
            "label": list(labels),
            "n": n,
            "wrong": n - right,
            "precision": _ratio(right, called),
            "recall": _ratio(right, n),
            "f1": _ratio(2 * right, n + called),
        }
    )


def _ratio(part: Counts, whole: Counts) -> Values:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def confused_pairs(confusion: Counts, labels: tuple[str, ...]) -> pd.DataFrame:
    """Pairs of classes by how often one is taken for the other, most first.

    Columns: ``pair`` (e.g. ``"F / f"``), ``errors`` in both directions, ``first``, ``second``,
    ``first_as_second``, ``second_as_first`` and ``share`` of all errors. Pairs never confused are left out.
    """
    both = np.triu(confusion + confusion.T, 1)
    rows, columns = np.nonzero(both)
    errors = both[rows, columns]
    total = max(int(confusion.sum() - np.trace(confusion)), 1)
    frame = pd.DataFrame(
        {
            "pair": [f"{labels[i]} / {labels[j]}" for i, j in zip(rows, columns, strict=True)],
            "errors": errors,
            "first": [labels[i] for i in rows],
            "second": [labels[j] for j in columns],
            "first_as_second": confusion[rows, columns],
            "second_as_first": confusion[columns, rows],
            "share": errors / total,
        }
    )
    return frame.sort_values("errors", ascending=False, kind="stable", ignore_index=True)


def beside_the_report(per_class: pd.DataFrame, labels: tuple[str, ...], split: str) -> pd.DataFrame:
    """The table of ``per_class``, most wrong first; for Balanced with the report's counts beside it."""
    table = per_class.sort_values("wrong", ascending=False, kind="stable", ignore_index=True)
    if split == "balanced" and labels == BYMERGE_LABELS:
        table.insert(3, "wrong in the report", table["label"].map(REPORTED_WRONG).astype("Int64"))
    return table
