"""The test that decides what is possible: can a person tell the two classes apart?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from emnist_core.arrays import Indices
from emnist_core.evaluation import pair
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.intervals import counted

COUNT = 20


def draw(true: Indices, first: int, second: int, number: int, count: int = COUNT) -> Indices:
    """Indices of ``count`` images of the pair, as many of each class as there are up to half, in random order.

    The same ``number`` draws the same indices.
    """
    random = np.random.default_rng([number, first, second])
    half = (count // 2, count - count // 2)
    drawn = []
    for label, wanted in zip((first, second), half, strict=True):
        indices = np.flatnonzero(true == label)
        drawn.append(random.choice(indices, min(wanted, len(indices)), replace=False))
    return random.permutation(np.concatenate(drawn)).astype(np.int64)


def scores(
    answers: Mapping[int, int], evaluations: Mapping[str, Evaluation], true: Indices, first: int, second: int
) -> pd.DataFrame:
    """The person and every model on the images that the person has answered: ``who, right, n, accuracy, low, high``.

    Args:
        answers: by index, the class that the person chose.
        evaluations: by run name, evaluations of the same images.
        true: int64 ``(N,)``, the labels of all images.
        first, second: the pair; a model too has to choose one of them.
    """
    indices = np.array(sorted(answers), np.int64)
    given = {"you": np.array([answers[int(row)] for row in indices], np.int64)}
    given |= {name: pair.chosen(evaluation, indices, first, second) for name, evaluation in evaluations.items()}
    scored = []
    for who, classes in given.items():
        scored.append({"who": who} | counted(int((classes == true[indices]).sum()), len(indices)))
    return pd.DataFrame(scored)


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
    indices = pair.indices_of_pair(evaluation, first, second)
    within = indices[np.isin(evaluation.predicted[indices], (first, second))]
    outside = float(evaluation.is_right.sum() - evaluation.is_right[indices].sum())
    person = counted(right, n)
    low, middle, high = ((outside + person[at] * len(within)) / evaluation.n for at in ("low", "accuracy", "high"))
    accuracy = float((pair.chosen(evaluation, indices, first, second) == evaluation.true[indices]).mean())
    return Ceiling(accuracy, len(indices), evaluation.accuracy, low, middle, high)
