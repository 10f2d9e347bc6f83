"""Recipes: nonsense is refused with the field named, sense survives JSON."""

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emnist_core import recipe as recipes
from emnist_core import splits
from emnist_core.errors import RecipeError
from emnist_core.models import MODELS
from emnist_core.recipe import DEFAULT_LEARNING_RATES, Recipe

NAN, INFINITY = float("nan"), float("inf")

NONSENSE: list[tuple[str, dict[str, Any]]] = [
    ("model", {"model": "lenet6"}),
    ("model", {"model": 5}),
    ("model", {"model": None}),
    ("split", {"split": "kuzushiji"}),
    ("dataset_kind", {"dataset_kind": "internet"}),
    ("optimizer", {"optimizer": "lion"}),
    ("learning_rate", {"learning_rate": 0}),
    ("learning_rate", {"learning_rate": -0.1}),
    ("learning_rate", {"learning_rate": 11}),
    ("learning_rate", {"learning_rate": NAN}),
    ("learning_rate", {"learning_rate": INFINITY}),
    ("learning_rate", {"learning_rate": "fast"}),
    ("schedule", {"schedule": "step"}),
    ("weight_decay", {"optimizer": "adamw", "weight_decay": -0.1}),
    ("weight_decay", {"optimizer": "adamw", "weight_decay": NAN}),
    ("weight_decay", {"optimizer": "adam", "weight_decay": 0.1}),
    ("batch_size", {"batch_size": 0}),
    ("batch_size", {"batch_size": 10_000}),
    ("batch_size", {"batch_size": 2.5}),
    ("batch_size", {"batch_size": 512, "train_images": 511}),
    ("epochs", {"epochs": 0}),
    ("epochs", {"epochs": 1001}),
    ("epochs", {"epochs": None}),
    ("dropout", {"dropout": 1.0}),
    ("dropout", {"dropout": -0.1}),
    ("dropout", {"dropout": NAN}),
    ("dropout", {"model": "lenet5", "dropout": 0.5}),
    ("l2", {"l2": -0.1}),
    ("l2", {"l2": NAN}),
    ("augmentation", {"augmentation": "flip"}),
    ("prior", {"prior": "flat"}),
    ("label_smoothing", {"label_smoothing": 0.6}),
    ("label_smoothing", {"label_smoothing": -0.1}),
    ("weight_average", {"weight_average": 1.0}),
    ("weight_average", {"weight_average": -0.1}),
    ("teachers", {"teachers": "../elsewhere"}),
    ("teachers", {"teachers": ["se-resnet", ""]}),
    ("teachers", {"teachers": 3}),
    ("batch_size", {"teachers": ["resnet34", "se-resnet"], "batch_size": 1}),
    ("extra_images", {"extra_images": ["byclass"]}),
    ("extra_images", {"extra_images": ["mnist-test", "balanced-test"]}),
    ("extra_images", {"extra_images": 3}),
    ("batch_norm_images", {"batch_norm_images": -1}),
    ("keep", {"keep": "first"}),
    ("seed", {"seed": -1}),
    ("seed", {"seed": 2**31}),
    ("validation_share", {"validation_share": 0}),
    ("validation_share", {"validation_share": 0.51}),
    ("validation_share", {"validation_share": NAN}),
    ("train_images", {"train_images": 0}),
    ("precision", {"precision": "float16"}),
    ("momentum", {"momentum": 0.9}),
]


@pytest.mark.parametrize(("field", "settings"), NONSENSE, ids=[f"{f}-{i}" for i, (f, _) in enumerate(NONSENSE)])
def test_nonsense_is_refused_with_the_field_named(field: str, settings: dict[str, Any]):
    with pytest.raises(RecipeError) as refused:
        Recipe.parse(settings)
    assert refused.value.field == field
    assert str(refused.value).startswith(f"{field}: ")
    assert "\n" not in str(refused.value)


def choices(annotation: object) -> st.SearchStrategy[str]:
    return st.sampled_from(get_args(annotation))


@st.composite
def sensible(draw: st.DrawFn) -> Recipe:
    """Any recipe that makes sense."""
    model = draw(st.sampled_from(list(MODELS)))
    optimizer = draw(choices(recipes.Optimizer))
    return Recipe.parse(
        {
            "model": model,
            "split": draw(st.sampled_from(list(splits.SPLITS))),
            "dataset_kind": draw(choices(splits.DatasetKind)),
            "optimizer": optimizer,
            "learning_rate": draw(st.none() | st.floats(1e-6, 10)),
            "schedule": draw(choices(recipes.Schedule)),
            "weight_decay": draw(st.floats(0, 1)) if optimizer == "adamw" else 0.0,
            "batch_size": draw(st.integers(1, 1000)),
            "epochs": draw(st.integers(1, 1000)),
            "dropout": draw(st.none() | st.floats(0, 0.99)) if MODELS[model].dropout is not None else None,
            "l2": draw(st.none() | st.floats(0, 1)),
            "augmentation": draw(choices(recipes.Augmentation)),
            "prior": draw(choices(recipes.Prior)),
            "label_smoothing": draw(st.floats(0, 0.5)),
            "weight_average": draw(st.floats(0, 0.9999)),
            "keep": draw(st.sampled_from(["best", "last"])),
            "seed": draw(st.integers(0, 2**31 - 1)),
            "validation_share": draw(st.floats(1e-3, 0.5)),
            "train_images": draw(st.none() | st.integers(1000, 10**6)),
            "precision": draw(st.sampled_from(["float32", "mixed_bfloat16"])),
        }
    )


@given(sensible())
def test_a_recipe_survives_json(recipe: Recipe):
    assert Recipe.parse(json.loads(json.dumps(recipe.model_dump()))) == recipe


@given(sensible(), st.integers(0, 200_000))
def test_validation_is_the_last_rows_and_training_the_first(recipe: Recipe, images: int):
    try:
        training, begin = recipe.divide(images)
    except RecipeError:
        # Then nothing is left on one side, or not one full batch.
        kept = images - round(images * recipe.validation_share)
        assert kept == images or min(kept, recipe.train_images or kept) < recipe.batch_size
        return
    held_out = images - begin
    assert abs(held_out - images * recipe.validation_share) <= 0.5
    assert held_out >= 1
    assert recipe.batch_size <= training <= begin
    assert training == begin or training == recipe.train_images


def test_balanced_keeps_its_last_sixth_for_validation_as_its_authors_do():
    assert Recipe().divide(112_800) == (94_000, 94_000)


@pytest.mark.parametrize("images", range(4))
def test_too_few_images_to_divide_are_told_in_numbers(images: int):
    with pytest.raises(RecipeError, match=f"it leaves {images} of {images} images to train on and 0 to validate on"):
        Recipe(batch_size=1, validation_share=0.1).divide(images)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", DEFAULT_LEARNING_RATES)
def test_the_default_learning_rate_is_kerass(optimizer: recipes.Optimizer):
    import keras

    kerass = getattr(keras.optimizers, {"adamw": "AdamW", "sgd": "SGD"}.get(optimizer, optimizer.title()))()
    assert Recipe(optimizer=optimizer).peak_learning_rate == pytest.approx(float(kerass.learning_rate))
    assert Recipe(optimizer=optimizer, learning_rate=0.2).peak_learning_rate == 0.2


def test_every_optimizer_has_a_default_learning_rate():
    assert set(DEFAULT_LEARNING_RATES) == set(get_args(recipes.Optimizer))


def test_a_recipe_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Recipe().epochs = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("given_as", "teachers"),
    [(None, ()), ("se-resnet", ("se-resnet",)), (["se-resnet", "resnet34"], ("se-resnet", "resnet34"))],
)
def test_one_teacher_may_be_named_alone(given_as: Any, teachers: tuple[str, ...]) -> None:
    assert Recipe.parse({"teachers": given_as}).teachers == teachers
