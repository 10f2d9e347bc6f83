"""What stands in the files of a run out of a zip: JSON that means something, arrays, and models of ours."""

import math
import re
import subprocess
import zipfile
from datetime import datetime
from pathlib import Path
from typing import IO

from numpy.lib import format as npy

from emnist_core import processes
from emnist_core.collection.event_files import TAGS
from emnist_core.collection.packing import ENDED
from emnist_core.errors import RunError
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.store import stored_evaluations
from emnist_core.files import read_json, write_json
from emnist_core.runs import Run, Status, journal, notes

ARRAYS = {"rows", "true", "sha256", "classes", "probabilities"}
"""The arrays of an ``.npz`` of a run."""
LARGEST_ARRAY = 200_000_000
MARKUP = re.compile(r"[\[\]<>`$\\\n]")
"""Signs of links, pictures, formulas and HTML, which no name of ours has."""
WEIGHTS = "model.weights.h5"
KERAS = {"metadata.json": 100_000, "config.json": 5_000_000}
"""What stands in a ``model.keras`` beside the weights, and its bytes at most; it is not read."""
ROOM_FOR_WEIGHTS = 5_000_000
BYTES_A_PARAMETER = 8
PATIENCE = 120


def ensure_sound(run: Run) -> None:
    """Look into the files of a run whose sums were right.

    Raises:
        RunError: naming the file that is not what it is called.
    """
    status, model = run.status(), run.recipe.model
    if status.state not in ENDED or status.worker is not None:
        raise RunError(f"The run {run.name} says that it is {status.state}; export it once it has ended.")
    if not _makes_sense(status):
        raise RunError(f"status.json of the run {run.name} makes no sense.")
    if not _are_curves(run.path / "metrics.jsonl"):
        raise RunError(f"metrics.jsonl of the run {run.name} holds no curves.")
    if MARKUP.search(_words(run)):
        raise RunError(f"The run {run.name} has markup in its words, which pages would take for theirs.")
    if (run.path / "serving.json").exists():
        run.serving()
    for file in [run.trained_on_file, *run.path.glob("*/*.npz"), *run.path.glob("*/*/*.npz")]:
        if file.exists() and not _are_arrays(file):
            raise RunError(f"{file.name} of the run {run.name} holds no arrays of a run.")
    if any(not _are_rows(evaluation) for evaluation in stored_evaluations(run)):
        raise RunError(f"An evaluation of the run {run.name} names images that its data cannot have.")
    if run.keras_file.exists() and not _are_weights(run):
        raise RunError(f"model.keras of the run {run.name} is no {model}.")
    if run.serving_file.exists():
        _ensure_served(run)


def _makes_sense(status: Status) -> bool:
    """Whether its times and speeds are some."""
    numbers = [status.seconds, status.seconds_left, status.images_per_second, status.validation_accuracy]
    try:
        datetime.fromisoformat(status.started)
    except ValueError:
        return False
    return all(math.isfinite(number) for number in numbers if number is not None)


def _are_curves(file: Path) -> bool:
    """Whether each line has a kind and, beside it, numbers alone."""
    if not file.exists():
        return True
    return all(
        row.get("kind") in TAGS and all(isinstance(row[name], int | float | None) for name in row if name != "kind")
        for row in journal.read(file)
    )


def _words(run: Run) -> str:
    """What pages say in the run's own words: of its status, its notes and the data that it was evaluated on."""
    status, said = run.status(), notes.read(run)
    words = [status.device or "", status.message or "", said.title, said.owner, *said.tags]
    if status.data is not None:
        words += [status.data.name, *status.data.extra_parts]
    for file in run.path.glob("evaluation/*/metrics.json"):
        try:
            words.append(str(read_json(file)["data"]["name"]))
        except (ValueError, KeyError, TypeError):
            raise RunError(f"An evaluation of the run {run.name} makes no sense.") from None
    return " ".join(words)


def _are_arrays(file: Path) -> bool:
    """Whether each array takes no more than its file says, and nothing in it is a Python object."""
    try:
        if file.suffix == ".npy":
            with file.open("rb") as opened:
                return _is_array(opened, file.stat().st_size)
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > LARGEST_ARRAY or len(entries) > len(ARRAYS):
                return False
            for entry in entries:
                with archive.open(entry) as opened:
                    if entry.filename.removesuffix(".npy") not in ARRAYS or not _is_array(opened, entry.file_size):
                        return False
    except Exception:  # a damaged archive breaks zipfile and NumPy in a dozen ways
        return False
    return True


def _is_array(opened: IO[bytes], size: int) -> bool:
    """Whether an ``.npy`` of ``size`` bytes is as long as its own head says."""
    version = npy.read_magic(opened)
    shape, _, dtype = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version](opened)
    length = 1
    for extent in shape:
        length *= extent
    head = 10 if version == (1, 0) else 12
    return not dtype.hasobject and 0 <= size - head - length * dtype.itemsize < 65536


def _are_rows(evaluation: Evaluation) -> bool:
    """Whether an evaluation's rows go up and stay within its data."""
    rows = evaluation.rows
    size = evaluation.n + (evaluation.left_out or 0)
    return bool((rows[1:] > rows[:-1]).all() and (rows >= 0).all() and (rows < size).all())


def _are_weights(run: Run) -> bool:
    """Whether ``model.keras`` has the files of one, and weights of about the size of its architecture's."""
    try:
        with zipfile.ZipFile(run.keras_file) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            is_each_once = len(sizes) == len(archive.infolist())
    except Exception:  # as above
        return False
    limits = KERAS | {WEIGHTS: BYTES_A_PARAMETER * run.recipe.spec.parameters + ROOM_FOR_WEIGHTS}
    is_small = all(size <= limits.get(name, -1) for name, size in sizes.items())
    return is_each_once and WEIGHTS in sizes and is_small


def _ensure_served(run: Run) -> None:
    """Have the serving model tried in another process, which it may take down."""
    process = processes.start("emnist_core.collection.serving_check", str(run.path.absolute()))
    try:
        failed = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        failed = 1
    finally:
        process.kill()
        process.wait()
    if failed:
        raise RunError(f"model.tflite of the run {run.name} is no {run.recipe.model} that this project exports.")


def note_import(run: Run, moment: str, visitor: str | None) -> None:
    """Keep what people said of the run, that and when it came from elsewhere, and whose it is here."""
    update = {"imported": moment, "former_names": (), "archived": False, "shown": None}
    write_json(notes.file(run), notes.read(run).model_copy(update=update).model_dump(mode="json"))
    run.write_status(run.status().model_copy(update={"visitor": visitor}))
