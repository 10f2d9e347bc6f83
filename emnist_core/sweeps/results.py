"""What the rows of a sweep have come to: from one's own runs, and from those kept in ``experiments/``.

    experiments/<sweep>/<row>/   recipe.json, status.json, metrics.jsonl (its epochs), evaluation.json

A kept experiment is a finished run without weights and without what it answered to single images: enough for
its figures, its curve and its confusion matrix.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pandas as pd

from emnist_core import paths
from emnist_core.errors import EmnistError, RunError
from emnist_core.evaluation.intervals import in_words, wilson
from emnist_core.evaluation.store import stored_evaluations
from emnist_core.files import write_atomically, write_json
from emnist_core.recipe import Recipe
from emnist_core.runs import Run, checksums
from emnist_core.sweeps.spec import Row, Sweep, read

EVALUATION = "evaluation.json"
COLUMNS = ["row", "report", "ours", "low", "high", "n", "validation", "epochs_trained", "epochs"]


@dataclass(frozen=True)
class Experiment:
    """A finished run of a row's recipe, perhaps with fewer epochs, and its evaluation on the test part.

    Attributes:
        row: the row.
        run: one's own run, or a kept directory, which has no weights.
        test: ``Evaluation.summary()`` on the test part, or None when it was not evaluated.
    """

    row: Row
    run: Run
    test: dict[str, Any] | None

    @property
    def is_kept(self) -> bool:
        """Whether it is one of those in ``experiments/``."""
        return self.run.path.parent.parent == paths.EXPERIMENTS

    @property
    def is_shortened(self) -> bool:
        """Whether it was trained for fewer epochs than the row has."""
        return self.run.recipe.epochs < self.row.full_recipe.epochs

    def beside_the_report(self) -> str | None:
        """Whether ours agrees with the report's figure, in a sentence; None where there are not two to compare."""
        if self.test is None or self.row.report_accuracy is None:
            return None
        low, high = self.test["interval"]
        gap = self.test["accuracy"] - self.row.report_accuracy
        after = f"({self.run.recipe.epochs} of {self.row.full_recipe.epochs} epochs) " if self.is_shortened else ""
        if low <= self.row.report_accuracy <= high:
            return f"Ours {after}agrees with the report: its figure is inside our 95 % interval."
        return (
            f"Ours {after}is {100 * abs(gap):.2f} points {'above' if gap > 0 else 'below'} the report, whose figure is "
            "outside our 95 % interval."
        )


def report() -> list[Sweep]:
    """The sweeps that rebuild the report's three tables, in its order."""
    return [read(paths.RECIPES / f"report-{name}.toml") for name in ("cnn", "lenet", "resnet")]


def ours() -> list[Sweep]:
    """The laboratory's own sweeps of which a row is finished.

    Its own network from three seeds, without and with images of other splits, and with teachers that had them; taught
    by itself, and without one part of its recipe at a time; LeNet-5 v2 in ten epochs.
    """
    names = ("flagship-again", "flagship-further", "flagship", "taught", "ablations", "quick")
    sweeps = [read(paths.RECIPES / f"{name}.toml") for name in names]
    return [sweep for sweep in sweeps if any(find(row) is not None for row in sweep.rows)]


def across_seeds(sweep: Sweep) -> tuple[float, float, int] | None:
    """Mean and standard deviation of the test accuracy of the first recipe, and over how many seeds.

    Rows that differ from the first one in more than their seed do not count. None where fewer than two were tested.
    """
    first = sweep.rows[0].full_recipe
    seeds = [row for row in sweep.rows if row.full_recipe.model_copy(update={"seed": first.seed}) == first]
    tests = [found.test for row in seeds if (found := find(row)) is not None and found.test is not None]
    if len(tests) < 2:
        return None
    accuracies = [test["accuracy"] for test in tests]
    return mean(accuracies), stdev(accuracies), len(accuracies)


def above_the_first(sweep: Sweep) -> str | None:
    """What it means that rows which leave a part of the first one's recipe out validate above it, in a sentence or two.

    None where none does, or where the rows are read on the test part.
    """
    if sweep.rows[0].test:
        return None
    statuses = {row.name: found.run.status() for row in sweep.rows if (found := find(row)) is not None}
    shares = {name: status.validation_accuracy for name, status in statuses.items()}
    first, first_status = shares.pop(sweep.rows[0].name, None), statuses.get(sweep.rows[0].name)
    if first is None or first_status is None or first_status.data is None:
        return None
    n = first_status.data.validation_images
    low, high = wilson(round(first * n), n)
    above = [name for name, share in shares.items() if share is not None and share > first]
    if not above:
        return None
    clear = [name for name in above if (shares[name] or 0) > high]
    by_chance = len(above) - len(clear)
    return (
        f"**{len(above)} rows validate above {sweep.rows[0].name}**, {by_chance} of them inside its 95 % interval of "
        f"{in_words(low, high)} (n = {n:,}), where chance alone may put them"
        + (f"; {' and '.join(clear)} lies above it" if clear else "")
        + f". These trainings are short ({sweep.rows[0].full_recipe.epochs} epochs): what keeps a network from "
        "learning by heart costs accuracy before it earns any."
    )


def find(row: Row) -> Experiment | None:
    """The finished run of the row's recipe with the most epochs, one's own first; None when there is none.

    Runs are known by their recipes: ten epochs of one row may be a shortened twenty of another.
    """
    candidates = [run for run in _runs_of(row.sweep) if _is_finished(run, row.full_recipe)]
    if not candidates:
        return None
    best = max(candidates, key=lambda run: run.recipe.epochs)
    return Experiment(row, best, tested(best))


def finished(row: Row) -> Run | None:
    """One's own finished run of this sweep with exactly the recipe to train, if there is one."""
    own = (run for run in _own_runs_of(row.sweep) if _is_finished(run, row.recipe))
    return next((run for run in own if run.recipe.epochs == row.recipe.epochs), None)


def table(sweep: Sweep) -> pd.DataFrame:
    """The sweep's rows in one table.

    Columns: ``row``, the settings that rows give themselves, ``report`` (published accuracy), ``ours`` (test
    accuracy) with its 95 % interval ``low``, ``high`` and ``n``, ``validation`` (best accuracy there),
    ``epochs_trained`` and ``epochs`` (the row's). What is not known is missing. Accuracies are in [0, 1].
    """
    settings = list(dict.fromkeys(name for row in sweep.rows for name in row.settings))
    rows = [{name: row.settings.get(name) for name in settings} | _figures(row) for row in sweep.rows]
    return pd.DataFrame(rows, columns=list(dict.fromkeys([COLUMNS[0], *settings, *COLUMNS[1:]])))


def _figures(row: Row) -> dict[str, Any]:
    figures: dict[str, Any] = {"row": row.name, "report": row.report_accuracy, "epochs": row.full_recipe.epochs}
    found = find(row)
    if found is None:
        return figures
    status = found.run.status()
    figures |= {"validation": status.validation_accuracy, "epochs_trained": status.epoch}
    if found.test is not None:
        low, high = found.test["interval"]
        figures |= {"ours": found.test["accuracy"], "low": low, "high": high, "n": found.test["n"]}
    return figures


def keep(row: Row) -> Path:
    """Copy the row's own finished run to ``experiments/``, without weights; returns where to.

    Raises:
        RunError: when there is no such run, or it is yet to be evaluated on the test part.
    """
    own = [run for run in _own_runs_of(row.sweep) if _is_finished(run, row.full_recipe)]
    ready = [run for run in own if tested(run) is not None or not row.test]
    if not ready:
        missing = "evaluated on the test part" if own else "trained to its end"
        raise RunError(f"The row {row.name} was not {missing}; `python -m emnist_core sweep` does that.")
    run = max(ready, key=lambda run: run.recipe.epochs)
    folder = paths.EXPERIMENTS / row.sweep / row.name
    shutil.rmtree(folder, ignore_errors=True)
    write_json(folder / "recipe.json", run.recipe.model_dump())
    status = run.status()
    status.worker = None
    write_json(folder / "status.json", status.model_dump())
    lines = [{"kind": "epoch", **line} for line in run.metrics("epoch").to_dict(orient="records")]
    with write_atomically(folder / "metrics.jsonl") as temporary:
        temporary.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    if row.test:
        write_json(folder / EVALUATION, tested(run))
    checksums.note_all(folder)
    return folder


def tested(run: Run) -> dict[str, Any] | None:
    """The run's evaluation on the test part of what it was trained on."""
    used = run.status().data
    if (run.path / EVALUATION).exists():
        return _kept_evaluation(run.path / EVALUATION)
    kept = [e for e in stored_evaluations(run) if e.part == "test" and e.split == run.recipe.split]
    return next((e.summary() for e in kept if used is not None and e.is_sample == used.is_sample), None)


def _runs_of(sweep: str) -> Iterator[Run]:
    yield from _own_runs_of(sweep)
    yield from (Run(path.parent) for path in sorted((paths.EXPERIMENTS / sweep).glob("*/recipe.json")))


def _own_runs_of(sweep: str) -> Iterator[Run]:
    yield from (Run(path.parent) for path in sorted(paths.own_runs().glob(f"{sweep}-*/recipe.json")))


def _is_finished(run: Run, whole: Recipe) -> bool:
    """Whether the run is a finished one of this recipe, or of its first epochs."""
    try:
        recipe = run.recipe
        is_same = recipe.model_copy(update={"epochs": whole.epochs}) == whole and recipe.epochs <= whole.epochs
        return is_same and run.status().state == "finished"
    except EmnistError:
        return False


def _kept_evaluation(path: Path) -> dict[str, Any] | None:
    try:
        summary = json.loads(checksums.read(path))
    except (OSError, ValueError):
        return None
    return summary if isinstance(summary, dict) else None
