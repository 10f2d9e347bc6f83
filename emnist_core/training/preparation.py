"""What can be known of a training before it starts: whether it can be done at all, and which classes lack a side.

Needs no Keras, so that a recipe that does not fit is refused before a run is made and a worker started.
"""

import numpy as np

from emnist_core import data
from emnist_core.arrays import Labels
from emnist_core.errors import RecipeError
from emnist_core.recipe import Recipe
from emnist_core.splits import Split
from emnist_core.training import distillation, extra_images


def check(recipe: Recipe) -> str | None:
    """Refuse what cannot be trained; gives a sentence on classes that only one side has, or None.

    Raises:
        DataError: when the data is not there.
        RecipeError: when the recipe does not fit the data, or its teachers do not fit the recipe.
    """
    dataset = data.load(recipe.split, "train", recipe.dataset_kind)
    training, begin = recipe.divide(len(dataset))
    distillation.find_all(recipe, dataset.images[begin:])
    if recipe.extra_images:  # which classes these bring is known once teachers have seen them
        extra_images.parts(recipe, dataset)
        return None
    return one_sided(dataset.split, dataset.labels[:training], dataset.labels[begin:])


def one_sided(split: Split, training: Labels, validation: Labels) -> str | None:
    """Which classes only the training rows have, or only the validation rows, in a sentence; None where all have both.

    Args:
        split: names the classes.
        training: labels of what is trained on, int64 ``(N,)``.
        validation: labels of what is held out, int64 ``(M,)``.

    Raises:
        RecipeError: when most validation images are of classes that are never trained, as in rows sorted by class.
    """
    trained, validated = (np.bincount(labels, minlength=split.classes) for labels in (training, validation))
    unlearned, unmeasured = (validated > 0) & (trained == 0), (trained > 0) & (validated == 0)
    unseen = int(validated[unlearned].sum())
    if 2 * unseen > len(validation):
        raise RecipeError(
            "validation_share",
            f"{unseen:,} of the {len(validation):,} validation images are of classes that no training row has "
            f"({_names(split, unlearned)}); rows that are sorted by class must be shuffled before they are fetched, "
            "and train_images must reach every class.",
        )
    sentences = [
        f"Only {side} rows have {_names(split, classes)}, {so}."
        for side, classes, so in (
            ("validation", unlearned, "which is never learned"),
            ("training", unmeasured, "which is never validated"),
        )
        if classes.any()
    ]
    return " ".join(sentences) or None


def _names(split: Split, classes: np.ndarray) -> str:
    return ", ".join(split.labels[number] for number in np.flatnonzero(classes))
