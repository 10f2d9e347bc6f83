"""Runs on the same images: which have answered them or could, where two disagree, and whether that could be chance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from emnist_core import data
from emnist_core.arrays import Mask
from emnist_core.data import Dataset
from emnist_core.errors import EmnistError, RunError
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.intervals import Z95
from emnist_core.evaluation.store import fits, stored, stored_evaluations
from emnist_core.runs import Run


@dataclass(frozen=True)
class Comparison:
    """A paired comparison of a first with a second classifier.

    Attributes:
        n: images both read.
        both, first_only, second_only, neither: how many of them were read rightly by whom.
        difference: accuracy of the first less accuracy of the second, in [-1, 1].
        low, high: 95 % interval of the difference.
        p: two-sided exact McNemar test of "both err equally often", in [0, 1].
    """

    n: int
    both: int
    first_only: int
    second_only: int
    neither: int
    difference: float
    low: float
    high: float
    p: float


def compare(first: Mask, second: Mask) -> Comparison:
    """Compare by which images were read rightly, both bool ``(N,)`` over the same images.

    The test is McNemar's (1947) in its exact form: of the images that only one read rightly, each falls
    to either side like a coin. The interval is the normal one of a mean of paired differences.
    """
    n = len(first)
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    difference = (only_first - only_second) / n if n else 0.0
    spread = only_first + only_second - n * difference**2
    half = Z95 * math.sqrt(spread / (n - 1) / n) if n > 1 else 1.0
    both = int((first & second).sum())
    return Comparison(
        n,
        both,
        only_first,
        only_second,
        n - both - only_first - only_second,
        difference,
        max(difference - half, -1.0),
        min(difference + half, 1.0),
        mcnemar_p(only_first, only_second),
    )


def mcnemar_p(only_first: int, only_second: int) -> float:
    """The exact two-sided p-value from the two discordant counts."""
    trials, fewer = only_first + only_second, min(only_first, only_second)
    # Whole numbers all the way: exact for any count, and quick for the thousands that occur.
    term, total = 1, 1
    for k in range(fewer):
        term = term * (trials - k) // (k + 1)
        total += term
    return float(min(1.0, 2 * total / 2**trials))


def matched(first: Evaluation, second: Evaluation) -> None:
    """Make sure that two evaluations are of the same images and classes; raises ``RunError`` otherwise."""
    same = first.data_sha256 == second.data_sha256 and first.labels == second.labels
    if not (same and np.array_equal(first.rows, second.rows)):
        raise RunError(
            f"{first.run_name} and {second.run_name} were not evaluated on the same images; "
            "choose runs with the same classes and evaluate both on one test part."
        )


def disagreements(first: Evaluation, second: Evaluation) -> pd.DataFrame:
    """A row for each image the two read differently: ``row, index, true, first, second, who, confidence``.

    ``row`` is the row of the data, ``index`` the image's in both evaluations. ``who`` names who was right:
    ``"first"``, ``"second"`` or ``"neither"``; ``confidence`` is the smaller of the two, in [0, 1]. Where both are
    sure and differ comes first.
    """
    matched(first, second)
    indices = np.flatnonzero(first.predicted != second.predicted)
    true = first.true[indices]
    who = np.where(
        first.predicted[indices] == true, "first", np.where(second.predicted[indices] == true, "second", "neither")
    )
    frame = pd.DataFrame(
        {
            "row": first.rows[indices],
            "index": indices,
            "true": true,
            "first": first.predicted[indices],
            "second": second.predicted[indices],
            "who": who,
            "confidence": np.minimum(first.confidence[indices], second.confidence[indices]),
        }
    )
    return frame.sort_values("confidence", ascending=False, kind="stable", ignore_index=True)


def test_parts(run: Run) -> list[Dataset]:
    """The test parts on this machine that the run's classes fit: the fetched ones, then the sample."""
    installed = data.installed()
    splits = [row.split for row in installed.itertuples() if row.part == "test" and fits(run, str(row.split))]
    parts = [data.load(str(split), "test", "emnist") for split in splits]
    if run.recipe.split != "byclass":
        parts.append(data.load(run.recipe.split, "test", "sample"))
    return parts


def on_same_images(evaluation: Evaluation, runs: Sequence[Run]) -> dict[str, Evaluation]:
    """By run name, what other runs answered to the very same images; a run that was trained on some is left out."""
    found: dict[str, Evaluation] = {}
    for run in runs:
        if run.name == evaluation.run_name or not fits(run, evaluation.split):
            continue
        others = [e for e in stored_evaluations(run) if e.data_sha256 == evaluation.data_sha256]
        same = [e for e in (other.at(evaluation.rows) for other in others) if e.n == evaluation.n]
        if same:
            found[run.name] = same[0]
    return found


def unread(evaluation: Evaluation, runs: Sequence[Run]) -> list[tuple[Run, Dataset]]:
    """The runs that could read the evaluation's images and have not, each with what it would read."""
    return [
        (run, dataset)
        for run in runs
        if fits(run, evaluation.split)
        for dataset in test_parts(run)
        if dataset.sha256 == evaluation.data_sha256 and _lacks(run, dataset)
    ]


def _lacks(run: Run, dataset: Dataset) -> bool:
    try:
        return stored(run, dataset) is None
    except EmnistError:
        return False
