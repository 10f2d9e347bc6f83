"""How a run's errors moved while it learned: what it made of its validation images after every epoch."""

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from emnist_core.arrays import Counts, Indices, Labels, Probabilities, Rows
from emnist_core.evaluation import figures
from emnist_core.runs import Run, checksums


@dataclass(frozen=True, eq=False)
class Epochs:
    """The stored answers of a training.

    Attributes:
        labels: class labels in index order.
        data_sha256: the training part that ``rows`` point into.
        rows: int64 ``(N,)``, the images looked at.
        true: int64 ``(N,)``.
        numbers: the epochs that were kept, counted from 1.
        classes: uint8 ``(epochs, N, 3)``, the most probable classes, the most probable first.
        probabilities: float16 ``(epochs, N, 3)``, theirs.
    """

    labels: tuple[str, ...]
    data_sha256: str
    rows: Rows
    true: Labels
    numbers: tuple[int, ...]
    classes: npt.NDArray[np.uint8]
    probabilities: npt.NDArray[np.float16]

    def predicted(self, number: int) -> Labels:
        """The answers after epoch ``number``, int64 ``(N,)``."""
        return self.classes[self.numbers.index(number), :, 0].astype(np.int64)

    def confidence(self, number: int) -> Probabilities:
        """Their probabilities, float32 ``(N,)``."""
        return self.probabilities[self.numbers.index(number), :, 0].astype(np.float32)

    def confusion(self, number: int) -> Counts:
        """Counts by true (rows) and predicted class after epoch ``number``."""
        return figures.confusion_matrix(self.true, self.predicted(number), len(self.labels))

    def cell(self, number: int, true: int, predicted: int) -> Indices:
        """Indices of the images of a cell after epoch ``number``, the surest first."""
        indices = np.flatnonzero((self.true == true) & (self.predicted(number) == predicted))
        return indices[np.argsort(-self.confidence(number)[indices], kind="stable")]

    def pair_errors(self, first: int, second: int) -> pd.DataFrame:
        """A row an epoch: ``epoch, accuracy, first_as_second, second_as_first``."""
        answers = self.classes[:, :, 0]
        return pd.DataFrame(
            {
                "epoch": self.numbers,
                "accuracy": (answers == self.true).mean(axis=1),
                "first_as_second": ((self.true == first) & (answers == second)).sum(axis=1),
                "second_as_first": ((self.true == second) & (answers == first)).sum(axis=1),
            }
        )

    def followed(self, indices: Indices) -> pd.DataFrame:
        """The probability of the true class of some images: ``epoch, row, probability``.

        It is 0 where the true class was not among the three that are kept.
        """
        hit = self.classes[:, indices] == self.true[indices][np.newaxis, :, np.newaxis]
        share = np.where(hit, self.probabilities[:, indices].astype(float), 0).sum(axis=2)
        return pd.DataFrame(
            {
                "epoch": np.repeat(self.numbers, len(indices)),
                "row": np.tile(self.rows[indices], len(self.numbers)),
                "probability": share.ravel(),
            }
        )


def load(run: Run) -> Epochs | None:
    """What the run kept of its epochs, or None where it kept nothing that can be read."""
    folder = run.path / "epochs"
    files = sorted(folder.glob("[0-9]*.npz"))
    if not files or not (folder / "validation.npz").exists():
        return None
    try:
        return _load(folder, run.split.labels, len(files), files[-1].stat().st_mtime)
    except Exception:  # a damaged archive breaks NumPy in a dozen ways
        return None


@lru_cache(maxsize=4)
def _load(folder: Path, labels: tuple[str, ...], count: int, changed: float) -> Epochs:  # noqa: ARG001 - a new epoch is another entry
    with np.load(BytesIO(checksums.read(folder / "validation.npz")), allow_pickle=False) as index:
        rows, true, sha256 = index["rows"].astype(np.int64), index["true"].astype(np.int64), str(index["sha256"])
    files = sorted(folder.glob("[0-9]*.npz"))
    answers = [_answers(file, file.stat().st_mtime_ns) for file in files]
    classes, probabilities = (np.stack(arrays) for arrays in zip(*answers, strict=True))
    if classes.shape != (len(files), len(true), 3) or classes.max() >= len(labels):
        raise ValueError("not this run's")
    return Epochs(labels, sha256, rows, true, tuple(int(file.stem) for file in files), classes, probabilities)


@lru_cache(maxsize=1024)
def _answers(file: Path, changed: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float16]]:  # noqa: ARG001 - as above
    """Classes and probabilities of an epoch, which is read once, while others follow it."""
    with np.load(BytesIO(checksums.read(file)), allow_pickle=False) as arrays:
        return arrays["classes"], arrays["probabilities"]
