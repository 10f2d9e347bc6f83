"""A recipe's optimizer and its learning rate over the steps."""

from collections.abc import Callable
from typing import Any

import keras

from emnist_core.recipe import Recipe


def learning_rate(recipe: Recipe, steps: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """The recipe's learning rate over ``steps`` steps: a number, or a Keras schedule."""
    peak = recipe.peak_learning_rate
    if recipe.schedule == "constant":
        return peak
    if recipe.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(peak, steps)
    warm_up = max(1, round(0.3 * steps))
    return keras.optimizers.schedules.CosineDecay(
        peak / 25, max(1, steps - warm_up), warmup_target=peak, warmup_steps=warm_up
    )


def rate_function(rate: float | keras.optimizers.schedules.LearningRateSchedule) -> Callable[[int], float]:
    """A function from step to learning rate, for the journal."""
    if isinstance(rate, float):
        return lambda _step: rate
    return lambda step: float(rate(step))


def optimizer(
    recipe: Recipe, rate: float | keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    """The recipe's optimizer."""
    average: dict[str, Any] = {}
    if recipe.weight_average:
        average = {"use_ema": True, "ema_momentum": recipe.weight_average}
    match recipe.optimizer:
        case "adam":
            return keras.optimizers.Adam(rate, **average)
        case "adamax":
            return keras.optimizers.Adamax(rate, **average)
        case "adadelta":
            return keras.optimizers.Adadelta(rate, **average)
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, **average)
        case "adamw":
            adamw = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, **average)
            # Decay pulls on kernels only; biases and batch-norm scales have no reason to be small.
            adamw.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
            return adamw
