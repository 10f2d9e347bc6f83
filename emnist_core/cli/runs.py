"""The commands about runs and the architectures they are of: lists, export, calibration."""

import time
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from emnist_core.cli.output import Json, screen, share, show
from emnist_core.cli.training import training_module
from emnist_core.errors import RunError

if TYPE_CHECKING:
    from emnist_core.runs import Run

SECONDS_BETWEEN_LOOKS = 1.0


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


def list_runs(
    check: Annotated[bool, typer.Option("--check", help="Hold every file to its checksum; name the damaged.")] = False,
    as_json: Json = False,
) -> None:
    """List the runs that ship and those trained on this machine."""
    from emnist_core.collection.table import rows as every_row
    from emnist_core.runs import checksums
    from emnist_core.runs import list_runs as every_run

    rows = every_row()
    # What a run was tested on is a sentence: a letter in the table, and the sentence below it.
    tested = dict.fromkeys(row["data"] for row in rows if row["data"])
    letters = dict(zip(tested, ascii_lowercase, strict=False))
    table = [
        {
            "name": row["name"],
            "model": row["model"],
            "split": row["split"],
            "status": "archived" if row["archived"] else row["status"],
            "test": f"{share(row['accuracy'])} {letters[row['data']]}" if row["data"] else "",
            "owner": row["owner"],
            "tags": ", ".join(row["tags"]),
        }
        for row in rows
    ]
    # Few terminals are wide, and few runs have notes.
    noted = [column for column in ("owner", "tags") if not any(row[column] for row in rows)]
    for line in table:
        for column in noted:
            del line[column]
    show(rows, as_json, "Runs", table)
    if not as_json:
        below = [f"{letter}: {data}" for data, letter in letters.items()]
        below.append(f"Sketch and Home show {', '.join(row['name'] for row in rows if row['shown'])}.")
        for sentence in below:
            screen.print(sentence, highlight=False, soft_wrap=True)
    damaged = [str(file) for run in (every_run() if check else []) for file in checksums.damaged(run.path)]
    if damaged:
        raise RunError(f"Missing, or not as written: {', '.join(damaged)}.")


def export(
    run: Annotated[str, typer.Argument(help="A run's name or directory.")],
    precision: Annotated[
        Literal["float16", "float32", "int8"], typer.Option(help="How weights are stored.")
    ] = "float16",
    format: Annotated[
        Literal["litert", "html"],
        typer.Option(help="The serving model in the run, or a page that reads what is drawn on it, without a network."),
    ] = "litert",
    output: Annotated[
        Path | None, typer.Option(help="The page to write; default: one of the run's name, here.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the serving model of a run and compare it with the network; or the served one as a page to take home."""
    from emnist_core.runs import find

    exported = find(run)
    if format == "html":
        _take_home(exported, output or Path(f"{exported.name}.html"), as_json)
        return
    if output:
        raise RunError("The serving model is written into the run; --output is for --format html.")
    measured = {"run": exported.name, **training_module("training.export").export(exported, precision).model_dump()}
    shown = ("run", "precision", "bytes", "agreement", "keras_accuracy", "serving_accuracy", "temperature")
    show(measured, as_json, "Exported", [{name: measured[name] for name in shown}])


def _take_home(run: "Run", target: Path, as_json: bool) -> None:
    from emnist_core.take_home import page

    page.write(run, target)
    row = {"run": run.name, "file": str(target), "bytes": target.stat().st_size}
    show(row, as_json, "Exported", [row])


def calibrate(
    run: Annotated[str, typer.Argument(help="A run's name or directory.")],
    as_json: Json = False,
) -> None:
    """Fit on validation images how sure a run may be (temperature scaling); `train` and `export` do so too."""
    from emnist_core.evaluation import calibration
    from emnist_core.runs import find

    calibrated = find(run)
    names = {"temperature", "images_calibrated", "calibration_error_before", "calibration_error"}
    measured = {"run": calibrated.name, **calibration.calibrate(calibrated).model_dump(include=names)}
    show(measured, as_json, "Calibrated", [measured])


def pack(
    run: Annotated[str, typer.Argument(help="A run's name or directory.")],
    to: Annotated[Path | None, typer.Option(help="The zip to write; default: one of its name, here.")] = None,
    as_json: Json = False,
) -> None:
    """Write a run as a zip, to be taken to another machine."""
    from emnist_core.collection import packing
    from emnist_core.files import write_atomically
    from emnist_core.runs import find

    packed = find(run)
    target = to or Path(f"{packed.name}.zip")
    try:
        with write_atomically(target) as temporary:
            packing.pack(packed, temporary)
    except OSError as error:
        raise RunError(f"{target} cannot be written ({error.strerror}); name another file.") from None
    row = {"run": packed.name, "zip": str(target), "bytes": target.stat().st_size}
    show(row, as_json, "Packed", [row])


def unpack(
    file: Annotated[Path, typer.Argument(help="A zip that `pack`, or Export on Runs, wrote.")],
    name: Annotated[str | None, typer.Option(help="What to call the run; default: as it was.")] = None,
    as_json: Json = False,
) -> None:
    """Make a run of one's own out of a zip, once every name, size and checksum in it is found right."""
    from emnist_core.collection import unpacking

    unpacked = unpacking.unpack(file, name)
    show({"run": str(unpacked.path)}, as_json, "Unpacked", [{"run": unpacked.name, "folder": str(unpacked.path)}])


def tensorboard(
    names: Annotated[list[str] | None, typer.Argument(help="Names or directories of runs; default: all.")] = None,
    as_json: Json = False,
) -> None:
    """Write what TensorBoard shows of runs beside their curves, and keep up with those that train until they end."""
    from emnist_core.collection.event_files import EventFile
    from emnist_core.runs import find
    from emnist_core.runs import list_runs as every_run

    files = [EventFile(run) for run in ([find(name) for name in names] if names else every_run())]
    lines = [file.catch_up() for file in files]
    rows = [
        {"run": file.run.name, "lines": count, "folder": str(file.folder)}
        for file, count in zip(files, lines, strict=True)
    ]
    show(rows, as_json, "TensorBoard, by `tensorboard --logdir FOLDER`", rows)
    while any(file.run.status().is_active for file in files):
        time.sleep(SECONDS_BETWEEN_LOOKS)
        for file in files:
            file.catch_up()
    for file in files:
        file.catch_up()
        file.close()
