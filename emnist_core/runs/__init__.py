"""Runs: what a run directory holds, how it is read, written, listed."""

from emnist_core.runs.listing import create, find, list_runs, runs_in, servable_runs, shown_runs
from emnist_core.runs.run import EPOCH_COLUMNS, STEP_COLUMNS, Run
from emnist_core.runs.schema import ACTIVE, DataUsed, Serving, State, Status, now

__all__ = [
    "ACTIVE",
    "EPOCH_COLUMNS",
    "STEP_COLUMNS",
    "DataUsed",
    "Run",
    "Serving",
    "State",
    "Status",
    "create",
    "find",
    "list_runs",
    "now",
    "runs_in",
    "servable_runs",
    "shown_runs",
]
