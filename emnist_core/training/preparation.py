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

# About as many as batch normalisation's averages need, which keep 0.99 of what they were at every step; LeNet-5 v2 on
# EMNIST validated at 9 % after 352 steps and at 75 % after 528.
STEPS_TO_SETTLE = 600


def check(recipe: Recipe) -> list[str]:
    """Refuse what cannot be trained; gives the ``remarks`` on what can.

    Raises:
        DataError: when the data is not there.
        RecipeError: when the recipe does not fit the data, or its teachers do not fit the recipe.
    """
    dataset = data.load(recipe.split, "train", recipe.dataset_kind)
    _, begin = recipe.divide(len(dataset))
    distillation.find_all(recipe, dataset.images[begin:])
    if recipe.extra_images:
        extra_images.parts(recipe, dataset)
    return remarks(recipe)


def remarks(recipe: Recipe) -> list[str]:
    """What is worth knowing before it starts, a sentence each; raises as ``check``, teachers aside."""
    dataset = data.load(recipe.split, "train", recipe.dataset_kind)
    training, begin = recipe.divide(len(dataset))
    if recipe.extra_images:  # which classes these bring is known once teachers have seen them
        return []
    sentences = one_sided(dataset.split, dataset.labels[:training], dataset.labels[begin:]), unsettled(recipe, training)
    return [sentence for sentence in sentences if sentence is not None]


def unsettled(recipe: Recipe, training: int) -> str | None:
    """That batch normalisation will not have settled when so many images train, in a sentence, where that is so."""
    steps = recipe.steps(training)
    if not recipe.spec.non_trainable or steps >= STEPS_TO_SETTLE:
        return None
    return (
        f"{recipe.spec.title} normalises by batch, and validates by averages that need about {STEPS_TO_SETTLE:,} steps "
        f"to settle: before that validation looks far worse than training. These settings take {steps:,}; choose "
        "smaller batches or more epochs."
    )


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
