"""Classes taken together: what accuracy is when nobody is asked to tell 0 from O.

A group is a string of labels (every label of EMNIST is one character), and several are written with
spaces between them: ``"0O 1IL Ff 9qg"``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np

from emnist_core.arrays import Labels, Probabilities
from emnist_core.errors import EmnistError
from emnist_core.evaluation.predictions import Evaluation
from emnist_core.splits import BYMERGE_LABELS, MERGED_LETTERS

AMBIGUOUS = ("0O", "1IL", "Ff", "9qg")
"""Classes that people cannot tell apart either once size and context are gone."""

KINDS = {"0-9": digits, "A-Z": ascii_uppercase, "a-z": ascii_lowercase}
"""What a class is: a digit, a capital (in ByMerge and Balanced with its merged small letter), a small letter."""

MERGED_CASES = tuple(letter + letter.lower() for letter in MERGED_LETTERS)
"""What turns ByClass into ByMerge."""


class GroupError(EmnistError):
    """Groups that cannot be read."""


def parse(text: str, labels: Sequence[str]) -> tuple[str, ...]:
    """Read groups written by a person; labels that the split lacks are passed over.

    Raises:
        GroupError: when a label is in two groups.
    """
    groups = [[c for c in dict.fromkeys(word) if c in labels] for word in text.replace(",", " ").split()]
    found = tuple("".join(group) for group in groups if len(group) > 1)
    named = "".join(found)
    twice = next((c for c in named if named.count(c) > 1), None)
    if twice is not None:
        raise GroupError(f"{twice} is in two groups; give each label to one group only.")
    return found


def table(labels: Sequence[str], groups: Sequence[str], kinds: Sequence[str] = ()) -> tuple[Labels, tuple[str, ...]]:
    """For every class its new class, int64 ``(classes,)``, and the new labels.

    A group stands where its first label stood and is written with all of them, ``"0/O"``; a kind of ``KINDS`` by
    its own name, ``"0-9"``. A class of such a kind is in no other group: with the digits together, ``"0O"`` is O.
    """
    name_of = {label: kind for kind in kinds for label in KINDS[kind]}
    for group in groups:
        left = [label for label in group if label not in name_of]
        name_of |= dict.fromkeys(left, "/".join(left))
    written = [name_of.get(label, label) for label in labels]
    new = tuple(dict.fromkeys(written))
    return np.array([new.index(name) for name in written], np.int64), new


def holding(labels: Sequence[str], wanted: str | None) -> str | None:
    """The label that ``wanted`` goes by among ``labels``: itself, its group's, or its group's first label.

    A small letter that the labels lack goes by its capital, with which it is then merged.
    """
    if wanted is None or wanted in labels:
        return wanted
    parts = _members(wanted)
    held = next((label for label in labels if parts & _members(label)), None)
    return held if held or wanted == wanted.upper() else holding(labels, wanted.upper())


def kinds_of(labels: Sequence[str]) -> tuple[str, ...]:
    """The kinds among ``labels`` that several classes are of; none where all are of one kind."""
    found = tuple(kind for kind, members in KINDS.items() if len(set(members) & set(labels)) > 1)
    return found if len(found) > 1 else ()


def _members(label: str) -> set[str]:
    """The labels that a group, a kind or a label stands for."""
    return set(KINDS.get(label, label.split("/")))


@dataclass(frozen=True, eq=False, kw_only=True)
class Grouped(Evaluation):
    """An evaluation over groups: the answers are those that were given, each counted for its group.

    So errors within a group vanish and no others come, and accuracy never falls. (The group of the largest
    summed probability may be another one.)

    Attributes:
        answers: int64 ``(N,)``, the group of the class that was the most probable.
    """

    answers: Labels

    @cached_property
    def predicted(self) -> Labels:
        """The group of each image's most probable class, int64 ``(N,)``."""
        return self.answers

    @cached_property
    def confidence(self) -> Probabilities:
        """The summed probability of that group, float32 ``(N,)``."""
        return self.probabilities[np.arange(self.n), self.answers]


def collapse(evaluation: Evaluation, groups: Sequence[str], kinds: Sequence[str] = ()) -> Evaluation:
    """The evaluation as if each group and kind were one class, from the kept predictions; no model is run."""
    if not groups and not kinds:
        return evaluation
    return _grouped(evaluation, *table(evaluation.labels, groups, kinds))


def by_merge(evaluation: Evaluation) -> Evaluation:
    """A ByClass evaluation seen as ByMerge: 47 classes, in ByMerge's order and with its labels."""
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
            "answers": new_class[evaluation.predicted],
        }
    )
