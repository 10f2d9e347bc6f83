"""The command line: ``emnist``, or ``python -m emnist_core``.

Every command prints a table for people, or with ``--json`` one JSON document on stdout and nothing else
there. A person's mistake is one line on stderr and exit status 2. Keras and TensorFlow are imported by
``train``, ``work``, ``sweep`` and ``export`` alone.
"""

import sys
from collections.abc import Callable

import typer

from emnist_core.cli.data import fetch, serve_mirror, splits
from emnist_core.cli.evaluation import ensemble, evaluate, predict
from emnist_core.cli.output import on_a_line, prepared_streams
from emnist_core.cli.runs import calibrate, export, list_runs, models, pack, tensorboard, unpack
from emnist_core.cli.sweeps import sweep
from emnist_core.cli.training import train, work
from emnist_core.errors import EmnistError

app = typer.Typer(
    help="EMNIST: look at the data, train, evaluate, predict.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
COMMANDS: dict[str, Callable[..., None]] = {
    "splits": splits,
    "models": models,
    "fetch": fetch,
    "serve-mirror": serve_mirror,
    "train": train,
    "work": work,
    "sweep": sweep,
    "evaluate": evaluate,
    "ensemble": ensemble,
    "predict": predict,
    "runs": list_runs,
    "export": export,
    "calibrate": calibrate,
    "pack": pack,
    "unpack": unpack,
    "tensorboard": tensorboard,
}
for name, command in COMMANDS.items():
    app.command(name)(command)


def main() -> None:
    """Run the command line; a person's mistake is one line on stderr and exit status 2."""
    with prepared_streams():
        _run()


def _run() -> None:
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
    if sys.stderr is not None:  # as it is where a shell closed it; print would take stdout instead
        print(on_a_line(sentence), file=sys.stderr)
    sys.exit(2)
