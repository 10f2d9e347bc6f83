"""The runs of this machine: made, listed and found by name."""

import os
from datetime import datetime
from pathlib import Path

from emnist_core import paths
from emnist_core.errors import RunError
from emnist_core.files import write_json
from emnist_core.models import MODELS
from emnist_core.recipe import Recipe
from emnist_core.runs import checksums, names, notes, space
from emnist_core.runs.run import Run
from emnist_core.runs.schema import Status, now

TAKEN = "There is a run called {} already; choose another name."
NEWEST_SHOWN = 2
"""So many of one's own runs Sketch and Home show, the newest, unless a run's notes say otherwise."""


def create(recipe: Recipe, name: str | None = None, folder: Path | None = None) -> Run:
    """Make a new run directory that holds its recipe and a first status.

    Args:
        recipe: the settings.
        name: the directory's name; default: model, split and time.
        folder: where to make it; default: ``paths.own_runs()``.

    Raises:
        RunError: when the name is taken (``ensure_free``) or unfit, the folder cannot be written, or one's own runs
            take more than their limit (``space``).
    """
    chosen = name or f"{recipe.model}-{recipe.split}-{datetime.now():%Y%m%d-%H%M%S}"
    folder = folder or paths.own_runs()
    if folder == paths.own_runs():
        ensure_free(chosen)
        space.ensure_room()
    else:
        _ensure_fit(chosen)
    run = Run(folder / chosen)
    try:
        run.path.mkdir(parents=True)
        write_json(run.path / "recipe.json", recipe.model_dump())
        checksums.note(run.path, "recipe.json")
        run.write_status(Status(started=now(), epochs=recipe.epochs))
    except FileExistsError:
        raise RunError(TAKEN.format(chosen)) from None
    except OSError as error:
        raise RunError(
            f"{run.path} cannot be written ({error.strerror}); set EMNIST_HOME to a folder that can."
        ) from None
    return run


def _ensure_fit(name: str) -> None:
    if not names.can_name_a_run(name):
        raise RunError(f"{name!r} cannot name a run; {names.ADVICE}.")


def ensure_free(name: str, run: Run | None = None) -> None:
    """Make sure that a run of one's own can be called ``name`` and is then what is found by it.

    Args:
        name: the name.
        run: the run that shall have it, where there is one yet; it may take a name again that it had before.

    Raises:
        RunError: when the name is unfit, or another run has it, ships under it, or was called so.
    """
    _ensure_fit(name)
    if name.casefold() in {run.name.casefold() for run in runs_in(paths.SHIPPED_RUNS)}:
        raise RunError(f"A run that ships is called {name}, and is what is found by that name; choose another name.")
    if os.path.lexists(paths.own_runs() / name):
        raise RunError(TAKEN.format(name))
    renamed = _formerly(name)
    if renamed is not None and (run is None or renamed.path != run.path):
        raise RunError(f"The run {renamed.name} was called {name} and is still found by it; choose another name.")


def _formerly(name: str) -> Run | None:
    """One's own run that was called ``name`` before, if there is one."""
    return next((run for run in runs_in(paths.own_runs()) if name in notes.read_or_none(run).former_names), None)


def list_runs() -> list[Run]:
    """Every directory with a recipe: the shipped runs in the registry's order, then one's own, newest first."""
    order = list(MODELS)
    shipped = sorted(
        runs_in(paths.SHIPPED_RUNS),
        key=lambda run: (order.index(run.name) if run.name in order else len(order), run.name),
    )
    own = sorted(runs_in(paths.own_runs()), key=_made, reverse=True)
    return shipped + own


def _made(run: Run) -> float:
    """When the run was made, or given more epochs: its recipe is written then alone."""
    try:
        return (run.path / "recipe.json").stat().st_mtime
    except FileNotFoundError:
        return 0.0  # deleted since it was listed


def runs_in(folder: Path) -> list[Run]:
    """The runs of a folder, in no order."""
    return [Run(path.parent) for path in folder.glob("*/recipe.json")]


def servable_runs() -> list[Run]:
    """The runs that have a serving model and a readable recipe."""
    return [run for run in list_runs() if run.serving_file.exists() and _has_recipe(run)]


def shown_runs() -> list[Run]:
    """The servable runs that Sketch and Home show: those marked so, and unless marked otherwise what ships and one's
    own newest; none that is archived.
    """
    shown, unmarked_own = [], 0
    for run in servable_runs():
        said = notes.read_or_none(run)
        if said.archived:
            continue
        unmarked_own += said.shown is None and not run.is_shipped
        if said.shown or (said.shown is None and (run.is_shipped or unmarked_own <= NEWEST_SHOWN)):
            shown.append(run)
    return shown


def _has_recipe(run: Run) -> bool:
    try:
        return bool(run.recipe)
    except RunError:
        return False


def find(name_or_path: str) -> Run:
    """Find a run by its name or its directory; raises ``RunError`` saying how to list them."""
    is_name = Path(name_or_path).name == name_or_path
    folders = (paths.SHIPPED_RUNS, paths.own_runs(), Path.cwd()) if is_name else (Path.cwd(),)
    for folder in folders:
        path = folder / name_or_path
        # Not pathlib's exists(), which raises for a name that is too long for any file.
        if os.path.exists(path / "recipe.json"):
            return Run(path)
    if is_name and (renamed := _formerly(name_or_path)) is not None:
        return renamed
    raise RunError(f"There is no run called {name_or_path}; `python -m emnist_core runs` lists them.")
