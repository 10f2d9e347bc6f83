"""The worker process that trains for the page, and how it is started and stopped.

A training thread in the server would make every widget wait for it; a process does not, outlives the
page, and pays for TensorFlow in its own memory. Worker and page share nothing but the run directory.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock, Timeout

from emnist_core import hosting, processes, runs
from emnist_core.errors import RunError
from emnist_core.processes import Worker
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.training import preparation


def start(recipe: Recipe, name: str | None = None) -> Run:
    """Start training ``recipe`` in a worker process and return its run at once.

    Raises:
        RecipeError: when the recipe does not fit the data.
        DataError: when the data is not there.
        RunError: when TensorFlow is not installed, another training is running, or the run's folder cannot be
            made.
        NotAllowedError: when visitors may not train here.
    """
    hosting.ensure_allowed("train")
    if find_spec("tensorflow") is None:
        raise RunError("Training needs TensorFlow, which is not installed; `pip install -r requirements.txt`.")
    busy = running()
    if busy is not None:
        raise RunError(busy_sentence(busy))
    preparation.check(recipe)
    run = runs.create(recipe, name)
    try:
        _start_worker(run)
    except OSError as error:
        raise RunError(f"{run.path} cannot be written ({error.strerror}); free some space and start again.") from None
    return run


def _start_worker(run: Run) -> None:
    """Start the process that trains ``run``, and name it in the status before it is awake enough to do so."""
    with (run.path / "log.txt").open("wb") as log:
        process = processes.start("emnist_core", "train", "--run", str(run.path.absolute()), output=log)
    status = runs.Status.model_validate_json((run.path / "status.json").read_text(encoding="utf-8"))
    if status.worker is None:
        status.worker = Worker.of(process.pid)
        status.doing = "loading TensorFlow"
        run.write_status(status)


def stop(run: Run) -> None:
    """Ask the worker of ``run`` to end; it does so after the step it is in, and keeps what was learned.

    Raises:
        NotAllowedError: when visitors may not train here.
    """
    hosting.ensure_allowed("train")
    if run.status().is_active:
        run.stop_file.touch()


def running() -> Run | None:
    """The run that is being trained on this machine now, if any."""
    for run in runs.list_runs():
        try:
            if not run.is_shipped and run.status().is_active:
                return run
        except RunError:
            continue
    return None


@contextmanager
def training_slot(run: Run) -> Iterator[None]:
    """Hold the machine's one place for a training in the run's folder; two would only slow each other.

    The lock is the operating system's, so it is free again however the process that held it ended.

    Raises:
        RunError: when another process holds it.
    """
    lock = FileLock(run.path.parent / ".training.lock", timeout=0)
    try:
        with lock:
            _clear_lost(run.path.parent)
            yield
    except Timeout:
        raise RunError(busy_sentence(running())) from None


def _clear_lost(folder: Path) -> None:
    """Remove what killed workers left in the runs of a folder."""
    for run in runs.runs_in(folder):
        with suppress(RunError):
            if run.status().state == "lost":
                run.clear_leftovers()


def busy_sentence(run: Run | None) -> str:
    """Why no other training can start while ``run`` is trained."""
    name = f"The training {run.name}" if run else "Another training"
    return f"{name} is running; stop it or wait for its end, then start this one."
