"""Two classes and nothing else: how a model tells one from the other."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from emnist_core.evaluation.intervals import wilson
from emnist_core.evaluation.predictions import Evaluation
from emnist_core.runs import Run

Rows = npt.NDArray[np.int64]


def rows_of_pair(evaluation: Evaluation, first: int, second: int) -> Rows:
    """Rows of the images of either class."""
    return np.flatnonzero((evaluation.true == first) | (evaluation.true == second))


def lean(evaluation: Evaluation, rows: Rows, first: int, second: int) -> npt.NDArray[np.float64]:
    """The probability of ``first`` when only the two classes are in question, in [0, 1], for each of ``rows``."""
    one, other = (evaluation.probabilities[rows, c].astype(float) for c in (first, second))
    both = one + other
    return np.divide(one, both, out=np.full(len(rows), 0.5), where=both > 0)


def chosen(evaluation: Evaluation, rows: Rows, first: int, second: int) -> Rows:
    """The class each of ``rows`` is given when the model must choose one of the two; a tie goes to ``first``."""
    return np.where(lean(evaluation, rows, first, second) >= 0.5, first, second)


def leaning(evaluation: Evaluation, first: int, second: int) -> pd.DataFrame:
    """A row for each image of either class: ``row, true, lean, right``, in the order of the data."""
    rows = rows_of_pair(evaluation, first, second)
    share = lean(evaluation, rows, first, second)
    true = evaluation.true[rows]
    return pd.DataFrame({"row": rows, "true": true, "lean": share, "right": (share >= 0.5) == (true == first)})


def by_run(evaluations: Mapping[str, Evaluation], runs: Mapping[str, Run], first: int, second: int) -> pd.DataFrame:
    """How each run does on the pair, best first.

    Columns: ``run``, ``trained on`` (images, where the run says so), ``first as second``,
    ``second as first``, and of the choice between the two ``right``, ``n``, ``accuracy``, ``low``, ``high``.
    """
    found = []
    for name, evaluation in evaluations.items():
        frame = leaning(evaluation, first, second)
        right, n = int(frame["right"].sum()), len(frame)
        low, high = wilson(right, n)
        used = runs[name].status().data
        found.append(
            {
                "run": name,
                "trained on": None if used is None else used.training_images,
                "first as second": int(evaluation.confusion[first, second]),
                "second as first": int(evaluation.confusion[second, first]),
                "right": right,
                "n": n,
                "accuracy": right / n if n else 0.0,
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(found).sort_values("accuracy", ascending=False, ignore_index=True)


def means(
    images: npt.NDArray[np.uint8], true: Rows, first: int, second: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """The mean image of each class, uint8 ``(28, 28)``, and their difference, float32 in [-1, 1]; blank for none."""
    both = [
        images[true == c].mean(axis=0) if (true == c).any() else np.zeros(images.shape[1:]) for c in (first, second)
    ]
    one, other = (np.rint(mean).astype(np.uint8) for mean in both)
    return one, other, ((both[0] - both[1]) / 255).astype(np.float32)
