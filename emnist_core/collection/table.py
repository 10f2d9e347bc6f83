"""The table of runs: what each is, who says what of it, how well it does, and what it takes."""

import os
from contextlib import suppress
from typing import Any

from emnist_core.errors import EmnistError
from emnist_core.evaluation.store import stored_figures
from emnist_core.runs import Run, list_runs, notes, shown_runs

SEARCHED = ("name", "title", "owner", "tags", "text", "model", "split", "trained_on", "data", "status")
"""The columns whose words a search looks at."""


def rows() -> list[dict[str, Any]]:
    """A row for each run, in the order of ``list_runs``; a damaged run has one too, and its state says so.

    Columns: ``name, title, owner, tags, text, archived, shown, is_shipped``, what people say of it; ``model, split,
    parameters, protocol, status, trained_on, started, seconds``, its training; ``accuracy, interval, n, data``, the
    kept evaluation on the test part of its split, EMNIST's before the sample's; and ``bytes`` on the disk. What is not
    known is None.
    """
    shown = {run.path for run in shown_runs()}
    return [_row(run) | {"shown": run.path in shown} for run in list_runs()]


def _row(run: Run) -> dict[str, Any]:
    said = notes.read_or_none(run).model_dump(include={"title", "owner", "tags", "text", "archived"})
    row = {"name": run.name, **said, "is_shipped": run.is_shipped, "bytes": bytes_taken(run)}
    row |= dict.fromkeys(("model", "split", "parameters", "protocol", "trained_on", "started", "seconds"))
    row |= {"status": "damaged", **dict.fromkeys(("accuracy", "interval", "n", "data"))}
    try:
        row |= {"model": run.recipe.model, "split": run.recipe.split, "parameters": run.recipe.spec.parameters}
        status = run.status()
        row |= {"status": status.state, "protocol": run.protocol()}
    except EmnistError:
        return row
    row |= {"trained_on": status.data and status.data.name, "started": status.started, "seconds": status.seconds}
    return row | _tested(run)


def _tested(run: Run) -> dict[str, Any]:
    for figures in stored_figures(run):
        with suppress(KeyError, TypeError, ValueError):  # written by hand
            if (figures["part"], figures["split"]) == ("test", run.recipe.split):
                n, (low, high) = int(figures["n"]), figures["interval"]
                tested = {"accuracy": float(figures["accuracy"]), "interval": (float(low), float(high)), "n": n}
                return tested | {"data": f"{figures['data']['name']} (n = {n:,})"}
    return {}


def bytes_taken(run: Run) -> int:
    """The bytes that a run's files take."""
    total = 0
    for folder, _, names in os.walk(run.path):
        for name in names:
            with suppress(OSError):  # deleted since it was listed
                total += os.lstat(os.path.join(folder, name)).st_size
    return total


def search(rows: list[dict[str, Any]], words: str) -> list[dict[str, Any]]:
    """The rows in which each of the ``words`` occurs, in capitals or not."""
    wanted = words.casefold().split()
    return [row for row in rows if all(word in _text(row) for word in wanted)]


def _text(row: dict[str, Any]) -> str:
    said = (row[name] for name in SEARCHED)
    return " ".join(" ".join(value) if isinstance(value, tuple) else str(value or "") for value in said).casefold()
