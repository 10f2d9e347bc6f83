"""A run's predictions on a dataset: computed once by the serving model, kept in the run, reopened at once.

They are kept under the hash of the data they were made on, so figures of the rebuilt rows, the official
rows and the sample never mix. No image is kept: images are looked up by row in the data itself.

EMNIST's splits overlap, so images that the run was trained on are left out and counted, for every run that
kept the hashes of those (``trained_on.npy``).
"""

import json
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from emnist_core import paths
from emnist_core.arrays import Probabilities, Rows
from emnist_core.data import Dataset, image_hashes
from emnist_core.errors import RunError
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.files import read_json, write_atomically, write_json
from emnist_core.runs import Run, checksums, now
from emnist_core.serving.recognizer import recognizer
from emnist_core.splits import SPLITS

CHUNK = 1024
HASH_DIGITS = 12


def fits(run: Run, split: str) -> bool:
    """Whether the run's classes are the classes of ``split``."""
    return run.split.labels == SPLITS[split].labels


def evaluate(run: Run, dataset: Dataset, progress: Callable[[float], None] | None = None) -> Evaluation:
    """Return the run's evaluation on ``dataset``, from its files where it was made before.

    Images that the run was trained on are left out.

    Args:
        run: a run with a serving model.
        dataset: images and labels of a split with the run's classes.
        progress: called with the share done, in [0, 1], while predictions are computed.

    Raises:
        RunError: when the classes do not fit, the serving model cannot be opened, or the run was trained on
            every one of the images.
    """
    if not fits(run, dataset.split.name):
        raise RunError(
            f"The run {run.name} knows the {run.split.classes} classes of {run.split.title}, not those of "
            f"{dataset.split.title}; choose a split with the same classes."
        )
    before = stored(run, dataset)
    if before is not None:
        return before
    rows, left_out = rows_that_count(run, dataset)
    evaluation = Evaluation.of(run.name, dataset, _probabilities(run, dataset, rows, progress), rows, left_out)
    _keep(run, evaluation)
    return evaluation


def rows_that_count(run: Run, dataset: Dataset) -> tuple[Rows, int | None]:
    """The rows that the run was not trained on, and how many it was; None when it kept no record of that."""
    seen = run.trained_on()
    if seen is None:
        return np.arange(len(dataset)), None
    rows = np.flatnonzero(~image_hashes.known(dataset.images, seen))
    if len(rows) == 0:
        raise RunError(
            f"The run {run.name} was trained on every image of {dataset.name}, {dataset.part} part, so nothing "
            "is left to evaluate it on; choose another part or split."
        )
    return rows, len(dataset) - len(rows)


def _probabilities(run: Run, dataset: Dataset, rows: Rows, progress: Callable[[float], None] | None) -> Probabilities:
    """The run's answers to ``rows`` of the data, float32 ``(len(rows), classes)``."""
    serving = recognizer(run)
    whole = len(rows) == len(dataset)
    chunks = []
    for begin in range(0, len(rows), CHUNK):
        end = min(begin + CHUNK, len(rows))
        chunks.append(serving.probabilities(dataset.images[begin:end] if whole else dataset.images[rows[begin:end]]))
        if progress is not None:
            progress(end / len(rows))
    # Rounded before any figure is made, so that a reopened evaluation gives the very same figures.
    return np.concatenate(chunks).astype(np.float16).astype(np.float32)


def stored(run: Run, dataset: Dataset) -> Evaluation | None:
    """The run's kept evaluation on ``dataset``, if it was made before with the present serving model."""
    name = _name(dataset.split.name, dataset.part, dataset.sha256)
    opened = (_open(run, folder / name) for folder in _folders(run))
    return next((e for e in opened if e is not None and e.data_sha256 == dataset.sha256), None)


def stored_evaluations(run: Run) -> list[Evaluation]:
    """Every evaluation kept in the run that can be read: EMNIST first, then by the number of images."""
    readable = [evaluation for path in _kept(run) if (evaluation := _open(run, path)) is not None]
    return sorted(readable, key=lambda evaluation: (evaluation.is_sample, -evaluation.n))


def stored_figures(run: Run) -> list[dict[str, Any]]:
    """What ``stored_evaluations`` would sum up (``Evaluation.summary``), no prediction opened: for long lists."""
    readable = [figures for path in _kept(run) if (figures := _figures(run, path)) is not None]
    try:
        return sorted(readable, key=lambda figures: (figures["data"]["is_sample"], -figures["n"]))
    except (KeyError, TypeError):
        return []


def _kept(run: Run) -> list[Path]:
    return [path.parent for folder in _folders(run) for path in folder.glob("*/metrics.json")]


def _name(split: str, part: str, sha256: str) -> str:
    return f"{split}-{part}-{sha256[:HASH_DIGITS]}"


def _folders(run: Run) -> list[Path]:
    """Where a run's evaluations are; new ones go into the last. A run that ships is never written to."""
    own = [run.path / "evaluation"]
    return [*own, paths.home() / "evaluations" / run.name] if run.is_shipped else own


def _keep(run: Run, evaluation: Evaluation) -> None:
    """Write the predictions, then the figures: a folder with metrics.json is whole."""
    folder = _folders(run)[-1] / _name(evaluation.split, evaluation.part, evaluation.data_sha256)
    rows: dict[str, Any] = {"rows": evaluation.rows.astype(np.int32)} if evaluation.left_out else {}
    try:
        with (
            checksums.renewing(folder / "predictions.npz"),
            write_atomically(folder / "predictions.npz") as temporary,
        ):
            np.savez_compressed(
                temporary,
                true=evaluation.true.astype(np.uint8),
                probabilities=evaluation.probabilities.astype(np.float16),
                **rows,
            )
        made = {"evaluated": now(), "serving_sha256": run.serving_sha256(), "temperature": run.temperature()}
        with checksums.renewing(folder / "metrics.json"):
            write_json(folder / "metrics.json", evaluation.summary() | made)
    except OSError:
        return  # a read-only run (a shared server, a package) is evaluated again each time


def _open(run: Run, folder: Path) -> Evaluation | None:
    if _figures(run, folder) is None:
        return None
    try:
        return _load(run.name, folder, (folder / "predictions.npz").stat().st_mtime)
    except OSError:
        return None


def _figures(run: Run, folder: Path) -> dict[str, Any] | None:
    """The ``metrics.json`` of an evaluation, where it is one of the run as it is now."""
    try:
        metrics: dict[str, Any] = read_json(folder / "metrics.json")
        evaluated = metrics["serving_sha256"], metrics.get("temperature", 1.0)
        guarded = metrics.get("left_out") is not None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    # A model exported or calibrated after its evaluation has answers of its own; and what was evaluated before
    # it was known what the run had seen may count what it should not.
    if evaluated != (run.serving_sha256(), run.temperature()) or guarded != run.trained_on_file.exists():
        return None
    return metrics


@lru_cache(maxsize=32)
def _load(run_name: str, folder: Path, changed: float) -> Evaluation | None:  # noqa: ARG001 - a renewed file is another entry
    try:
        metrics = json.loads(checksums.read(folder / "metrics.json"))
        predictions = BytesIO(checksums.read(folder / "predictions.npz"))
        with np.load(predictions, allow_pickle=False) as arrays:
            true = arrays["true"].astype(np.int64)
            probabilities = arrays["probabilities"].astype(np.float32)
            rows = arrays["rows"].astype(np.int64) if "rows" in arrays else np.arange(len(true))
        data = metrics["data"]
        labels = SPLITS[metrics["split"]].labels
        left_out = metrics.get("left_out")
        sound = probabilities.shape == (len(true), len(labels)) and (true < len(labels)).all()
        if not sound or len(rows) != len(true) or ("rows" in arrays.files) != bool(left_out):
            return None
        return Evaluation(
            run_name,
            metrics["split"],
            metrics["part"],
            data["name"],
            data["sha256"],
            data["is_sample"],
            labels,
            true,
            probabilities,
            rows=rows,
            left_out=left_out,
        )
    except Exception:  # a damaged archive breaks NumPy in a dozen ways; it is computed again
        return None
