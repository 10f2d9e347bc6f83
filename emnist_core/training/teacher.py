"""Learning from another run's answers as well as from the labels (knowledge distillation).

The teacher sees the very image that the student sees, varied as it is, and its answers to it are learned as further
targets (Hinton, Vinyals, Dean 2015, arXiv:1503.02531; that both must see the same: Beyer and others 2022, "Knowledge
distillation: a good teacher is patient and consistent", arXiv:2106.05237). Where people write two classes alike, a
label is one of them by chance, and a teacher's answer says how likely either is.
"""

import keras
import numpy as np
import numpy.typing as npt

from emnist_core import runs
from emnist_core.data import image_hashes
from emnist_core.errors import RecipeError, RunError
from emnist_core.training.export import load_network
from emnist_core.training.recipe import Recipe


def load(recipe: Recipe, held_out: npt.NDArray[np.uint8]) -> keras.Model:
    """The network of the recipe's teacher, which learns nothing itself.

    Args:
        recipe: a recipe that names a teacher.
        held_out: validation images, uint8 ``(N, 28, 28)``.

    Raises:
        RecipeError: when there is no such run, it has other classes or another input size, or it was trained on
            validation images, which would then be no measure of what its student has learned.
    """
    try:
        run = runs.find(recipe.teacher or "")
        seen = run.trained_on()
        if run.split.labels != recipe.split_spec.labels or run.recipe.spec.input_size != recipe.spec.input_size:
            raise RecipeError("teacher", f"{run.name} knows other classes or images of another size; choose another.")
        if seen is None:
            raise RecipeError("teacher", f"{run.name} does not say what it was trained on; choose another.")
        met = int(image_hashes.known(held_out, seen).sum())
        # EMNIST has a few images twice, so that a sound teacher may know some of them.
        if met > 0.01 * len(held_out):
            raise RecipeError(
                "teacher", f"{run.name} was trained on {met:,} of the {len(held_out):,} validation images; hold out "
                "as many as it did."
            )  # fmt: skip
        network = load_network(run, recipe.precision)
    except RunError as error:
        raise RecipeError("teacher", str(error)) from None
    network.trainable = False
    return network
