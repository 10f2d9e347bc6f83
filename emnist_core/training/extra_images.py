"""Images of other splits that join the training rows.

EMNIST's splits are separate draws from the same 814,255 images, so other splits hold images of a split's classes that
its own training part lacks. What must not be learned stays out: an image is left out when it is among the split's own
rows, its test part or its validation rows, whatever split it comes from.

Letters does not say whether an F is a capital or a small one. Where a class of the other split could be several of
this one, teachers decide between those, and an image that they are unsure of is left out (pseudo-labels, Lee 2013).

All images that train together are then in memory, 784 bytes each and for a moment twice: with all of ByClass 0.6 GB.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from emnist_core import data
from emnist_core.arrays import Hashes, Images, Labels, Mask, Rows
from emnist_core.data import Dataset, image_hashes
from emnist_core.errors import RecipeError
from emnist_core.recipe import Recipe
from emnist_core.splits import PART_NAMES, PARTS, SPLITS, Split

Answers = Callable[[Images], npt.NDArray[np.floating]]
"""Maps images (uint8 (N, 28, 28)) to the probability of each class, float (N, classes)."""

SURE = 0.9
"""How likely a class must be, among those that an image may have, to be taken as its label."""


@dataclass(frozen=True)
class ExtraImages:
    """Images beyond a split's own rows.

    Attributes:
        images: uint8 (N, 28, 28).
        may_be: the classes that each image may have, bool (N, classes); none where two parts contradict each other.
        used: the parts that they are of, a plain name and the sha256 of each.
    """

    images: Images
    may_be: Mask
    used: dict[str, str]

    def settled(self, answers: Answers | None) -> tuple[Images, Labels]:
        """The images whose class is known, or answered surely enough, and their classes, int64.

        Args:
            answers: what tells apart the classes that an image may have; None leaves out all that may have several.
        """
        likely = self.may_be.astype(np.float64)
        unsettled = likely.sum(axis=1) > 1
        if answers is not None and unsettled.any():
            likely[unsettled] *= answers(self.images[unsettled])
        likely /= np.maximum(likely.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        sure = likely.max(axis=1) >= SURE
        return self.images[sure], likely[sure].argmax(axis=1)


def candidates(split: str) -> list[str]:
    """The fetched parts of other splits that have classes of the split called ``split``; none while that is not."""
    if not all(data.is_installed(split, part) for part in PARTS):
        return []
    return [
        name
        for name, (other, part) in PART_NAMES.items()
        if other != split and data.is_installed(other, part) and class_table(SPLITS[other], SPLITS[split]).any()
    ]


def parts(recipe: Recipe, own: Dataset) -> list[Dataset]:
    """The recipe's ``extra_images`` parts, and after them the test part of its split, opened.

    Raises:
        DataError: when one of them has not been fetched.
    """
    kind: data.DatasetKind = "sample" if own.is_sample else "emnist"
    return [data.load(*PART_NAMES[name], kind) for name in (*recipe.extra_images, f"{recipe.split}-test")]


def find(recipe: Recipe, own: Dataset) -> ExtraImages:
    """The images of the recipe's ``extra_images`` parts that are not among the split's own, each once.

    Args:
        recipe: the recipe.
        own: the training part of its split, validation rows included.

    Raises:
        DataError: when one of the parts, or the test part of the split, has not been fetched.
        RecipeError: when none of a part's images could join.
    """
    *others, test = parts(recipe, own)
    out = np.union1d(image_hashes.hashes(own.images), image_hashes.hashes(test.images))
    images, may_be, found = [], [], []
    for name, part in zip(recipe.extra_images, others, strict=True):
        classes, hashes = class_table(part.split, own.split)[part.labels], image_hashes.hashes(part.images)
        joins = classes.any(axis=1) & ~np.isin(hashes, out)
        if not joins.any():
            raise RecipeError(
                "extra_images", f"{name} has no image that {own.split.title} could use and lacks; leave it out."
            )
        images.append(part.images[joins])
        may_be.append(classes[joins])
        found.append(hashes[joins])
    first, each = _once(np.concatenate(found), np.concatenate(may_be))
    used = {f"{part.part} part of {part.name}": part.sha256 for part in others}
    return ExtraImages(np.concatenate(images)[first], each, used)


def _once(found: Hashes, may_be: Mask) -> tuple[Rows, Mask]:
    """The rows in which an image comes first, and the classes that all parts which have it leave it."""
    _, first, which = np.unique(found, return_index=True, return_inverse=True)
    each = np.ones((len(first), may_be.shape[1]), bool)
    np.logical_and.at(each, which, may_be)
    order = np.argsort(first)
    return first[order], each[order]


def class_table(other: Split, own: Split) -> Mask:
    """Which classes of ``own`` an image of each class of ``other`` may have: bool (other classes, own classes)."""
    pairs = [[bool(theirs & ours) for ours in own.characters] for theirs in other.characters]
    return np.array(pairs)
