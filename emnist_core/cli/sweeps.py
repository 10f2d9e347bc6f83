"""The command that trains the rows of a sweep, or shows what it would do."""

from pathlib import Path
from typing import Annotated, Any

import typer

from emnist_core.cli.output import Json, screen, share, show
from emnist_core.cli.training import training_module
from emnist_core.errors import RunError


def sweep(
    file: Annotated[Path, typer.Argument(help="A TOML file of recipes, e.g. recipes/report-cnn.toml.")],
    rows: Annotated[list[str] | None, typer.Option("--row", help="Only this row; may be repeated.")] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, max=1000, help="No row trains longer; its run is named for that.")
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="End hopeless trainings early.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is done and what is to do; train nothing.")] = (
        False
    ),
    as_json: Json = False,
) -> None:
    """Train the recipes of a file, skipping what is done, and show them in one table."""
    from emnist_core.sweeps import plan
    from emnist_core.sweeps import spec as sweeps

    chosen = sweeps.read(file)
    chosen = chosen.only(rows) if rows else chosen
    chosen = chosen.at_most(epochs) if epochs else chosen
    failed: list[str] = []
    if not dry_run:
        lines = None if as_json else training_module("cli.epoch_lines").EpochLines
        failed = training_module("sweeps.train").train_sweep(
            chosen,
            prune,
            say=lambda line: None if as_json else screen.print(line, highlight=False, soft_wrap=True),
            watch=lambda run: [lines(run, screen)] if lines else [],
        )
    steps = [_sweep_row(step) for step in plan.plan(chosen, prune)]
    trials = training_module("sweeps.search").trials(chosen) if chosen.search and not dry_run else []
    if as_json:
        show({"sweep": chosen.name, "title": chosen.title, "rows": steps, "trials": trials}, True, "", [])
    elif dry_run:
        show(None, False, chosen.title, [_planned(row) for row in steps])
        if chosen.search:
            screen.print(f"Then a search over {', '.join(chosen.search.space)}: {chosen.search.trials} trials in all.")
    else:
        show(None, False, chosen.title, [_result(row) for row in steps])
        if trials:
            show(None, False, "Trials, best on validation first", trials[:10])
    if failed:
        raise RunError(f"Not trained: {', '.join(failed)}; the same command tries again.")


def _sweep_row(step: Any) -> dict[str, Any]:
    """A step of a sweep with what its run has come to."""
    from emnist_core.sweeps import results

    row = step.row
    described: dict[str, Any] = {
        "row": row.name,
        "run": step.run.name,
        "state": step.state,
        "to_do": step.to_do,
        "settings": row.settings,
        "recipe": row.recipe.model_dump(),
        "epochs": row.recipe.epochs,
        "full_epochs": row.full_recipe.epochs,
        "best_epoch": None,
        "validation_accuracy": None,
        "accuracy": None,
        "interval": None,
        "n": None,
        "data": None,
        "report_accuracy": row.report_accuracy,
        "note": row.note,
    }
    if step.state == "finished":
        status, test = step.run.status(), results.tested(step.run)
        described |= {"best_epoch": status.best_epoch, "validation_accuracy": status.validation_accuracy}
        described |= {name: test[name] for name in ("accuracy", "interval", "n", "data")} if test else {}
    return described


def _planned(row: dict[str, Any]) -> dict[str, Any]:
    """A row in the table of a plan."""
    settings = ", ".join(f"{name} {value}" for name, value in row["settings"].items() if name != "epochs")
    return {
        "row": row["row"],
        "settings": settings,
        "epochs": _epochs(row),
        "state": row["state"],
        "to do": row["to_do"],
    }


def _result(row: dict[str, Any]) -> dict[str, Any]:
    """A row in the table of a sweep's results; short, so that it fits a terminal."""
    tested = None
    if row["accuracy"] is not None:
        from emnist_core.evaluation.intervals import in_words

        tested = f"{row['accuracy']:.2%} (95 %: {in_words(*row['interval'])}, n = {row['n']:,})"
    return {
        "row": row["row"],
        "epochs": _epochs(row) if row["state"] == "finished" else row["state"],
        "best": row["best_epoch"],
        "validation": share(row["validation_accuracy"]),
        "test": tested,
        "report": share(row["report_accuracy"]),
    }


def _epochs(row: dict[str, Any]) -> str:
    return f"{row['epochs']}" + (f" of {row['full_epochs']}" if row["epochs"] < row["full_epochs"] else "")
