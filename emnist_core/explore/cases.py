"""Capital and small forms of letters, side by side."""

import numpy as np
import numpy.typing as npt

from emnist_core.data import Dataset
from emnist_core.explore import selection
from emnist_core.splits import MERGED_LETTERS, SPLITS

Rows = npt.NDArray[np.int64]


def groups() -> tuple[tuple[str, str], ...]:
    """Titles and capitals: the letters that ByMerge makes one class, and those that it leaves two."""
    letters = [label for label in SPLITS["byclass"].labels if label.isupper()]
    kept = "".join(letter for letter in letters if letter not in MERGED_LETTERS)
    return (("One class in ByMerge and Balanced", MERGED_LETTERS), ("Two classes everywhere", kept))


def examples(dataset: Dataset, letter: str, count: int) -> tuple[Rows, Rows]:
    """Up to ``count`` rows of the capital and of the small form of ``letter``, in a dataset that keeps case."""
    index = dataset.split.labels.index
    upper, lower = (selection.matching(dataset, index(form)) for form in (letter, letter.lower()))
    return selection.draw(upper, count, seed=1), selection.draw(lower, count, seed=1)


def of_merged(dataset: Dataset, letters: str, count: int) -> list[Rows]:
    """Up to ``count`` rows of each of ``letters`` that has images, in a dataset that has lost case."""
    index = dataset.split.labels.index
    found = [selection.draw(selection.matching(dataset, index(letter)), count, seed=1) for letter in letters]
    return [rows for rows in found if len(rows)]
