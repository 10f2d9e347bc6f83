"""What a sweep has to do: which rows are done, which were broken off, which are yet to begin.

Needs no Keras, so that a plan is shown at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from emnist_core import paths
from emnist_core.errors import RunError
from emnist_core.runs import Run
from emnist_core.sweeps import results
from emnist_core.sweeps.spec import Row, Sweep

FEWEST_TO_COMPARE_WITH = 3


@dataclass(frozen=True)
class Step:
    """A row and what is to be done for it.

    Attributes:
        row: the row.
        run: the run it has or will have.
        state: the state of that, or None when it was not begun.
        to_do: ``"train"``, ``"train again"``, ``"nothing"``, ``"wait"`` for whoever trains it now, or ``"with"``
            and the earlier row that has the very same recipe.
    """

    row: Row
    run: Run
    state: str | None
    to_do: str

    @property
    def is_to_train(self) -> bool:
        """Whether there is something to train."""
        return self.to_do in ("train", "train again")


def plan(sweep: Sweep, prune: bool = False) -> list[Step]:
    """A step for every row.

    Raises:
        RunError: when a run of a row's name has another recipe.
    """
    steps = [step(row, sweep, prune) for row in sweep.rows]
    return [_once(number, steps) for number in range(len(steps))]


def _once(number: int, steps: list[Step]) -> Step:
    this = steps[number]
    for earlier in steps[:number]:
        if earlier.row.recipe == this.row.recipe and earlier.is_to_train:
            return Step(this.row, earlier.run, earlier.state, f"with {earlier.row.name}")
    return this


def step(row: Row, sweep: Sweep, prune: bool = False) -> Step:
    """What is to be done for one row now; raises as ``plan``."""
    done = results.finished(row)
    if done is not None:
        return Step(row, done, "finished", "nothing")
    run = Run(paths.own_runs() / row.run_name)
    if not run.path.exists():
        return Step(row, run, None, "train")
    if run.recipe != row.recipe:
        raise RunError(
            f"The run {run.name} was made with another recipe ({_difference(run, row)}); delete it, or give the row "
            "another name."
        )
    try:
        status = run.status()
    except RunError:
        return Step(row, run, "damaged", "train again")
    if status.is_active:
        return Step(row, run, status.state, "wait")
    pruned = prune and status.state == "stopped" and should_prune(_curve(run), finished_curves(sweep))
    return Step(row, run, "pruned" if pruned else status.state, "nothing" if pruned else "train again")


def _difference(run: Run, row: Row) -> str:
    """The first setting that differs."""
    was, wanted = run.recipe.model_dump(), row.recipe.model_dump()
    name = next(name for name in wanted if was[name] != wanted[name])
    return f"{name}: {was[name]}, not {wanted[name]}"


def should_prune(reached: Sequence[float], others: Sequence[Sequence[float]]) -> bool:
    """Whether the best of a training so far is below the median of what others had after as many epochs.

    Optuna's ``MedianPruner`` does the same. Said only once three others have come that far.

    Args:
        reached: validation accuracy after every epoch so far.
        others: the same of finished rows.
    """
    epochs = len(reached)
    there = [curve[epochs - 1] for curve in others if len(curve) >= epochs]
    return epochs > 0 and len(there) >= FEWEST_TO_COMPARE_WITH and max(reached) < median(there)


def finished_curves(sweep: Sweep) -> list[list[float]]:
    """The validation accuracies, epoch by epoch, of every finished row of the sweep."""
    return [_curve(run) for row in sweep.rows if (run := results.finished(row)) is not None]


def _curve(run: Run) -> list[float]:
    return run.metrics("epoch")["validation_accuracy"].tolist()
