"""Images whose label is probably wrong, by confident learning.

Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels" (2021,
arXiv:1911.00068): a class is believed for an image when its probability reaches the mean probability that
the class gets on the images labelled so. An image believed to be of another class than its label is a
suspect. Probabilities must be out of sample, as those of a test part are.

Written out here, since the ``cleanlab`` package brings scikit-learn into the server and a second to its
start; a test holds it to cleanlab's answers.
"""

import numpy as np
import pandas as pd

from emnist_core.arrays import Labels, Probabilities, Values
from emnist_core.evaluation.evaluation import Evaluation


def thresholds(labels: Labels, probabilities: Probabilities) -> Values:
    """The mean probability of every class on the images labelled so, float ``(classes,)``; 1 where there are none."""
    classes = probabilities.shape[1]
    n = np.bincount(labels, minlength=classes)
    sums = np.bincount(labels, probabilities[np.arange(len(labels)), labels], classes)
    return np.divide(sums, n, out=np.ones(classes), where=n > 0)


def believed(labels: Labels, probabilities: Probabilities) -> Labels:
    """The class that each image is confidently of, int64 ``(N,)``; -1 where no class reaches its threshold.

    Where several do, it is the most probable of all.
    """
    reached = probabilities >= np.maximum(thresholds(labels, probabilities) - 1e-6, 1e-6)
    several = reached.sum(axis=1) > 1
    best = np.where(several, probabilities.argmax(axis=1), reached.argmax(axis=1))
    return np.where(reached.any(axis=1), best, -1)


def suspects(evaluation: Evaluation) -> pd.DataFrame:
    """Images confidently of another class than labelled: ``row, index, label, suggested, quality, margin``.

    ``row`` is the row of the data and ``index`` the image's in the evaluation, which is another one where
    images were left out. ``quality`` is the probability of the given label, in [0, 1], the least trustworthy label
    first; ``margin`` is by how much the suggested class is more probable. ``label`` and ``suggested`` are class
    indices.
    """
    chosen = believed(evaluation.true, evaluation.probabilities)
    # Where a threshold is low, a class can be believed while the label is the most probable: no suspect.
    indices = np.flatnonzero((chosen >= 0) & (chosen != evaluation.true) & ~evaluation.is_right)
    given = evaluation.probabilities[indices, evaluation.true[indices]]
    frame = pd.DataFrame(
        {
            "row": evaluation.rows[indices],
            "index": indices,
            "label": evaluation.true[indices],
            "suggested": chosen[indices],
            "quality": given,
            "margin": evaluation.probabilities[indices, chosen[indices]] - given,
        }
    )
    return frame.sort_values("quality", kind="stable", ignore_index=True)


def strong_suspects(evaluation: Evaluation, others: list[Evaluation]) -> pd.DataFrame:
    """Those suspects for which every model suggests the same class: the label errs rather than a model.

    Args:
        evaluation: one model's evaluation.
        others: other models' evaluations of the same images.
    """
    frame = suspects(evaluation)
    agreed = np.ones(len(frame), bool)
    for other in others:
        agreed &= believed(other.true, other.probabilities)[frame["index"]] == frame["suggested"].to_numpy()
    return frame[agreed].reset_index(drop=True)
