"""Training a sweep, row by row; what is done is skipped, so that a sweep that was killed goes on where it was."""

from importlib.util import find_spec

import keras

from emnist_core import data, model_card, runs
from emnist_core.errors import DataError, EmnistError, RecipeError, RunError
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.intervals import wilson
from emnist_core.evaluation.store import evaluate
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.sweeps.plan import Step, finished_curves, plan, should_prune, step
from emnist_core.sweeps.spec import Row, Sweep
from emnist_core.training import export, preparation, slot
from emnist_core.training.callbacks import EndEarly, Say, Watch
from emnist_core.training.lifecycle import train


def train_sweep(sweep: Sweep, prune: bool, say: Say, watch: Watch) -> list[str]:
    """Train the rows that are not done and evaluate each once on the test part, then search if the file asks for it.

    A row that fails is told and the others go on.

    Args:
        sweep: what to train.
        prune: end trainings early that are below the others; see ``plan.should_prune``.
        say: told a line about every row.
        watch: gives extra Keras callbacks for a run, e.g. to show progress.

    Returns:
        The names of the rows that failed.

    Raises:
        EmnistError: before anything starts, when a row does not fit the data, the data is not there, a run of a
            row's name has another recipe, or another training is running.
    """
    _check(sweep, plan(sweep, prune))
    failed = []
    for row in sweep.rows:
        now = step(row, sweep, prune)  # an earlier row may have had the same recipe
        try:
            if now.is_to_train:
                _train(now, sweep, prune, watch)
            say(f"{row.name}: {_in_words(row, now.run)}")
        except EmnistError as error:
            failed.append(row.name)
            say(f"{row.name}: {error}")
    if sweep.search is not None:
        from emnist_core.sweeps.search import search  # Optuna, for those who search

        search(sweep, prune, say, watch)
    return failed


def _check(sweep: Sweep, steps: list[Step]) -> None:
    """Refuse before hours are spent what cannot be trained."""
    busy = slot.running()
    if busy is not None:
        raise RunError(slot.busy_sentence(busy))
    for planned in steps:
        if planned.is_to_train:
            _fit_to_data(planned.row.recipe, f"row {planned.row.name}")
    if sweep.search is not None:
        if find_spec("optuna") is None:
            raise RunError("A search needs Optuna, which is not installed; `pip install -r requirements.txt`.")
        _fit_to_data(sweep.search.first, "search")


def _fit_to_data(recipe: Recipe, place: str) -> None:
    try:
        preparation.check(recipe)
    except RecipeError as error:
        raise RunError(f"{place}: {error}") from None


def _train(planned: Step, sweep: Sweep, prune: bool, watch: Watch) -> None:
    keras.utils.clear_session()  # what the last row left in memory
    run = runs.create(planned.row.recipe, planned.run.name) if planned.to_do == "train" else planned.run
    callbacks = list(watch(run))
    if prune:
        others = finished_curves(sweep)
        callbacks.append(EndEarly(run, lambda reached: should_prune(reached, others)))
    status = train(run, callbacks)
    if prune and callbacks[-1].ended:
        status.message = f"Pruned after epoch {status.epoch}: below the median of the finished rows."
        run.write_status(status)


def _in_words(row: Row, run: Run) -> str:
    """What the row has come to; evaluates it on the test part, if that was not done before."""
    status = run.status()
    if status.state != "finished":
        return status.message or status.state
    words = f"epoch {status.best_epoch} of {status.epochs}, validation {status.validation_accuracy:.2%}"
    tested = _evaluate(run) if row.test else None
    if tested is not None:
        low, high = wilson(int(tested.confusion.trace()), tested.n)
        words += f", test {tested.accuracy:.2%} [{100 * low:.2f}, {100 * high:.2f}], n = {tested.n:,}"
    return words if row.report_accuracy is None else f"{words}; the report: {row.report_accuracy:.2%}"


def _evaluate(run: Run) -> Evaluation | None:
    """The run's evaluation on the test part of what it was trained on; None where that is not on this machine."""
    used = run.status().data
    if not run.serving_file.exists():  # trained without TensorFlow
        if keras.backend.backend() != "tensorflow":
            return None
        export.export(run)
    try:
        dataset = data.load(run.recipe.split, "test", "sample" if used is None or used.is_sample else "emnist")
    except DataError:
        return None
    evaluation = evaluate(run, dataset)
    model_card.renew(run)
    return evaluation
