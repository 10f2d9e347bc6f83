"""Several runs, and several views of each image, asked as one: the mean of their probabilities.

An ensemble of networks that began from different seeds is right more often than each of them (Hansen and Salamon
1990), and so is one network that sees an image in five places (as in Krizhevsky, Sutskever, Hinton 2012). Both cost
what they add up to: three runs with five views are fifteen readings of an image.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from emnist_core.arrays import Images, Probabilities
from emnist_core.data import Dataset
from emnist_core.errors import RunError
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.store import fits, rows_that_count
from emnist_core.runs import Run
from emnist_core.serving.recognizer import recognizer

SHIFTS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
"""Where the five views are moved to, in pixels down and to the right; one's own place first."""


@dataclass(frozen=True)
class EnsembleResult:
    """How some runs answered together.

    Attributes:
        runs: those that were asked.
        views: how many views of each image each of them saw.
        evaluation: what their mean comes to.
    """

    runs: tuple[Run, ...]
    views: int
    evaluation: Evaluation


def evaluate(runs: Sequence[Run], dataset: Dataset) -> list[EnsembleResult]:
    """Evaluate each run alone, then all together, on one view of each image and on five; nothing is kept.

    Args:
        runs: runs with serving models and the same classes.
        dataset: images and labels; those that one of the runs was trained on are left out. Of a training part,
            that leaves what all of them held out for validation.

    Raises:
        RunError: when the classes do not fit, a serving model cannot be opened, or no image is left.
    """
    for run in runs:
        if not fits(run, dataset.split.name):
            raise RunError(f"The run {run.name} knows other classes than {dataset.split.title}; leave it out.")
    counted = [rows_that_count(run, dataset) for run in runs]
    rows = reduce(np.intersect1d, [rows for rows, _ in counted])
    if len(rows) == 0:
        raise RunError("Every image was in the training of one of these runs; choose another part.")
    left_out = None if any(unknown is None for _, unknown in counted) else len(dataset) - len(rows)
    images = np.asarray(dataset.images[rows])

    def result(members: Sequence[Run], views: int, probabilities: Probabilities) -> EnsembleResult:
        name = " + ".join(run.name for run in members)
        evaluation = Evaluation.of(name, dataset, probabilities, rows, left_out)
        return EnsembleResult(tuple(members), views, evaluation)

    alone, combined = [], []
    for shifts in (SHIFTS[:1], SHIFTS):
        answers = [mean_over_views(run, images, shifts) for run in runs]
        alone += [result([run], len(shifts), own) for run, own in zip(runs, answers, strict=True)]
        combined.append(result(runs, len(shifts), np.mean(answers, axis=0)))
    return [*alone, *combined] if len(runs) > 1 else alone


def mean_over_views(run: Run, images: Images, shifts: Sequence[tuple[int, int]]) -> Probabilities:
    """The mean of the run's answers to uint8 ``(N, 28, 28)`` in each of its places; float32 ``(N, classes)``."""
    serving = recognizer(run)
    total = np.zeros((len(images), len(serving.labels)), np.float32)
    for down, right in shifts:
        total += serving.probabilities(moved(images, down, right))
    return total / np.float32(len(shifts))


def moved(images: Images, down: int, right: int) -> Images:
    """Images ``(N, H, W)`` moved by less than their size, with paper where they have left."""
    moved_images = np.zeros_like(images)
    height, width = images.shape[1:]
    into = np.s_[:, max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)]
    out_of = np.s_[:, max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)]
    moved_images[into] = images[out_of]
    return moved_images
