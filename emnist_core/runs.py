"""A run: one training, kept as a directory of plain files.

    recipe.json      the settings (``training.recipe.Recipe``)
    status.json      where the training stands (``Status``), renewed about once a second
    metrics.jsonl    one JSON object a line, for some steps and for every epoch
    model.keras      the weights of the best epoch on validation
    model.tflite     the serving model, with serving.json: what was measured when it was exported
    trained_on.npy   the 64-bit hashes of the images it was trained on (``data.image_hashes``)
    evaluation/<split>-<part>-<hash>/   metrics.json and predictions.npz
    README.md        the model card

Runs of this machine are under ``places.own_runs()``; those that ship are in ``trained_models/`` and are
only ever read, except by whoever prepares a release.
"""

import json
import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import psutil
from pydantic import BaseModel, Field, ValidationError

from emnist_core import places
from emnist_core.data import image_hashes
from emnist_core.errors import EmnistError, RunError
from emnist_core.files import read_json, write_json
from emnist_core.splits import Split
from emnist_core.training.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd

State = Literal["starting", "training", "saving", "finished", "stopped", "failed", "lost"]
ACTIVE: tuple[State, ...] = ("starting", "training", "saving")


class DataUsed(BaseModel):
    """What a run was trained on: a plain name, the data's sha256 and the number of images.

    The training images are the split's own and, after them, ``further_images`` of other splits' parts; ``further``
    has the name and the sha256 of each of these.
    """

    name: str
    sha256: str
    is_sample: bool
    training_images: int
    validation_images: int
    further_images: int = 0
    further: dict[str, str] = {}

    def of_other_splits(self) -> str:
        """How many of the training images other splits gave, in words to end a clause with; empty when none did."""
        parts = ", the ".join(self.further)
        return f", {self.further_images:,} of them from the {parts}" if self.further_images else ""


class Status(BaseModel):
    """Where a training stands.

    Attributes:
        state: ``lost`` is never written: a reader concludes it when the worker process is gone.
        pid, process_started: the worker process, so that a reader can see whether it lives.
        started, updated: ISO 8601 times in UTC.
        epoch: finished epochs.
        step: finished steps, over all epochs.
        best_epoch, validation_accuracy: the epoch whose weights are kept, and its accuracy.
        device: the backend and device that train, e.g. ``"tensorflow on cpu:0"``.
        message: one sentence when something went wrong or ended early.
    """

    state: State = "starting"
    pid: int | None = None
    process_started: float | None = None
    started: str = ""
    updated: str = ""
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps_per_epoch: int = 0
    images_per_second: float | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    best_epoch: int | None = None
    validation_accuracy: float | None = None
    device: str | None = None
    data: DataUsed | None = None
    message: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether a worker is still at it."""
        return self.state in ACTIVE


class Serving(BaseModel):
    """What was measured when the serving model was exported; see ``training.export.export``.

    The last four are ``evaluation.temperature``'s; a run that was never calibrated has temperature 1.
    """

    precision: str
    bytes: int
    sha256: str
    images_compared: int
    agreement: float
    keras_accuracy: float
    serving_accuracy: float
    largest_difference: float
    temperature: float = Field(default=1.0, ge=0.1, le=10)
    images_calibrated: int | None = None
    calibration_error_before: float | None = None
    calibration_error: float | None = None


class Run:
    """A run directory. Nothing is read before it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keras_file = path / "model.keras"
        self.serving_file = path / "model.tflite"
        self.trained_on_file = path / "trained_on.npy"
        self.stop_file = path / "stop"
        self.reserve_file = path / ".reserve"

    @property
    def name(self) -> str:
        """The directory's name."""
        return self.path.name

    @property
    def is_shipped(self) -> bool:
        """Whether the run came with the project."""
        return self.path.resolve().parent == places.SHIPPED_RUNS

    def _read(self, name: str) -> Any:
        try:
            return read_json(self.path / name)
        except FileNotFoundError:
            raise RunError(f"The run {self.name} has no {name}; train it again or delete it.") from None
        except (OSError, ValueError):
            raise RunError(f"{name} of the run {self.name} is damaged; train it again or delete it.") from None

    @cached_property
    def recipe(self) -> Recipe:
        """The settings it was started with; raises ``RunError`` when they cannot be read."""
        settings = self._read("recipe.json")
        try:
            return Recipe.parse(settings)
        except (EmnistError, TypeError) as error:
            raise RunError(f"recipe.json of the run {self.name} makes no sense ({error})") from None

    @property
    def split(self) -> Split:
        """The split it was trained on, which names its classes."""
        return self.recipe.split_spec

    def status(self) -> Status:
        """Where the training stands now; raises ``RunError`` when it cannot be read."""
        content = self._read("status.json")
        try:
            status = Status.model_validate(content)
        except ValidationError:
            raise RunError(f"status.json of the run {self.name} is damaged; train it again or delete it.") from None
        if status.is_active and not _is_alive(status):
            status.state = "lost"
            status.message = (
                "The training process ended without a word; what was saved up to then is kept."
                if self.keras_file.exists()
                else "The training process ended before anything was saved; start it again."
            )
        return status

    def protocol(self) -> str | None:
        """How the epoch was chosen, in words; None while nothing is trained."""
        status = self.status()
        if status.data is None or status.best_epoch is None:
            return None
        used = status.data
        held_out = f"the last {used.validation_images:,} rows of the training part"
        chosen = f"chosen on {held_out}" if self.recipe.keep == "best" else f"settled beforehand; {held_out} held out"
        return (
            f"epoch {status.best_epoch} of {status.epochs}, {chosen}; trained on {used.training_images:,} others"
            f"{used.of_other_splits()}; seed {self.recipe.seed}{self._settled()}"
        )

    def _settled(self) -> str:
        count = self.recipe.norm_images
        return f"; batch normalisation settled on {count:,} unvaried training images" if count else ""

    def how_to_serve(self) -> str | None:
        """How a run with weights gets its serving model, in a sentence; None where it has one, or no weights either."""
        if self.serving_file.exists() or not self.keras_file.exists():
            return None
        return f"It has no serving model yet; `python -m emnist_core export {self.name}` makes it under TensorFlow."

    def write_status(self, status: Status) -> None:
        """Renew ``status.json``."""
        status.updated = now()
        write_json(self.path / "status.json", status.model_dump())

    def clear_leftovers(self) -> None:
        """Remove what only a training needs: the request to stop, and the space kept for a full disk."""
        for file in (self.stop_file, self.reserve_file):
            with suppress(OSError):  # a disk that became read-only
                file.unlink(missing_ok=True)

    def metrics(self, kind: Literal["step", "epoch"]) -> "pd.DataFrame":
        """The logged curves: a row per logged step or per epoch, empty when nothing is logged yet.

        A line that is damaged, or still being written, is left out.
        """
        rows = []
        try:
            text = (self.path / "metrics.jsonl").read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            text = ""
        except OSError:
            raise RunError(f"metrics.jsonl of the run {self.name} cannot be read; delete it.") from None
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict) and row.get("kind") == kind:
                rows.append(row)
        columns = STEP_COLUMNS if kind == "step" else EPOCH_COLUMNS
        import pandas as pd  # here, so that the landing page, which has no tables, does not wait for it

        return pd.DataFrame(rows, columns=columns)

    def serving(self) -> dict[str, Any]:
        """What was measured when the serving model was exported; raises ``RunError`` when it cannot be read."""
        content = self._read("serving.json")
        try:
            return Serving.model_validate(content).model_dump()
        except ValidationError:
            raise RunError(
                f"serving.json of the run {self.name} is damaged; `python -m emnist_core export` makes it anew."
            ) from None

    def trained_on(self) -> image_hashes.Hashes | None:
        """The hashes of the images it was trained on, uint64 sorted, or None when it kept none.

        Raises:
            RunError: when they are damaged.
        """
        try:
            return image_hashes.read(self.trained_on_file)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError):
            raise RunError(
                f"trained_on.npy of the run {self.name} is damaged, so what it has seen cannot be left out; "
                "delete that file to evaluate it all the same."
            ) from None

    def serving_sha256(self) -> str | None:
        """The hash of the serving model as it was exported, or None when that is not known."""
        try:
            return str(self.serving()["sha256"])
        except RunError:
            return None

    def temperature(self) -> float:
        """What the serving model's logits are divided by; 1 when the run was never calibrated."""
        try:
            return float(self.serving()["temperature"])
        except RunError:
            return 1.0


STEP_COLUMNS = ["step", "epoch", "loss", "accuracy", "learning_rate", "images_per_second", "seconds"]
EPOCH_COLUMNS = ["epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "seconds"]


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _is_alive(status: Status) -> bool:
    """Whether the worker process runs: the same process number and the same start time."""
    try:
        process = psutil.Process(status.pid or -1)
        return (
            process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - (status.process_started or 0)) < 2
        )
    except (psutil.Error, ValueError):
        return False


def create(recipe: Recipe, name: str | None = None, folder: Path | None = None) -> Run:
    """Make a new run directory that holds its recipe and a first status.

    Args:
        recipe: the settings.
        name: the directory's name; default: model, split and time.
        folder: where to make it; default: ``places.own_runs()``.

    Raises:
        RunError: when the name is taken or unfit, or the folder cannot be written.
    """
    chosen = name or f"{recipe.model}-{recipe.split}-{datetime.now():%Y%m%d-%H%M%S}"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", chosen):
        raise RunError(f"{chosen!r} cannot name a run; use letters, digits, dots, dashes and underscores.")
    run = Run((folder or places.own_runs()) / chosen)
    try:
        run.path.mkdir(parents=True)
        write_json(run.path / "recipe.json", recipe.model_dump())
        run.write_status(Status(started=now(), epochs=recipe.epochs))
    except FileExistsError:
        raise RunError(f"There is a run called {chosen} already; choose another name.") from None
    except OSError as error:
        raise RunError(
            f"{run.path} cannot be written ({error.strerror}); set EMNIST_HOME to a folder that can."
        ) from None
    return run


def list_runs() -> list[Run]:
    """Every directory with a recipe: the shipped runs in the registry's order, then one's own, newest first."""
    from emnist_core.models import MODELS

    order = list(MODELS)
    shipped = sorted(
        _runs_in(places.SHIPPED_RUNS),
        key=lambda run: (order.index(run.name) if run.name in order else len(order), run.name),
    )
    own = sorted(_runs_in(places.own_runs()), key=_changed, reverse=True)
    return shipped + own


def _changed(run: Run) -> float:
    try:
        return run.path.stat().st_mtime
    except FileNotFoundError:
        return 0.0  # deleted since it was listed


def _runs_in(folder: Path) -> list[Run]:
    return [Run(path.parent) for path in folder.glob("*/recipe.json")]


def servable_runs() -> list[Run]:
    """The runs that have a serving model and a readable recipe."""
    return [run for run in list_runs() if run.serving_file.exists() and _has_recipe(run)]


def _has_recipe(run: Run) -> bool:
    try:
        return bool(run.recipe)
    except RunError:
        return False


def find(name_or_path: str) -> Run:
    """Find a run by its name or its directory; raises ``RunError`` saying how to list them."""
    is_name = re.fullmatch(r"[\w.-]+", name_or_path)
    folders = (places.SHIPPED_RUNS, places.own_runs(), Path.cwd()) if is_name else (Path.cwd(),)
    for folder in folders:
        path = folder / name_or_path
        # Not pathlib's exists(), which raises for a name that is too long for any file.
        if os.path.exists(path / "recipe.json"):
            return Run(path)
    raise RunError(f"There is no run called {name_or_path}; `python -m emnist_core runs` lists them.")
