"""The command line: ``python -m emnist_core``.

Every command prints a table for people, or with ``--json`` one JSON document on stdout and nothing else
there. A person's mistake is one line on stderr and exit status 2. Keras and TensorFlow are imported by
``train``, ``sweep`` and ``export`` alone.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from emnist_core.errors import DataError, EmnistError, RunError
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
    folder: Annotated[
        Path | None, typer.Option("--from", help="A folder, .zip or .mat with NIST's or Kaggle's files.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="The address of a mirror of NIST's gzip.zip.")] = None,
    source: Annotated[
        str | None,
        typer.Option(help="nist (default), huggingface, kaggle; or what torchvision, tfds or emnist left here."),
    ] = None,
    part: Annotated[Part | None, typer.Option(help="Only this part.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Fetch also what is in the cache from there.")] = False,
    as_json: Json = False,
) -> None:
    """Bring real EMNIST into the cache: from NIST, a mirror, or files that are here."""
    from emnist_core.data import fetching, sources
    from emnist_core.fetch_bar import FetchBar

    if sum(place is not None for place in (folder, url, source)) > 1:
        raise DataError("--from, --url and --source each name a place to fetch from; give one of them.")
    if source is not None and source not in sources.SOURCES:
        raise DataError(f"There is no source called {source}; choose one of {', '.join(sources.SOURCES)}.")
    if url is not None and "://" not in url:
        raise DataError(f"{url} is not an address; give one that begins with http:// or https://.")
    with FetchBar(quiet=as_json) as bar:
        done = fetching.fetch(split, folder or url or source, part and (part,), bar.show, again=again)
    rows: list[dict[str, Any]] = [
        {
            "split": one.dataset.split.name,
            "part": one.dataset.part,
            "images": len(one.dataset),
            "name": one.dataset.name,
            "sha256": one.dataset.sha256,
            "source": one.source,
            "bytes_downloaded": one.bytes_downloaded,
            "notes": list(one.dataset.notes),
        }
        for one in done
    ]
    shown = ("split", "part", "images", "name")
    show(rows, as_json, "Fetched", [{name: row[name] for name in shown} for row in rows])
    for row in rows if not as_json else []:
        moved = row["bytes_downloaded"]
        origin = f"{moved / 1e6:,.1f} MB from {row['source']}" if moved else f"from {row['source']}"
        screen.print(f"{row['part']}: {origin}", *row["notes"], sep="\n", soft_wrap=True)


@app.command("serve-mirror")
def serve_mirror(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets the whole network in.")] = "127.0.0.1",
    as_json: Json = False,
) -> None:
    """Serve the cached parts to other machines, as NIST serves its archive, until interrupted."""
    from emnist_core.data import mirror

    with mirror.serve(host, port) as serving:
        row = {"url": serving.url, "bytes": serving.size, "parts": ", ".join(serving.parts)}
        show(row, as_json, "Serving EMNIST until Ctrl-C", [row])
        if not as_json:
            screen.print(f"Elsewhere: python -m emnist_core fetch balanced --url {serving.url}", soft_wrap=True)
        sys.stdout.flush()
        serving.run()


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
    from emnist_core import runs
    from emnist_core.training.recipe import Recipe

    if run is not None and (recipe or name or folder or settings):
        raise RunError(
            "--run trains a run that was made with its settings; leave --recipe, --name, --folder, --set out."
        )
    if run is None:
        chosen = Recipe.parse(_recipe_file(recipe) | dict(_setting(text) for text in settings or []))
        _training("loop")  # no run is made where none can be trained
        made = runs.create(chosen, name, folder)
    else:
        made = runs.find(str(run))
    shown = [] if as_json else [_training("progress").EpochLines(made, screen)]
    status = _training("loop").train(made, shown)
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


@app.command()
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
    from emnist_core.training import plan
    from emnist_core.training import sweep as sweeps

    chosen = sweeps.read(file)
    chosen = chosen.only(rows) if rows else chosen
    chosen = chosen.at_most(epochs) if epochs else chosen
    failed: list[str] = []
    if not dry_run:
        lines = None if as_json else _training("progress").EpochLines
        failed = _training("sweep_loop").train_sweep(
            chosen,
            prune,
            say=lambda line: None if as_json else screen.print(line, highlight=False, soft_wrap=True),
            watch=lambda run: [lines(run, screen)] if lines else [],
        )
    steps = [_sweep_row(step) for step in plan.plan(chosen, prune)]
    trials = _training("search").trials(chosen) if chosen.search and not dry_run else []
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
    from emnist_core import experiments

    row = step.row
    found: dict[str, Any] = {
        "row": row.name,
        "run": step.run.name,
        "state": step.state,
        "to_do": step.to_do,
        "settings": row.settings,
        "recipe": row.recipe.model_dump(),
        "epochs": row.recipe.epochs,
        "whole_epochs": row.whole.epochs,
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
        status, test = step.run.status(), experiments.tested(step.run)
        found |= {"best_epoch": status.best_epoch, "validation_accuracy": status.validation_accuracy}
        found |= {name: test[name] for name in ("accuracy", "interval", "n", "data")} if test else {}
    return found


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
        low, high = row["interval"]
        tested = f"{row['accuracy']:.2%} [{100 * low:.2f}, {100 * high:.2f}], n = {row['n']:,}"
    return {
        "row": row["row"],
        "epochs": _epochs(row) if row["state"] == "finished" else row["state"],
        "best": row["best_epoch"],
        "validation": _share(row["validation_accuracy"]),
        "test": tested,
        "report": _share(row["report_accuracy"]),
    }


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.2%}"


def _epochs(row: dict[str, Any]) -> str:
    return f"{row['epochs']}" + (f" of {row['whole_epochs']}" if row["epochs"] < row["whole_epochs"] else "")


def _training(module: str) -> Any:
    """Import a module of ``emnist_core.training`` that needs TensorFlow, which serving does without."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        return import_module(f"emnist_core.training.{module}")
    except ImportError:
        raise RunError("This needs TensorFlow, which is not installed; `pip install -r requirements.txt`.") from None


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
        "left out": "unknown" if evaluation.left_out is None else evaluation.left_out,
        "accuracy": evaluation.accuracy,
        "95 % interval": "–".join(f"{limit:.4f}" for limit in evaluation.interval),
        "ambiguity-merged": evaluation.ambiguity_merged,
        "top 5": evaluation.top5,
        "macro F1": evaluation.macro_f1,
        "calibration error": evaluation.ece,
        "answerable at 99 %": evaluation.answerable,
    }
    lines = [{"figure": name, "value": value} for name, value in figures.items()]
    show(None, False, f"{evaluation.run_name} on {evaluation.data_name}, {part} part", lines)
    rows = evaluation.per_class.sort_values("wrong", ascending=False).head(10).to_dict(orient="records")
    show(None, False, "Classes with the most wrong", [{str(k): v for k, v in row.items()} for row in rows])


@app.command()
def ensemble(
    runs: Annotated[list[str], typer.Argument(help="Names or directories of runs with the same classes.")],
    split: Annotated[str | None, typer.Option(help="The split; default: the one the first was trained on.")] = None,
    part: Annotated[
        Part, typer.Option(help="The part; of train, only what all of them held out for validation.")
    ] = "test",
    source: Annotated[
        Literal["auto", "emnist", "sample"],
        typer.Option(help="EMNIST, the bundled sample, or what is there."),
    ] = "auto",
    as_json: Json = False,
) -> None:
    """Evaluate runs alone and together, on images as they are and on the mean over five places of each."""
    from emnist_core import data
    from emnist_core.evaluation import ensemble
    from emnist_core.runs import find

    found = [find(run) for run in runs]
    dataset = data.load(split or found[0].recipe.split, part, source)
    rows: list[dict[str, Any]] = [
        {
            "runs": [run.name for run in asked.runs],
            "views": asked.views,
            "n": asked.evaluation.n,
            "accuracy": asked.evaluation.accuracy,
            "interval": list(asked.evaluation.interval),
            "ambiguity_merged": asked.evaluation.ambiguity_merged,
            "ece": asked.evaluation.ece,
        }
        for asked in ensemble.evaluate(found, dataset)
    ]
    table = [
        {
            "runs": " + ".join(row["runs"]),
            "views": row["views"],
            "accuracy": f"{row['accuracy']:.2%}",
            "95 %": "–".join(f"{100 * limit:.1f}" for limit in row["interval"]),
            "ambiguity-merged": f"{row['ambiguity_merged']:.2%}",
        }
        for row in rows
    ]
    show(rows, as_json, f"On {dataset.name}, {part} part (n = {rows[0]['n']:,})", table)


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
    # How each was chosen is a sentence, too long for a table.
    show(rows, as_json, "Runs", [{name: row[name] for name in row if name != "protocol"} for row in rows])


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
        "parameters": None,
        "protocol": None,
    }
    try:
        row |= {"model": run.recipe.model, "split": run.recipe.split, "parameters": run.recipe.spec.parameters}
        row |= {"status": run.status().state, "protocol": run.protocol()}
    except EmnistError:
        return row
    tested = [e for e in stored_evaluations(run) if e.part == "test" and e.split == run.recipe.split]
    if tested:
        row |= {"accuracy": tested[0].accuracy, "data": f"{tested[0].data_name} (n = {tested[0].n:,})"}
    return row


@app.command()
def export(
    run: Annotated[str, typer.Argument(help="A run's name or directory.")],
    precision: Annotated[
        Literal["float16", "float32", "int8"], typer.Option(help="How weights are stored.")
    ] = "float16",
    as_json: Json = False,
) -> None:
    """Write the serving model of a run and compare it with the network."""
    from emnist_core import runs

    found = runs.find(run)
    measured = {"run": found.name, **_training("export").export(found, precision)}
    shown = ("run", "precision", "bytes", "agreement", "keras_accuracy", "serving_accuracy", "temperature")
    show(measured, as_json, "Exported", [{name: measured[name] for name in shown}])


@app.command()
def calibrate(
    run: Annotated[str, typer.Argument(help="A run's name or directory.")],
    as_json: Json = False,
) -> None:
    """Fit on validation images how sure a run may be (temperature scaling); `train` and `export` do so too."""
    from emnist_core import runs
    from emnist_core.evaluation import temperature

    found = runs.find(run)
    kept = temperature.calibrate(found)
    names = ("temperature", "images_calibrated", "calibration_error_before", "calibration_error")
    measured = {"run": found.name, **{name: kept[name] for name in names}}
    show(measured, as_json, "Calibrated", [measured])


def main() -> None:
    """Run the command line; a person's mistake is one line on stderr and exit status 2."""
    try:
        # Without standalone mode, Click returns the status that --help and the like exit with.
        sys.exit(app(standalone_mode=False) or 0)
    except EmnistError as error:
        _give_up(str(error))
    except typer.TyperException as error:
        message = error.format_message().rstrip(" .\n")
        _give_up(f"{message}. Try --help." if message else "Try --help.")
    except (typer.Abort, KeyboardInterrupt):
        _give_up("Interrupted.")


def _give_up(sentence: str) -> None:
    print(" ".join(sentence.split()), file=sys.stderr)
    sys.exit(2)
