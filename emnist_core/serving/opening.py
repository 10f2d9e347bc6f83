"""Opening a run's serving model: the one place that reads a `.tflite`, checks it, and keeps what was opened."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from emnist_core.errors import RunError
from emnist_core.runs import Run

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter

THREADS = 2
MOST_OPEN = 16
"""Opened models that are kept; the one that was not asked for longest goes first."""

Opened = TypeVar("Opened")


def serving_model(run: Run) -> bytes:
    """The bytes of the run's ``model.tflite``, whole as they were exported.

    Raises:
        RunError: when the file is missing or another than was exported.
    """
    if not run.serving_file.exists():
        raise RunError(f"The run {run.name} has no serving model; `python -m emnist_core export` makes it.")
    for _ in range(2):  # it may be renewed between a look at it and one at its hash
        try:
            content = run.serving_file.read_bytes()
        except OSError:
            break
        # LiteRT opens most damaged files: they answer wrongly, and a few take the process down.
        if run.serving_sha256() in (None, hashlib.sha256(content).hexdigest()):
            return content
    raise _damaged(run)


def interpreter(run: Run, **options: Any) -> "Interpreter":
    """A LiteRT interpreter of the run's serving model, its tensors allocated for one image.

    It holds the tensors of the call that it is in, so visitors at once must take turns.

    Args:
        run: a run with a ``model.tflite``.
        options: more of ``ai_edge_litert.interpreter.Interpreter``.

    Raises:
        RunError: when the file is missing, damaged or does not fit the recipe.
    """
    from ai_edge_litert.interpreter import Interpreter

    try:
        # From bytes, not from the path: the file may be renewed while it is open here.
        opened = Interpreter(model_content=cached(serving_model, run), num_threads=THREADS, **options)
        opened.allocate_tensors()
        ends = opened.get_input_details()[0], opened.get_output_details()[0]
        shapes = [tuple(end["shape"][1:]) for end in ends]
    except (ValueError, RuntimeError):
        raise _damaged(run) from None
    if shapes != [run.recipe.spec.input_shape, (len(run.split.labels),)]:
        raise RunError(f"model.tflite of the run {run.name} does not fit its recipe; export it again.")
    return opened


def cached(make: Callable[[Run], Opened], run: Run) -> Opened:
    """``make(run)``, made once and kept until the files that it was made from are renewed."""
    version = _Version(str(run.path), _stamp(run.serving_file), _stamp(run.path / "serving.json"))
    opened: Opened = _make(make, version)
    return opened


class _Version(NamedTuple):
    """A run as its files are now: its folder, and of each file when it was written, in nanoseconds, and its size."""

    path: str
    model: tuple[int, int]
    figures: tuple[int, int]


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=MOST_OPEN)
def _make(make: Callable[[Run], Any], version: _Version) -> Any:
    return make(Run(Path(version.path)))


def _damaged(run: Run) -> RunError:
    return RunError(f"model.tflite of the run {run.name} is damaged; `python -m emnist_core export` makes it again.")
