"""A run: one training, kept as a directory of plain files.

    recipe.json      the settings (``recipe.Recipe``)
    status.json      where the training stands (``Status``), renewed about once a second
    metrics.jsonl    one JSON object a line, for some steps and for every epoch
    model.keras      the weights of the best epoch on validation
    checkpoint.npz   the state that the training goes on from (``runs.checkpoint``)
    model.tflite     the serving model, with serving.json: what was measured when it was exported
    trained_on.npy   the 64-bit hashes of the images it was trained on (``data.image_hashes``)
    evaluation/<split>-<part>-<hash>/   metrics.json and predictions.npz
    README.md        the model card
    checksums.json   the sha256 of each of these files (``runs.checksums``)

Runs of this machine are under ``paths.own_runs()``; those that ship are in ``trained_models/`` and are
only ever read, except by whoever prepares a release.
"""

import json
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ValidationError

from emnist_core import paths
from emnist_core.arrays import Hashes
from emnist_core.data import image_hashes
from emnist_core.errors import EmnistError, RunError
from emnist_core.files import write_json
from emnist_core.recipe import Recipe
from emnist_core.runs import checksums, journal
from emnist_core.runs.schema import Serving, Status, now
from emnist_core.splits import Split

if TYPE_CHECKING:
    import pandas as pd

STEP_COLUMNS = ["step", "epoch", "loss", "accuracy", "learning_rate", "images_per_second", "seconds"]
EPOCH_COLUMNS = ["epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "seconds"]


class Run:
    """A run directory. Nothing is read before it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keras_file = path / "model.keras"
        self.serving_file = path / "model.tflite"
        self.trained_on_file = path / "trained_on.npy"
        self.checkpoint_file = path / "checkpoint.npz"
        self.stop_file = path / "stop"
        self.reserve_file = path / ".reserve"

    @property
    def name(self) -> str:
        """The directory's name."""
        return self.path.name

    @property
    def is_shipped(self) -> bool:
        """Whether the run came with the project."""
        return self.path.resolve().parent == paths.SHIPPED_RUNS

    def _read(self, name: str) -> Any:
        try:
            return json.loads(checksums.read(self.path / name))
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
        if status.is_abandoned():
            status.state = "lost"
            if self.checkpoint_file.exists():
                status.message = "The training process ended without a word; resume it from where it was."
            elif self.keras_file.exists():
                status.message = "The training process ended without a word; what was saved up to then is kept."
            else:
                status.message = "The training process ended before anything was saved; start it again."
        return status

    def add_epochs(self, more: int) -> None:
        """Let the recipe have more epochs, which it is then trained for from its checkpoint.

        A schedule that falls to 0 is stretched over all epochs, so that the rate is higher again at first.

        Raises:
            RunError: when it has no checkpoint, trains or waits, or came with the project.
            RecipeError: when these are more epochs than a recipe may have.
        """
        self.ensure_checkpoint()
        status = self.status()
        if status.is_active or status.state == "queued":
            raise RunError(f"The run {self.name} trains or waits already; wait for its end, then add epochs.")
        longer = Recipe.parse(self.recipe.model_dump() | {"epochs": self.recipe.epochs + more})
        self._write("recipe.json", longer)
        self.recipe = longer

    def ensure_checkpoint(self) -> None:
        """Raise ``RunError``, with what to do instead, when there is nothing to go on from."""
        self.refuse_if_shipped("train its recipe.json as a run of your own")
        if not self.checkpoint_file.exists():
            raise RunError(f"The run {self.name} has no checkpoint to go on from; train its recipe.json as a new run.")

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
        count = self.recipe.batch_norm_images
        return f"; batch normalisation settled on {count:,} unvaried training images" if count else ""

    def how_to_serve(self) -> str | None:
        """How a run with weights gets its serving model, in a sentence; None where it has one, or no weights either."""
        if self.serving_file.exists() or not self.keras_file.exists():
            return None
        return f"It has no serving model yet; `python -m emnist_core export {self.name}` makes it under TensorFlow."

    @property
    def asked(self) -> str | None:
        """What the worker is asked to do at the end of its step: ``"stop"``, ``"pause"``, or None."""
        try:
            return "pause" if self.stop_file.read_text(encoding="ascii") == "pause" else "stop"
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            return "stop"

    def write_status(self, status: Status) -> None:
        """Renew ``status.json``."""
        status.updated = now()
        file = self.path / "status.json"
        if status.is_active:  # renewed every second
            checksums.forget(file)
            write_json(file, status.model_dump())
        else:
            self._write(file.name, status)

    def write_serving(self, measured: Serving) -> None:
        """Renew ``serving.json``."""
        self._write("serving.json", measured)

    def _write(self, name: str, content: BaseModel) -> None:
        with checksums.renewing(self.path / name):
            write_json(self.path / name, content.model_dump())

    def clear_leftovers(self) -> None:
        """Remove what only a training needs: the request to stop, space kept for a full disk, half-written files."""
        for file in (self.stop_file, *self.path.glob(".*"), *(self.path / "epochs").glob(".*")):
            with suppress(OSError):  # a disk that became read-only
                file.unlink(missing_ok=True)

    def metrics(self, kind: Literal["step", "epoch"]) -> "pd.DataFrame":
        """The logged curves: a row per logged step or per epoch, empty when nothing is logged yet.

        A line that is damaged, or still being written, is left out; ``RunError`` says that curves which were whole
        are damaged.
        """
        file = self.path / "metrics.jsonl"
        try:
            checksums.check(file)
            rows = journal.read(file)
        except FileNotFoundError:
            rows = []
        except (OSError, ValueError):
            raise RunError(
                f"metrics.jsonl of the run {self.name} is damaged; delete that file to see the rest without its curves."
            ) from None
        columns = STEP_COLUMNS if kind == "step" else EPOCH_COLUMNS
        import pandas as pd  # here, so that the landing page, which has no tables, does not wait for it

        return pd.DataFrame([row for row in rows if row.get("kind") == kind], columns=columns)

    def refuse_if_shipped(self, advice: str) -> None:
        """Raise ``RunError``, with what to do instead, when the run came with the project: such a run is only read."""
        if self.is_shipped:
            raise RunError(f"The run {self.name} came with the project and stays as it is; {advice}.")

    def serving(self) -> Serving:
        """What was measured when the serving model was exported; raises ``RunError`` when it cannot be read."""
        content = self._read("serving.json")
        try:
            return Serving.model_validate(content)
        except ValidationError:
            raise RunError(
                f"serving.json of the run {self.name} is damaged; `python -m emnist_core export` makes it again."
            ) from None

    def trained_on(self) -> Hashes | None:
        """The hashes of the images it was trained on, uint64 sorted, or None when it kept none.

        Raises:
            RunError: when they are damaged.
        """
        try:
            checksums.check(self.trained_on_file)
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
            return self.serving().sha256
        except RunError:  # nothing is measured while it is renewed epoch by epoch
            return checksums.noted(self.path).get(self.serving_file.name)

    def temperature(self) -> float:
        """What the serving model's logits are divided by; 1 when the run was never calibrated."""
        try:
            return self.serving().temperature
        except RunError:
            return 1.0
