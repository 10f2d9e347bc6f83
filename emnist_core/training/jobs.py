"""What a page asks of trainings: start one, pause, stop, resume it, let it learn more.

A training thread in the server would make every widget wait for it; a process does not, outlives the page, and pays
for TensorFlow in its own memory. Worker and page share nothing but the run directory.

Every function takes the visitor who asks, any text that tells one from another. On a hosted app a run is in the hands
of whoever started it, and each visitor has a share (``hosting.limits``).
"""

from contextlib import suppress
from importlib.util import find_spec

from emnist_core import hosting, runs
from emnist_core.errors import EmnistError, NotAllowedError, RunError
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.training import preparation, queue


def start(recipe: Recipe, name: str | None = None, visitor: str | None = None) -> Run:
    """Have ``recipe`` trained in a worker process when it is its turn, and return its run at once.

    Raises:
        RecipeError: when the recipe does not fit the data.
        DataError: when the data is not there.
        RunError: when TensorFlow is not installed, too many wait, or the run's folder cannot be made.
        NotAllowedError: when visitors may not train here, or not so much.
    """
    minutes = _allow(recipe.epochs, visitor)
    preparation.check(recipe)
    run = runs.create(recipe, name)
    queue.put(run, visitor, minutes)
    return run


def wake() -> None:
    """Have the worker load TensorFlow while somebody still chooses; where none would stay, or may start, do nothing."""
    with suppress(EmnistError):  # Start says what is in the way
        hosting.ensure_allowed("train")
        if queue.keep_warm() and find_spec("tensorflow") is not None:
            queue.ensure_worker()


def resume(run: Run, visitor: str | None = None, more_epochs: int = 0) -> None:
    """Let ``run`` go on from its checkpoint when it is its turn, and learn ``more_epochs`` than its recipe says.

    One that has no checkpoint yet starts from the beginning.

    Raises:
        RunError: when it is finished, trains or waits already, or came with the project; with ``more_epochs`` also
            when it has no checkpoint.
        RecipeError: when these are more epochs than a recipe may have.
        NotAllowedError: as ``start``, or when the run is somebody else's.
    """
    _refuse_others(run, visitor)
    minutes = _allow(run.recipe.epochs + more_epochs, visitor)
    run.refuse_if_shipped("train its recipe.json as a run of your own")
    if not more_epochs and run.status().state == "finished":
        raise RunError(f"The run {run.name} is finished; give it more epochs, or train its recipe as a new run.")
    queue.put(run, visitor, minutes, more_epochs)


def stop(run: Run, visitor: str | None = None) -> None:
    """Ask the worker of ``run`` to end; it does so after the step it is in, and keeps what was learned.

    Raises:
        NotAllowedError: when the run is somebody else's.
    """
    _ask(run, "stop", visitor)


def pause(run: Run, visitor: str | None = None) -> None:
    """Ask the worker of ``run`` to leave it as it is, for ``resume``; raises as ``stop``."""
    _ask(run, "pause", visitor)


def cancel(run: Run, visitor: str | None = None) -> None:
    """Let ``run`` wait no longer: one that was never begun is deleted, another stays paused; raises as ``stop``."""
    _refuse_others(run, visitor)
    queue.withdraw(run)


def move(run: Run, by: int, visitor: str | None = None) -> None:
    """Let ``run`` change turns with the one before it (``by`` is -1) or after it (1).

    Raises:
        NotAllowedError: when the run is somebody else's, or would go before somebody else's.
    """
    _refuse_others(run, visitor)
    other = queue.beside(run, by)
    if by < 0 and other is not None:
        _refuse_others(other, visitor)
    queue.move(run, by)


def _ask(run: Run, what: str, visitor: str | None) -> None:
    _refuse_others(run, visitor)
    if not run.status().is_active:
        return
    try:
        run.stop_file.write_text(what, encoding="ascii")
    except OSError as error:
        raise RunError(f"{run.path} cannot be written ({error.strerror}); free some space and ask again.") from None


def _allow(epochs: int, visitor: str | None) -> float | None:
    """How many minutes a training of so many epochs may take; raises where a visitor may not have it at all."""
    hosting.ensure_allowed("train")
    if find_spec("tensorflow") is None:
        raise RunError("Training needs TensorFlow, which is not installed; `pip install -r requirements.txt`.")
    if not hosting.is_hosted():
        return None
    limits = hosting.limits()
    if epochs > limits.epochs:
        raise NotAllowedError(f"A training has at most {limits.epochs:g} epochs on this app, not {epochs}; take fewer.")
    if sum(run.status().visitor == visitor for run in queue.waiting()) >= limits.waiting:
        raise NotAllowedError(
            f"You have {limits.waiting:g} trainings waiting, as many as a visitor may on this app; cancel one or wait."
        )
    return limits.minutes


def _refuse_others(run: Run, visitor: str | None) -> None:
    hosting.ensure_allowed("train")
    if hosting.is_hosted() and run.status().visitor != visitor:
        raise NotAllowedError(f"The run {run.name} is somebody else's; only who started it may change it here.")
