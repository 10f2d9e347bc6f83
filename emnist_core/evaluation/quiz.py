"""The test that decides what is possible: can a person tell the two classes apart?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from emnist_core.arrays import Rows
from emnist_core.evaluation import pair
from emnist_core.evaluation.intervals import wilson
from emnist_core.evaluation.predictions import Evaluation

COUNT = 20


def draw(true: Rows, first: int, second: int, number: int, count: int = COUNT) -> Rows:
    """Rows of ``count`` images of the pair, as many of each class as there are up to half, in random order.

    The same ``number`` draws the same rows.
    """
    random = np.random.default_rng([number, first, second])
    half = (count // 2, count - count // 2)
    kept = []
    for label, wanted in zip((first, second), half, strict=True):
        rows = np.flatnonzero(true == label)
        kept.append(random.choice(rows, min(wanted, len(rows)), replace=False))
    return random.permutation(np.concatenate(kept)).astype(np.int64)


def scores(
    answers: Mapping[int, int], evaluations: Mapping[str, Evaluation], true: Rows, first: int, second: int
) -> pd.DataFrame:
    """The person and every model on the images that the person has answered: ``who, right, n, accuracy, low, high``.

    Args:
        answers: by row, the class that the person chose.
        evaluations: by run name, evaluations of the same images.
        true: int64 ``(N,)``, the labels of all images.
        first, second: the pair; a model too has to choose one of them.
    """
    rows = np.array(sorted(answers), np.int64)
    given = {"you": np.array([answers[int(row)] for row in rows], np.int64)}
    given |= {name: pair.chosen(evaluation, rows, first, second) for name, evaluation in evaluations.items()}
    found = []
    for who, classes in given.items():
        right = int((classes == true[rows]).sum())
        low, high = wilson(right, len(rows))
        share = right / len(rows) if len(rows) else 0.0
        found.append({"who": who, "right": right, "n": len(rows), "accuracy": share, "low": low, "high": high})
    return pd.DataFrame(found)


@dataclass(frozen=True)
class Ceiling:
    """What a model's accuracy would be if it told the pair apart as well as a person.

    Attributes:
        pair_accuracy: the model's on all images of the pair, when it must choose between the two.
        pair_n: images of the pair.
        now: the model's accuracy on everything.
        low, middle, high: that accuracy with the pair at the person's share, and at the ends of its interval.
    """

    pair_accuracy: float
    pair_n: int
    now: float
    low: float
    middle: float
    high: float


def ceiling(evaluation: Evaluation, first: int, second: int, right: int, n: int) -> Ceiling:
    """The accuracy that a person's ``right`` of ``n`` implies for the model of ``evaluation``.

    Only answers within the pair are exchanged: images of the pair that the model takes for a third class
    stay wrong.
    """
    rows = pair.rows_of_pair(evaluation, first, second)
    within = rows[np.isin(evaluation.predicted[rows], (first, second))]
    outside = float(
        (evaluation.predicted == evaluation.true).sum() - (evaluation.predicted == evaluation.true)[rows].sum()
    )
    shares = (wilson(right, n)[0], right / n if n else 0.0, wilson(right, n)[1])
    low, middle, high = ((outside + share * len(within)) / evaluation.n for share in shares)
    accuracy = float((pair.chosen(evaluation, rows, first, second) == evaluation.true[rows]).mean())
    return Ceiling(accuracy, len(rows), evaluation.accuracy, low, middle, high)
