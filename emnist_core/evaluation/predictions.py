"""A run's predictions on a dataset: computed once by the serving model, kept in the run, reopened at once.

They are kept under the hash of the data they were made on, so figures of the rebuilt rows, the official
rows and the sample never mix. No image is kept: images are looked up by row in the data itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from emnist_core import places
from emnist_core.data import Dataset
from emnist_core.errors import RunError
from emnist_core.evaluation import figures
from emnist_core.files import read_json, write_atomically, write_json
from emnist_core.recognizer import recognizer
from emnist_core.runs import Run, now
from emnist_core.splits import SPLITS

CHUNK = 1024
HASH_DIGITS = 12


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Predictions of one run on one dataset, and the figures they give.

    Attributes:
        run_name, split, part: what was evaluated on what.
        data_name, data_sha256, is_sample: the data in plain words, and its hash.
        labels: class labels in index order.
        true: int64 ``(N,)``.
        probabilities: float32 ``(N, classes)``, kept with 11 bits of precision.
    """

    run_name: str
    split: str
    part: str
    data_name: str
    data_sha256: str
    is_sample: bool
    labels: tuple[str, ...]
    true: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]

    @property
    def n(self) -> int:
        """Number of images."""
        return len(self.true)

    @cached_property
    def predicted(self) -> npt.NDArray[np.int64]:
        """The most probable class of each image, int64 ``(N,)``."""
        return self.probabilities.argmax(axis=1)

    @cached_property
    def confidence(self) -> npt.NDArray[np.float32]:
        """The probability of the predicted class, float32 ``(N,)``."""
        return self.probabilities.max(axis=1)

    @cached_property
    def confusion(self) -> npt.NDArray[np.int64]:
        """Counts by true (rows) and predicted (columns) class."""
        return figures.confusion_matrix(self.true, self.predicted, len(self.labels))

    @cached_property
    def accuracy(self) -> float:
        """Share of images named rightly."""
        return float(np.mean(self.predicted == self.true)) if self.n else 0.0

    @cached_property
    def top5(self) -> float:
        """Share of images whose true class is among the five most probable."""
        return figures.top_k_accuracy(self.true, self.probabilities, 5)

    @cached_property
    def per_class(self) -> pd.DataFrame:
        """See ``figures.per_class``."""
        return figures.per_class(self.confusion, self.labels)

    @cached_property
    def macro_f1(self) -> float:
        """Mean F1 over the classes that occur or are predicted, as scikit-learn's."""
        occurs = (self.confusion.sum(axis=0) + self.confusion.sum(axis=1)) > 0
        return float(self.per_class["f1"][occurs].mean()) if occurs.any() else 0.0

    @cached_property
    def confused_pairs(self) -> pd.DataFrame:
        """See ``figures.confused_pairs``."""
        return figures.confused_pairs(self.confusion, self.labels)

    def cell(self, true: int, predicted: int) -> npt.NDArray[np.int64]:
        """Rows of the images of class ``true`` named ``predicted``, most confident first."""
        rows = np.flatnonzero((self.true == true) & (self.predicted == predicted))
        return rows[np.argsort(-self.confidence[rows], kind="stable")]

    def summary(self) -> dict[str, Any]:
        """What ``metrics.json`` and ``evaluate --json`` hold."""
        return {
            "run": self.run_name,
            "split": self.split,
            "part": self.part,
            "data": {"name": self.data_name, "sha256": self.data_sha256, "is_sample": self.is_sample},
            "accuracy": self.accuracy,
            "top5": self.top5,
            "macro_f1": self.macro_f1,
            "n": self.n,
            "per_class": self.per_class.to_dict(orient="records"),
            "confusion": self.confusion.tolist(),
        }


def fits(run: Run, split: str) -> bool:
    """Whether the run's classes are the classes of ``split``."""
    return run.split.labels == SPLITS[split].labels


def evaluate(run: Run, dataset: Dataset, progress: Callable[[float], None] | None = None) -> Evaluation:
    """Return the run's evaluation on ``dataset``, from its files where it was made before.

    Args:
        run: a run with a serving model.
        dataset: images and labels of a split with the run's classes.
        progress: called with the share done, in [0, 1], while predictions are computed.

    Raises:
        RunError: when the classes do not fit or the serving model cannot be opened.
    """
    if not fits(run, dataset.split.name):
        raise RunError(
            f"The run {run.name} knows the {run.split.classes} classes of {run.split.title}, not those of "
            f"{dataset.split.title}; choose a split with the same classes."
        )
    found = stored(run, dataset)
    if found is not None:
        return found
    serving = recognizer(run)
    chunks = []
    for begin in range(0, len(dataset), CHUNK):
        chunks.append(serving.probabilities(dataset.images[begin : begin + CHUNK]))
        if progress is not None:
            progress(min(begin + CHUNK, len(dataset)) / len(dataset))
    # Rounded before any figure is made, so that a reopened evaluation gives the very same figures.
    probabilities = np.concatenate(chunks).astype(np.float16).astype(np.float32)
    evaluation = Evaluation(
        run.name,
        dataset.split.name,
        dataset.part,
        dataset.name,
        dataset.sha256,
        dataset.is_sample,
        run.split.labels,
        np.asarray(dataset.labels),
        probabilities,
    )
    _keep(run, evaluation)
    return evaluation


def stored(run: Run, dataset: Dataset) -> Evaluation | None:
    """The run's kept evaluation on ``dataset``, if it was made before with the present serving model."""
    name = _name(dataset.split.name, dataset.part, dataset.sha256)
    found = (_open(run, folder / name) for folder in _folders(run))
    return next((kept for kept in found if kept is not None and kept.data_sha256 == dataset.sha256), None)


def stored_evaluations(run: Run) -> list[Evaluation]:
    """Every evaluation kept in the run that can be read: EMNIST first, then by the number of images."""
    paths = [path.parent for folder in _folders(run) for path in folder.glob("*/metrics.json")]
    readable = [evaluation for path in paths if (evaluation := _open(run, path)) is not None]
    return sorted(readable, key=lambda evaluation: (evaluation.is_sample, -evaluation.n))


def _name(split: str, part: str, sha256: str) -> str:
    return f"{split}-{part}-{sha256[:HASH_DIGITS]}"


def _folders(run: Run) -> list[Path]:
    """Where a run's evaluations are; new ones go into the last. A run that ships is never written to."""
    own = [run.path / "evaluation"]
    return [*own, places.home() / "evaluations" / run.name] if run.is_shipped else own


def _keep(run: Run, evaluation: Evaluation) -> None:
    """Write the predictions, then the figures: a folder with metrics.json is whole."""
    folder = _folders(run)[-1] / _name(evaluation.split, evaluation.part, evaluation.data_sha256)
    try:
        with write_atomically(folder / "predictions.npz") as temporary:
            np.savez_compressed(
                temporary,
                true=evaluation.true.astype(np.uint8),
                probabilities=evaluation.probabilities.astype(np.float16),
            )
        made = {"evaluated": now(), "serving_sha256": run.serving_sha256()}
        write_json(folder / "metrics.json", evaluation.summary() | made)
    except OSError:
        return  # a read-only run (a shared server, a package) is evaluated anew each time


def _open(run: Run, folder: Path) -> Evaluation | None:
    try:
        evaluated = read_json(folder / "metrics.json")["serving_sha256"]
        changed = (folder / "predictions.npz").stat().st_mtime
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # A model exported after its evaluation has answers of its own.
    return _load(run.name, folder, changed) if evaluated == run.serving_sha256() else None


@lru_cache(maxsize=32)
def _load(run_name: str, folder: Path, changed: float) -> Evaluation | None:  # noqa: ARG001 - a renewed file is another entry
    try:
        metrics = read_json(folder / "metrics.json")
        with np.load(folder / "predictions.npz", allow_pickle=False) as arrays:
            true = arrays["true"].astype(np.int64)
            probabilities = arrays["probabilities"].astype(np.float32)
        data = metrics["data"]
        labels = SPLITS[metrics["split"]].labels
        if probabilities.shape != (len(true), len(labels)) or (true >= len(labels)).any():
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
        )
    except Exception:  # a damaged archive breaks NumPy in a dozen ways; it is computed anew
        return None
