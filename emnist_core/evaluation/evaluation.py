"""An evaluation: what a run answered to images, and every figure that follows from that.

A *row* is a place in the data, an *index* a place in an evaluation; they differ where images were left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from emnist_core.arrays import Counts, Indices, Labels, Mask, Probabilities, Rows
from emnist_core.data import Dataset
from emnist_core.data.dataset import title_of_data
from emnist_core.evaluation import figures, groups
from emnist_core.evaluation.calibration import answered_at, expected_calibration_error, reject_curve, reliability
from emnist_core.evaluation.groups import MERGED_CASES, GroupError, table
from emnist_core.evaluation.intervals import wilson
from emnist_core.splits import BYMERGE_LABELS

ALL_ROWS: Rows = np.empty(0, np.int64)
"""Stands for every row, until it is known how many there are."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Predictions of one run on one dataset, and the figures they give.

    Attributes:
        run_name, split, part: what was evaluated on what.
        data_name, data_sha256, is_sample: the data in plain words, and its hash.
        labels: class labels in index order.
        true: int64 ``(N,)``.
        probabilities: float32 ``(N, classes)``, kept with 11 bits of precision.
        rows: the row of the data of each image, by its index here, int64 ``(N,)``, rising;
            all of them unless said otherwise.
        left_out: images of the data that are not among them, because the run was trained on them. None
            when the run has no record of what it was trained on.
    """

    run_name: str
    split: str
    part: str
    data_name: str
    data_sha256: str
    is_sample: bool
    labels: tuple[str, ...]
    true: Labels
    probabilities: Probabilities
    rows: Rows = field(default_factory=lambda: ALL_ROWS, kw_only=True)
    left_out: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.rows is ALL_ROWS:
            object.__setattr__(self, "rows", np.arange(len(self.true)))

    @classmethod
    def of(
        cls, run_name: str, dataset: Dataset, probabilities: Probabilities, rows: Rows, left_out: int | None
    ) -> "Evaluation":
        """What was answered to ``rows`` of ``dataset``."""
        return cls(
            run_name, dataset.split.name, dataset.part, dataset.name, dataset.sha256, dataset.is_sample,
            dataset.split.labels, np.asarray(dataset.labels)[rows], probabilities, rows=rows, left_out=left_out,
        )  # fmt: skip

    @property
    def ungrouped(self) -> "Evaluation":
        """The same with every class for itself; see ``Grouped``."""
        return self

    @property
    def n(self) -> int:
        """Number of images that count."""
        return len(self.true)

    @property
    def title(self) -> str:
        """What it goes by on pages and in addresses: the title of its data, whose images all count in that."""
        return title_of_data(self.data_name, self.part, self.n + (self.left_out or 0))

    def images_of(self, dataset: Dataset) -> Dataset:
        """The images that count, out of those that were given: image i is the one that ``true[i]`` is about."""
        return dataset.take(self.rows) if len(self.rows) < len(dataset) else dataset

    def at(self, rows: Rows) -> "Evaluation":
        """This evaluation on those of its images that are ``rows`` of the data, e.g. those another has too."""
        common = np.isin(self.rows, rows)
        if common.all():
            return self
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        cut: dict[str, Any] = {
            name: value.at(rows) if isinstance(value, Evaluation) else value[common]
            for name, value in values.items()
            if isinstance(value, (np.ndarray, Evaluation))
        }
        return replace(self, **cut)

    def index_of(self, row: int) -> int | None:
        """The index of the image that is ``row`` of the data; None when it was left out."""
        index = int(np.searchsorted(self.rows, row))
        return index if index < self.n and self.rows[index] == row else None

    def classes_of_interest(self, index: int) -> tuple[int, int]:
        """The true class of an image, and what it was or could have been taken for: the most probable other one."""
        true = int(self.true[index])
        others = self.probabilities[index].copy()
        others[true] = -1
        return true, int(others.argmax())

    @cached_property
    def predicted(self) -> Labels:
        """The most probable class of each image, int64 ``(N,)``."""
        classes: Labels = self.probabilities.argmax(axis=1)
        return classes

    @cached_property
    def confidence(self) -> Probabilities:
        """The probability of the predicted class, float32 ``(N,)``."""
        highest: Probabilities = self.probabilities.max(axis=1)
        return highest

    @cached_property
    def is_right(self) -> Mask:
        """Which images were named rightly, bool ``(N,)``."""
        is_right: Mask = self.predicted == self.true
        return is_right

    @property
    def wrong(self) -> int:
        """How many were not."""
        return self.n - int(self.is_right.sum())

    @cached_property
    def confusion(self) -> Counts:
        """Counts by true (rows) and predicted (columns) class."""
        return figures.confusion_matrix(self.true, self.predicted, len(self.labels))

    @cached_property
    def accuracy(self) -> float:
        """Share of images named rightly."""
        return float(self.is_right.mean()) if self.n else 0.0

    @cached_property
    def top5(self) -> float:
        """Share of images whose true class is among the five most probable."""
        return figures.top_k_accuracy(self.true, self.probabilities, 5)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy."""
        return wilson(self.n - self.wrong, self.n)

    @cached_property
    def ambiguity_merged(self) -> float:
        """Accuracy when the classes that people confuse too (``groups.AMBIGUOUS``) are not told apart."""
        merged, _ = groups.table(self.labels, groups.parse(" ".join(groups.AMBIGUOUS), self.labels))
        return float(np.mean(merged[self.predicted] == merged[self.true])) if self.n else 0.0

    @cached_property
    def ece(self) -> float:
        """Expected calibration error in 15 bins; see ``calibration``."""
        return expected_calibration_error(reliability(self.confidence, self.is_right))

    @cached_property
    def coverage_at_99(self) -> float:
        """The largest share of images, the surest first, that can be answered with 99 % of the answers right."""
        return answered_at(reject_curve(self.confidence, self.is_right, max(self.n, 1)), 0.99)

    @cached_property
    def per_class(self) -> pd.DataFrame:
        """See ``figures.per_class``."""
        return figures.per_class(self.confusion, self.labels)

    @cached_property
    def macro_f1(self) -> float:
        """Mean F1 over the classes that occur or are predicted, as scikit-learn's."""
        occurs = (self.confusion.sum(axis=0) + self.confusion.sum(axis=1)) > 0
        return float(self.per_class["f1"][occurs].mean()) if occurs.any() else 0.0

    @cached_property
    def confused_pairs(self) -> pd.DataFrame:
        """See ``figures.confused_pairs``."""
        return figures.confused_pairs(self.confusion, self.labels)

    def cell(self, true: int, predicted: int) -> Indices:
        """Indices of the images of class ``true`` read as ``predicted``, most confident first."""
        indices = np.flatnonzero((self.true == true) & (self.predicted == predicted))
        return indices[np.argsort(-self.confidence[indices], kind="stable")]

    def summary(self) -> dict[str, Any]:
        """What ``metrics.json`` and ``evaluate --json`` hold."""
        return {
            "run": self.run_name,
            "split": self.split,
            "part": self.part,
            "data": {"name": self.data_name, "sha256": self.data_sha256, "is_sample": self.is_sample},
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "ambiguity_merged": self.ambiguity_merged,
            "ece": self.ece,
            "coverage_at_99": self.coverage_at_99,
            "top5": self.top5,
            "macro_f1": self.macro_f1,
            "n": self.n,
            "left_out": self.left_out,
            "per_class": self.per_class.to_dict(orient="records"),
            "confusion": self.confusion.tolist(),
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class Grouped(Evaluation):
    """An evaluation over groups: the answers are those that were given, each counted for its group.

    So errors within a group vanish and no others come, and accuracy never falls. (The group of the largest
    summed probability may be another one.)

    Attributes:
        original: the evaluation with every class for itself, of the same images.
        answers: int64 ``(N,)``, the group of the class that was the most probable.
    """

    original: Evaluation
    answers: Labels

    @property
    def ungrouped(self) -> Evaluation:
        """The evaluation with every class for itself."""
        return self.original

    @cached_property
    def predicted(self) -> Labels:
        """The group of each image's most probable class, int64 ``(N,)``."""
        return self.answers

    @cached_property
    def confidence(self) -> Probabilities:
        """The summed probability of that group, float32 ``(N,)``."""
        return self.probabilities[np.arange(self.n), self.answers]


def merge_classes(evaluation: Evaluation, groups: Sequence[str], kinds: Sequence[str] = ()) -> Evaluation:
    """The evaluation as if each group and kind were one class, from the stored predictions; no model is run."""
    if not groups and not kinds:
        return evaluation
    return _grouped(evaluation, *table(evaluation.labels, groups, kinds))


def by_merge(evaluation: Evaluation) -> Evaluation:
    """A ByClass evaluation seen as ByMerge: 47 classes, in ByMerge's order and with its labels.

    Raises:
        GroupError: when the classes are not those of ByClass.
    """
    new_class, written = table(evaluation.labels, MERGED_CASES)
    labels = tuple(name[0] for name in written)
    if labels != BYMERGE_LABELS:
        raise GroupError("Only predictions of the 62 classes of ByClass can be seen as ByMerge.")
    return _grouped(evaluation, new_class, labels)


def _grouped(evaluation: Evaluation, new_class: Labels, labels: tuple[str, ...]) -> Grouped:
    membership = np.zeros((len(new_class), len(labels)), np.float32)
    membership[np.arange(len(new_class)), new_class] = 1
    same = {field.name: getattr(evaluation, field.name) for field in fields(Evaluation)}
    return Grouped(
        **same
        | {
            "labels": labels,
            "true": new_class[evaluation.true],
            "probabilities": evaluation.probabilities @ membership,
            "original": evaluation.ungrouped,
            "answers": new_class[evaluation.predicted],
        }
    )
