"""Groups of classes that count as one, by their labels alone.

A group is a string of labels (every label of EMNIST is one character), and several are written with
spaces between them: ``"0O 1IL Ff 9qg"``.
"""

from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np

from emnist_core.arrays import Labels
from emnist_core.errors import EmnistError
from emnist_core.splits import MERGED_LETTERS

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
    several = tuple("".join(group) for group in groups if len(group) > 1)
    named = "".join(several)
    twice = next((c for c in named if named.count(c) > 1), None)
    if twice is not None:
        raise GroupError(f"{twice} is in two groups; give each label to one group only.")
    return several


def table(labels: Sequence[str], groups: Sequence[str], kinds: Sequence[str] = ()) -> tuple[Labels, tuple[str, ...]]:
    """For every class its new class, int64 ``(classes,)``, and the new labels.

    A group stands where its first label stood and is written with all of them, ``"0/O"``; a kind of ``KINDS`` by
    its own name, ``"0-9"``. A class of such a kind is in no other group: with the digits merged, ``"0O"`` is O.
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
    several = tuple(kind for kind, members in KINDS.items() if len(set(members) & set(labels)) > 1)
    return several if len(several) > 1 else ()


def _members(label: str) -> set[str]:
    """The labels that a group, a kind or a label stands for."""
    return set(KINDS.get(label, label.split("/")))
