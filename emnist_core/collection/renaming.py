"""Runs under other names: moved whole, and still found by the names they had."""

from contextlib import suppress

from emnist_core import model_card
from emnist_core.errors import RunError
from emnist_core.runs import ACTIVE, Run, list_runs, listing, notes, turns


def rename(run: Run, name: str) -> Run:
    """Call one's own run ``name`` and return it as it is now.

    What names it as a teacher finds it by its former name, which no other run can take: recipes stay as they are, and
    a row of a sweep, which is known by its recipe, stays trained.

    Raises:
        RunError: when the run came with the project or is being trained, or the name is unfit or taken.
    """
    run.refuse_if_shipped("give it a title instead")
    try:
        with turns.lock():
            ensure_rests(run)
            listing.ensure_free(name, run)
            former = notes.read_or_none(run).former_names
            notes.change(run, former_names=tuple(dict.fromkeys((*former, run.name))))
            renamed = Run(run.path.rename(run.path.with_name(name)))
    except OSError as error:
        raise RunError(
            f"The run {run.name} cannot be renamed ({error.strerror}); close what has its files open."
        ) from None
    model_card.renew(renamed)
    return renamed


def ensure_rests(run: Run) -> None:
    """Make sure that no worker writes into the run's folder, or is about to; that lasts while ``turns.lock`` is held.

    Raises:
        RunError: when the run is being trained, or waits for its turn.
    """
    try:
        state = run.status().state
    except RunError:
        return  # nobody trains a run whose status is damaged
    if state in (*ACTIVE, "queued"):
        doing = "waits for its turn to be trained; cancel that" if state == "queued" else "is being trained; stop it"
        raise RunError(f"The run {run.name} {doing} first.")


def taught_by(run: Run) -> list[str]:
    """The names of the runs whose recipes have this run as a teacher, by whichever of its names."""
    own_names = {run.name, *notes.read_or_none(run).former_names}
    taught = []
    for other in list_runs():
        with suppress(RunError):
            if other.path != run.path and own_names & set(other.recipe.teachers):
                taught.append(other.name)
    return taught
