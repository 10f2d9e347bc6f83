"""Runs side by side: the settings in which they differ, their curves, and their answers to the same images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from emnist_core.evaluation.comparison import Comparison, compare
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.store import stored_evaluations
from emnist_core.runs import Run

POINTS = 300
"""Points of a curve by step at most: each is the mean of as many logged steps as that takes."""


@dataclass(frozen=True)
class Setting:
    """A setting of several recipes: its name, its value in each in words, and whether these differ."""

    name: str
    values: tuple[str, ...]
    differs: bool


def settings(runs: Sequence[Run]) -> list[Setting]:
    """Every setting of the runs' recipes, those that differ first; raises ``RunError`` for a damaged recipe."""
    recipes = [
        run.recipe.model_dump() | {"learning_rate": run.recipe.peak_learning_rate, "dropout": _dropout(run)}
        for run in runs
    ]
    compared = []
    for name in recipes[0]:
        values = tuple(_in_words(recipe[name]) for recipe in recipes)
        compared.append(Setting(name, values, len(set(values)) > 1))
    return sorted(compared, key=lambda setting: not setting.differs)


def _dropout(run: Run) -> float | None:
    return run.recipe.spec.dropout if run.recipe.dropout is None else run.recipe.dropout


def _in_words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)


@dataclass(frozen=True)
class Curves:
    """A run's accuracies as it learned: ``validation`` a row an epoch, ``training`` at most ``POINTS`` of its steps.

    Both frames have ``epoch, step, minutes, accuracy``.
    """

    name: str
    validation: pd.DataFrame
    training: pd.DataFrame


def curves(run: Run) -> Curves:
    """The curves of a run, empty before its first step; raises ``RunError`` when they cannot be read."""
    steps, epochs = run.metrics("step"), run.metrics("epoch")
    every = max(1, -(-len(steps) // POINTS))
    thinned = steps.groupby(np.arange(len(steps)) // every).mean(numeric_only=True) if len(steps) else steps
    epochs = epochs.assign(step=epochs["epoch"] * run.status().steps_per_epoch, accuracy=epochs["validation_accuracy"])
    columns = ["epoch", "step", "minutes", "accuracy"]
    return Curves(run.name, *(frame.assign(minutes=frame["seconds"] / 60)[columns] for frame in (epochs, thinned)))


def evaluated_together(runs: Sequence[Run]) -> dict[str, list[Evaluation]]:
    """By what it goes by, the data that at least two of the runs were evaluated on, and their evaluations on it.

    What most of them were evaluated on comes first.
    """
    together: dict[tuple[str, tuple[str, ...]], list[Evaluation]] = {}
    for run in runs:
        for evaluation in stored_evaluations(run):
            together.setdefault((evaluation.data_sha256, evaluation.labels), []).append(evaluation)
    several = sorted((found for found in together.values() if len(found) > 1), key=len, reverse=True)
    return {found[0].title: found for found in several}


def contest(first: Evaluation, second: Evaluation) -> Comparison:
    """McNemar's test of two evaluations of the same data, on the images that neither run was trained on."""
    common = np.intersect1d(first.rows, second.rows)
    one, other = first.at(common), second.at(common)
    return compare(one.is_right, other.is_right)
