"""Learning-rate schedules and optimizers against their formulas."""

from math import cos, pi

import keras
import numpy as np
import pytest

from emnist_core.recipe import Recipe
from emnist_core.training.optimizers import learning_rate, optimizer, rate_function

PEAK, STEPS, WARM_UP = 0.004, 200, 60


def rates(**settings: object) -> list[float]:
    recipe = Recipe.parse({"learning_rate": PEAK, **settings})
    return [rate_function(learning_rate(recipe, STEPS))(step) for step in range(STEPS + 1)]


def test_constant_stays():
    assert rates(schedule="constant") == [PEAK] * (STEPS + 1)


def test_cosine_falls_from_the_peak_to_nothing():
    expected = [PEAK * (1 + cos(pi * step / STEPS)) / 2 for step in range(STEPS + 1)]
    np.testing.assert_allclose(rates(schedule="cosine"), expected, atol=1e-8)


def test_one_cycle_rises_for_30_percent_of_the_steps_and_then_falls_as_a_cosine():
    low = PEAK / 25
    expected = [
        low + (PEAK - low) * step / WARM_UP
        if step < WARM_UP
        else PEAK * (1 + cos(pi * (step - WARM_UP) / (STEPS - WARM_UP))) / 2
        for step in range(STEPS + 1)
    ]
    np.testing.assert_allclose(rates(schedule="one-cycle"), expected, atol=1e-8)


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle"])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_schedule_of_hardly_any_steps_is_finite(schedule: str, steps: int):
    rate = rate_function(learning_rate(Recipe.parse({"schedule": schedule}), steps))
    assert all(0 <= rate(step) <= 0.001 + 1e-9 for step in range(steps + 1))


def stepped(recipe: Recipe) -> dict[str, np.ndarray]:
    """Weights that began at 1, after one step with gradients of 0: what decay alone does."""
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Conv2D(2, 3, name="convolution"),
            keras.layers.BatchNormalization(name="norm"),
            keras.layers.Flatten(),
            keras.layers.Dense(2, name="output"),
        ]
    )
    chosen = optimizer(recipe, recipe.peak_learning_rate)
    for weight in model.trainable_variables:
        weight.assign(keras.ops.ones_like(weight))
    zeros = [keras.ops.zeros_like(weight) for weight in model.trainable_variables]
    chosen.apply_gradients(zip(zeros, model.trainable_variables, strict=True))
    return {weight.path.split("/", 1)[1]: weight.numpy() for weight in model.trainable_variables}


def test_adamw_decays_kernels_and_leaves_biases_and_norms_alone():
    weights = stepped(Recipe(optimizer="adamw", learning_rate=0.1, weight_decay=0.5))
    decayed = {name for name, value in weights.items() if not np.allclose(value, 1)}
    assert decayed == {"kernel", "convolution/kernel", "output/kernel"} & set(weights)
    assert len(decayed) == 2
    for name in decayed:
        np.testing.assert_allclose(weights[name], 1 - 0.1 * 0.5, rtol=1e-6)


@pytest.mark.parametrize("name", ["adam", "adamax", "adadelta", "sgd"])
def test_the_other_optimizers_decay_nothing(name: str):
    assert all(np.allclose(value, 1) for value in stepped(Recipe.parse({"optimizer": name})).values())


def test_sgd_has_nesterov_momentum():
    chosen = optimizer(Recipe(optimizer="sgd"), 0.01)
    assert (chosen.momentum, chosen.nesterov) == (0.9, True)
