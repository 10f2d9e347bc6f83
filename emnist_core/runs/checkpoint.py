"""The state of a training that is not over: ``checkpoint.npz`` of a run, from which it goes on as if never broken off.

Its arrays are every variable of network, augmentation, optimizer and metrics, in the order in which they were made:
weights and their average, moments, the count of steps that the learning rate follows, every random state. The order of
images and their mixing follow from seed, epoch and batch. What is no array is a ``Position``.
"""

import json
from dataclasses import dataclass

import numpy as np
from pydantic import ValidationError

from emnist_core.errors import RecipeError, RunError
from emnist_core.files import write_atomically
from emnist_core.recipe import Recipe
from emnist_core.runs import checksums
from emnist_core.runs.run import Run
from emnist_core.runs.schema import Position

POSITION = "position"


@dataclass(frozen=True)
class Checkpoint:
    """A position and the arrays of that moment."""

    position: Position
    arrays: list[np.ndarray]


def write(run: Run, checkpoint: Checkpoint) -> None:
    """Put a checkpoint in place of the run's last one, which stays whole until then; raises ``OSError``."""
    named = {f"{number:04d}": array for number, array in enumerate(checkpoint.arrays)}
    with checksums.renewing(run.checkpoint_file), write_atomically(run.checkpoint_file) as temporary:
        np.savez(temporary, allow_pickle=False, **named, **{POSITION: np.array(checkpoint.position.model_dump_json())})


def read(run: Run) -> Checkpoint | None:
    """The run's last checkpoint, None where it has none.

    Raises:
        RunError: when it is damaged, or of another recipe; of other ``epochs`` it may be.
    """
    try:
        checksums.read(run.checkpoint_file)
        with np.load(run.checkpoint_file, allow_pickle=False) as file:
            position = Position.model_validate_json(str(file[POSITION]))
            arrays = [file[name] for name in sorted(file.files) if name != POSITION]
        trained = Recipe.parse(position.recipe)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError, KeyError, NotImplementedError, ValidationError, RecipeError):
        raise RunError(
            f"checkpoint.npz of the run {run.name} is damaged, so that it cannot be resumed; what it learned until its "
            "best epoch is kept, and its recipe.json can be trained as a new run."
        ) from None
    if difference := _difference(trained, run.recipe):
        raise RunError(
            f"recipe.json of the run {run.name} is not what it was trained with ({difference}); put that back to "
            "resume it, or train the recipe as a new run."
        )
    return Checkpoint(position, arrays)


def _difference(was: Recipe, now: Recipe) -> str | None:
    """The first setting that differs, ``epochs`` aside."""
    before, after = was.model_dump(), now.model_dump()
    name = next((name for name in after if name != "epochs" and before[name] != after[name]), None)
    return name and f"{name}: {json.dumps(before[name])}, not {json.dumps(after[name])}"
