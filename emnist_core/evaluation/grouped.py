"""An evaluation with classes merged: what accuracy is when nobody is asked to tell 0 from O."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from emnist_core.arrays import Labels, Probabilities
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.groups import MERGED_CASES, GroupError, table
from emnist_core.splits import BYMERGE_LABELS


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
