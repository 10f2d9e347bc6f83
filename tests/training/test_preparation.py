"""What is refused, and what is said, before a training starts."""

import numpy as np
import pytest

from emnist_core.errors import RecipeError
from emnist_core.recipe import Recipe
from emnist_core.splits import SPLITS
from emnist_core.training import preparation
from emnist_core.training.preparation import one_sided

DIGITS = SPLITS["digits"]


def test_rows_sorted_by_class_are_refused_and_the_classes_named():
    labels = np.repeat(np.arange(10), 60)
    with pytest.raises(RecipeError, match=r"100 of the 120 validation images .*\(8, 9\).*sorted by class"):
        one_sided(DIGITS, labels[:480], np.concatenate([labels[-100:], labels[:20]]))


def test_the_first_rows_of_sorted_ones_are_refused_likewise():
    labels = np.repeat(np.arange(10), 60)
    shuffled = np.random.default_rng(1).permutation(labels)
    with pytest.raises(RecipeError, match="train_images must reach every class"):
        one_sided(DIGITS, labels[:120], shuffled[:100])


def test_classes_that_one_side_lacks_are_said():
    assert one_sided(DIGITS, np.arange(10), np.arange(10)) is None
    assert one_sided(DIGITS, np.arange(9), np.arange(10)) == "Only validation rows have 9, which is never learned."
    said = one_sided(DIGITS, np.arange(1, 10), np.arange(9))
    assert said == (
        "Only validation rows have 0, which is never learned. Only training rows have 9, which is never validated."
    )


def test_a_recipe_whose_few_rows_lack_classes_is_told_so_before_it_starts():
    recipe = Recipe(model="lenet5", split="balanced", dataset_kind="sample", train_images=40, batch_size=8)
    [remark] = preparation.check(recipe)
    assert remark.startswith("Only validation rows have ")
    assert preparation.check(recipe.model_copy(update={"train_images": None})) == []
