"""The command line: ``python -m emnist_core``.

Every command prints a table for people, or with ``--json`` one JSON document on stdout and nothing else
there. A person's mistake is one line on stderr and exit status 2. Keras and TensorFlow are imported by
``train`` and ``export`` alone.
"""

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from emnist_core.errors import EmnistError, RunError
from emnist_core.splits import Part

app = typer.Typer(
    help="EMNIST: look at the data, train, evaluate, predict.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
screen = Console()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]


def show(document: Any, as_json: bool, title: str, rows: list[dict[str, Any]]) -> None:
    """Print ``document`` as JSON, or ``rows`` as a table."""
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
        return
    table = Table(title=title, title_justify="left")
    for column in rows[0] if rows else []:
        table.add_column(column.replace("_", " "), justify="left")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    screen.print(table if rows else f"{title}: none.")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "" if value is None else str(value)


@app.command()
def splits(as_json: Json = False) -> None:
    """List the six splits of EMNIST."""
    from emnist_core.splits import SPLITS

    rows = [
        {
            "name": split.name,
            "classes": split.classes,
            "train": split.train,
            "test": split.test,
            "labels": "".join(split.labels),
        }
        for split in SPLITS.values()
    ]
    show(rows, as_json, "Splits of EMNIST", rows)


@app.command()
def models(as_json: Json = False) -> None:
    """List the architectures, with parameters counted for 47 classes."""
    from emnist_core.models import MODELS

    rows = [
        {
            "name": spec.name,
            "parameters": spec.parameters,
            "trainable": spec.trainable,
            "non_trainable": spec.non_trainable,
            "input_shape": list(spec.input_shape),
        }
        for spec in MODELS.values()
    ]
    show(rows, as_json, "Architectures (47 classes)", rows)


@app.command()
def fetch(
    split: Annotated[str, typer.Argument(help="Which split: see `splits`.")],
    source: Annotated[Path, typer.Option("--from", help="A folder or .zip with NIST's or Kaggle's files.")],
    part: Annotated[Part | None, typer.Option(help="Only this part.")] = None,
    as_json: Json = False,
) -> None:
    """Read real EMNIST from local files into the cache."""
    from emnist_core import data

    parts = None if part is None else (part,)
    rows: list[dict[str, Any]] = [
        {
            "split": dataset.split.name,
            "part": dataset.part,
            "images": len(dataset),
            "name": dataset.name,
            "sha256": dataset.sha256,
            "notes": list(dataset.notes),
        }
        for dataset in data.fetch(split, source, parts)
    ]
    table = [{"split": row["split"], "part": row["part"], "images": row["images"], "name": row["name"]} for row in rows]
    show(rows, as_json, "Fetched", table)
    for row in rows if not as_json else []:
        screen.print(*row["notes"], sep="\n")


@app.command()
def train(
    recipe: Annotated[Path | None, typer.Option(help="A JSON file of settings; options override it.")] = None,
    run: Annotated[Path | None, typer.Option(help="Train a run directory that was already made.")] = None,
    name: Annotated[str | None, typer.Option(help="The new run's name.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where to make the run.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting as name=value, e.g. --set epochs=3; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a recipe and show its progress."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from emnist_core import runs
    from emnist_core.training.recipe import Recipe

    if run is None:
        chosen = _recipe_file(recipe) | dict(_setting(text) for text in settings or [])
        made = runs.create(Recipe.parse(chosen), name, folder)
    else:
        made = runs.find(str(run))
    status = _train_with_progress(made, quiet=as_json)
    document = {"run": str(made.path), **status.model_dump()}
    row = {
        "run": made.name,
        "state": status.state,
        "epochs": status.epoch,
        "best_epoch": status.best_epoch,
        "validation_accuracy": status.validation_accuracy,
        "minutes": round(status.seconds / 60, 1),
    }
    show(document, as_json, "Trained", [row])


def _train_with_progress(run: Any, quiet: bool) -> Any:
    from emnist_core.training.loop import train as train_run
    from emnist_core.training.progress import EpochLines

    return train_run(run, [] if quiet else [EpochLines(run, screen)])


def _recipe_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise RunError(f"{path} cannot be read as JSON; give a recipe file like a run's recipe.json.") from None
    if not isinstance(content, dict):
        raise RunError(f"{path} holds no settings; give a recipe file like a run's recipe.json.")
    return content


def _setting(text: str) -> tuple[str, Any]:
    """Split ``name=value``; the value is JSON where it can be (numbers, null), text otherwise."""
    name, equals, value = text.partition("=")
    if not equals:
        raise RunError(f"--set {text} is not a setting; write name=value, e.g. --set epochs=3.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


@app.command()
def evaluate(
    run: Annotated[str, typer.Argument(help="A run's name or directory.")],
    split: Annotated[str | None, typer.Option(help="The split; default: the one it was trained on.")] = None,
    part: Annotated[Part, typer.Option(help="The part.")] = "test",
    source: Annotated[
        Literal["auto", "emnist", "sample"],
        typer.Option(help="EMNIST, the bundled sample, or what is there."),
    ] = "auto",
    as_json: Json = False,
) -> None:
    """Evaluate a run on a split it fits; predictions are kept in the run."""
    from emnist_core import data, model_card, runs
    from emnist_core.evaluation.predictions import evaluate as evaluate_run

    found = runs.find(run)
    dataset = data.load(split or found.recipe.split, part, source)
    evaluation = evaluate_run(found, dataset)
    model_card.renew(found)
    if as_json:
        show(evaluation.summary(), True, "", [])
        return
    figures = {
        "images": evaluation.n,
        "accuracy": evaluation.accuracy,
        "top5": evaluation.top5,
        "macro_f1": evaluation.macro_f1,
    }
    show(None, False, f"{evaluation.run_name} on {evaluation.data_name}, {part} part", [figures])
    rows = evaluation.per_class.sort_values("wrong", ascending=False).head(10).to_dict(orient="records")
    show(None, False, "Classes with the most wrong", [{str(k): v for k, v in row.items()} for row in rows])


@app.command()
def predict(
    images: Annotated[list[Path], typer.Argument(help="Pictures of one character each.")],
    run: Annotated[str, typer.Option(help="A run's name or directory.")] = "lenet5-v2",
    top: Annotated[int, typer.Option(min=1, max=62, help="How many labels to give.")] = 5,
    as_json: Json = False,
) -> None:
    """Name the character in each picture."""
    from emnist_core import recognizer, runs

    serving = recognizer.recognizer(runs.find(run))
    rows: list[dict[str, Any]] = [{"file": str(path), "top": serving.top(_character(path), top)} for path in images]
    table = [
        {
            "file": row["file"],
            "top": "  ".join(f"{best['label']} {best['probability']:.1%}" for best in row["top"]),
        }
        for row in rows
    ]
    show(rows, as_json, f"Read by {serving.name}", table)


def _character(path: Path) -> Any:
    """The picture's character as a 28x28 image."""
    from emnist_core import ink
    from emnist_core.errors import ImageError

    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path} cannot be read ({error.strerror}); check the name.") from None
    try:
        return ink.convert(ink.ink_from_picture(content)).image
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None


@app.command("runs")
def list_runs(as_json: Json = False) -> None:
    """List the runs that ship and those trained on this machine."""
    from emnist_core.runs import list_runs as every_run

    rows = [_run_row(run) for run in every_run()]
    show(rows, as_json, "Runs", rows)


def _run_row(run: Any) -> dict[str, Any]:
    """A run in one row; a damaged run is listed too, and its state says so."""
    from emnist_core.evaluation.predictions import stored_evaluations

    row: dict[str, Any] = {
        "name": run.name,
        "model": None,
        "split": None,
        "status": "damaged",
        "accuracy": None,
        "data": None,
    }
    try:
        row |= {"model": run.recipe.model, "split": run.recipe.split, "status": run.status().state}
    except EmnistError:
        return row
    tested = [e for e in stored_evaluations(run) if e.part == "test" and e.split == run.recipe.split]
    if tested:
        row |= {"accuracy": tested[0].accuracy, "data": f"{tested[0].data_name} (n = {tested[0].n:,})"}
    return row


@app.command()
def export(
    run: Annotated[str, typer.Argument(help="A run's name or directory.")],
    precision: Annotated[Literal["float16", "float32"], typer.Option(help="How weights are stored.")] = "float16",
    as_json: Json = False,
) -> None:
    """Write the serving model of a run and compare it with the network."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from emnist_core import runs
    from emnist_core.training.export import export as export_run

    found = runs.find(run)
    measured = {"run": found.name, **export_run(found, precision)}
    show(measured, as_json, "Exported", [measured])


def main() -> None:
    """Run the command line; a person's mistake is one line on stderr and exit status 2."""
    try:
        # Without standalone mode, Click returns the status that --help and the like exit with.
        sys.exit(app(standalone_mode=False) or 0)
    except EmnistError as error:
        _give_up(str(error))
    except typer.TyperException as error:
        _give_up(" ".join([*error.format_message().split(), "Try --help."]))
    except (typer.Abort, KeyboardInterrupt):
        _give_up("Interrupted.")


def _give_up(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(2)
