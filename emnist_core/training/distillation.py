"""Learning from another run's answers as well as from the labels (knowledge distillation).

The teacher sees the very image that the student sees, varied as it is, and its answers to it are learned as more
targets (Hinton, Vinyals, Dean 2015, arXiv:1503.02531; that both must see the same: Beyer and others 2022, "Knowledge
distillation: a good teacher is patient and consistent", arXiv:2106.05237). Where people write two classes alike, a
label is one of them by chance, and a teacher's answer says how likely either is.

Of several teachers each answers to its share of every batch, and not all of them to every image: the distance to
their answers is on average the distance to their mean, and a step takes as long as with one.

Needs no Keras, so that a teacher that does not fit is refused before a worker starts.
"""

from emnist_core import runs
from emnist_core.arrays import Hashes, Images
from emnist_core.data import image_hashes
from emnist_core.errors import RecipeError, RunError
from emnist_core.recipe import Recipe
from emnist_core.runs import Run

SEEN_TWICE = 0.01
"""Share of the validation images that a sound teacher may know: EMNIST has a few images twice."""


def candidates(model: str, split: str) -> list[Run]:
    """The runs whose answers to the same images, of the same classes, a network could learn from."""
    recipe = Recipe(model=model, split=split)
    complete = [run for run in runs.servable_runs() if run.keras_file.exists() and not run.status().is_active]
    fitting = [run for run in complete if _fits(run, recipe)]
    # A name that two runs have means the one that is found by it.
    return [run for run in fitting if runs.find(run.name).path == run.path]


def _fits(run: Run, recipe: Recipe) -> bool:
    is_same_size = run.recipe.spec.input_size == recipe.spec.input_size
    return is_same_size and run.split.labels == recipe.split_spec.labels


def find_all(recipe: Recipe, held_out: Images) -> list[tuple[Run, Hashes]]:
    """The recipe's teachers, each with the hashes of the images that it has seen; raises as ``find``."""
    return [find(name, recipe, held_out) for name in recipe.teachers]


def find(name: str, recipe: Recipe, held_out: Images) -> tuple[Run, Hashes]:
    """The run called ``name`` as a teacher of the recipe, and the hashes of the images that it has seen.

    Args:
        name: one of the recipe's teachers.
        recipe: what the student is trained by.
        held_out: validation images, uint8 ``(N, 28, 28)``.

    Raises:
        RecipeError: when there is no such run, it has other classes, another input size or another prior, it does
            not say what it was trained on, or it was trained on validation images, which would then be no measure of
            what its student has learned.
    """
    try:
        run = runs.find(name)
        seen = run.trained_on()
        if not _fits(run, recipe):
            raise RecipeError("teachers", f"{run.name} knows other classes or images of another size; choose another.")
    except RunError as error:
        raise RecipeError("teachers", str(error)) from None
    if run.recipe.prior != recipe.prior:
        raise RecipeError("teachers", f"{run.name} has the prior {run.recipe.prior}; give the student the same.")
    if seen is None or not run.keras_file.exists():
        raise RecipeError("teachers", f"{run.name} lacks its weights or what it was trained on; choose another.")
    met = int(image_hashes.known(held_out, seen).sum())
    if met > SEEN_TWICE * len(held_out):
        raise RecipeError(
            "teachers",
            f"{run.name} was trained on {met:,} of the {len(held_out):,} validation images; on the same split hold "
            f"out no more than it did ({run.recipe.validation_share:g}), or choose another.",
        )
    return run, seen
