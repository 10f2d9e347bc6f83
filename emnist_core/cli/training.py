"""The command that trains one recipe, and what other commands that train share with it.

Keras and TensorFlow are imported through ``training_module`` alone, when a command needs them.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from emnist_core.cli.output import Json, screen, show
from emnist_core.errors import RunError


def train(
    recipe: Annotated[
        str | None,
        typer.Option(help="A preset, a JSON or TOML file of settings, or a sweep's FILE#ROW; options override it."),
    ] = None,
    run: Annotated[Path | None, typer.Option(help="Train a run directory that was already made.")] = None,
    resume: Annotated[str | None, typer.Option(help="Go on with a run that was broken off or stopped.")] = None,
    more_epochs: Annotated[int, typer.Option(min=0, help="With --resume: epochs beyond those of its recipe.")] = 0,
    name: Annotated[str | None, typer.Option(help="The new run's name.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where to make the run.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting as name=value, e.g. --set epochs=3; may be repeated."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Short for --set model=…")] = None,
    split: Annotated[str | None, typer.Option(help="Short for --set split=…")] = None,
    optimizer: Annotated[str | None, typer.Option(help="Short for --set optimizer=…")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Short for --set learning_rate=…")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Short for --set batch_size=…")] = None,
    epochs: Annotated[int | None, typer.Option(help="Short for --set epochs=…")] = None,
    seed: Annotated[int | None, typer.Option(help="Short for --set seed=…")] = None,
    as_json: Json = False,
) -> None:
    """Train a recipe and show its progress."""
    from emnist_core import runs
    from emnist_core.recipe import Recipe
    from emnist_core.sweeps import presets
    from emnist_core.training import preparation

    short = {
        "model": model, "split": split, "optimizer": optimizer, "learning_rate": learning_rate,
        "batch_size": batch_size, "epochs": epochs, "seed": seed,
    }  # fmt: skip
    own = {name: value for name, value in short.items() if value is not None}
    own |= dict(_setting(text) for text in settings or [])
    given = str(run) if run else resume
    if given is not None and (recipe or name or folder or own or (run and resume)):
        raise RunError(
            "--run and --resume train a run that was made with its settings; "
            "leave --recipe, --name, --folder, --set out."
        )
    if more_epochs and not resume:
        raise RunError("--more-epochs goes with --resume; say which run.")
    if given is None:
        chosen = Recipe.parse((presets.settings(recipe) if recipe else {}) | own)
        training_module("training.lifecycle")  # no run is made where none can be trained
        remarks = preparation.check(chosen)
        made = runs.create(chosen, name, folder)
        for remark in remarks if not as_json else []:
            screen.print(remark, soft_wrap=True)
    else:
        made = runs.find(given)
        if resume:
            made.ensure_checkpoint()
        if more_epochs:
            made.add_epochs(more_epochs)
    shown = [] if as_json else [training_module("cli.epoch_lines").EpochLines(made, screen)]
    status = training_module("training.lifecycle").train(made, shown)
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
    if (advice := made.how_to_serve()) and not as_json:
        screen.print(advice, soft_wrap=True)  # a command to copy stays in one piece


def work() -> None:
    """Train what waits in the queue, one run after the other; the pages start it by themselves."""
    from emnist_core.training import queue

    queue.work()


def training_module(name: str) -> Any:
    """Import a module of ``emnist_core`` that needs TensorFlow, which serving does without."""
    try:
        return import_module(f"emnist_core.{name}")
    except ImportError:
        how = "`pip install -r requirements.txt`, or install the package with its extra `train`"
        raise RunError(f"This needs TensorFlow, which is not installed; {how}.") from None


def _setting(text: str) -> tuple[str, Any]:
    """Split ``name=value``; the value is JSON where it can be (numbers, null), text otherwise."""
    name, equals, value = text.partition("=")
    if not equals:
        raise RunError(f"--set {text} is not a setting; write name=value, e.g. --set epochs=3.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
