"""What the JSON files of a run directory hold, each as a validated model."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from emnist_core.processes import Worker

State = Literal["queued", "starting", "training", "saving", "paused", "finished", "stopped", "failed", "lost"]
ACTIVE: tuple[State, ...] = ("starting", "training", "saving")
SILENCE = 300
"""Seconds without a word from a worker on another machine after which it is taken for dead."""


class DataUsed(BaseModel):
    """What a run was trained on: a plain name, the data's sha256 and the number of images.

    The training images are the split's own and, after them, ``extra_images`` of other splits' parts; ``extra_parts``
    has the name and the sha256 of each of these.
    """

    model_config = ConfigDict(populate_by_name=True)

    name: str
    sha256: str
    is_sample: bool
    training_images: int
    validation_images: int
    # A status written before has these two under other names.
    extra_images: int = Field(default=0, validation_alias=AliasChoices("extra_images", "further_images"))
    extra_parts: dict[str, str] = Field(default={}, validation_alias=AliasChoices("extra_parts", "further"))

    def of_other_splits(self) -> str:
        """How many of the training images other splits gave, in words to end a clause with; empty when none did."""
        parts = ", the ".join(self.extra_parts)
        return f", {self.extra_images:,} of them from the {parts}" if self.extra_images else ""


class Position(BaseModel):
    """Where a training stood when its checkpoint was written (``runs.checkpoint``).

    Attributes:
        epoch, batch: finished epochs, and finished batches of the epoch after them.
        step, seconds: finished steps over all epochs, and how long they took.
        best_epoch, validation_accuracy: the best epoch so far, whose weights are in ``model.keras``.
        journal_bytes: how much of ``metrics.jsonl`` was written.
        recipe: the settings.
        data_sha256: of the training part.
    """

    epoch: int
    batch: int
    step: int
    seconds: float
    best_epoch: int | None
    validation_accuracy: float | None
    journal_bytes: int
    recipe: dict[str, object]
    data_sha256: str | None


class Status(BaseModel):
    """Where a training stands.

    Attributes:
        state: ``lost`` is never written: a reader concludes it when the worker process is gone.
        worker: the process that trains, so that a reader can see whether it lives.
        started, updated: ISO 8601 times in UTC.
        epoch: finished epochs.
        step: finished steps, over all epochs.
        best_epoch, validation_accuracy: the epoch whose weights are kept, and its accuracy.
        device: the backend and device that train, e.g. ``"tensorflow on cpu:0"``.
        message: one sentence when something went wrong or ended early.
        doing: what a start or an end is busy with, in a few words; of no account while steps are taken.
        visitor, turn: who asked for it, and the seconds since 1970 by which the queue is ordered; None of a training
            that did not come by the queue.
        minutes: how long it may train.
        attempts: how often it was taken up again after its worker had died.
        served_epoch: the epoch whose weights the serving model has while the training goes on.
    """

    state: State = "starting"
    worker: Worker | None = None
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
    doing: str | None = None
    visitor: str | None = None
    turn: float | None = None
    minutes: float | None = None
    attempts: int = 0
    served_epoch: int | None = None

    def go_on_from(self, position: Position) -> None:
        """Stand where a checkpoint was written."""
        for name in ("epoch", "step", "seconds", "best_epoch", "validation_accuracy"):
            setattr(self, name, getattr(position, name))

    @property
    def data_sha256(self) -> str | None:
        """The sha256 of what it is trained on."""
        return self.data.sha256 if self.data else None

    @property
    def pid(self) -> int | None:
        """The worker's process number."""
        return self.worker.pid if self.worker else None

    def is_abandoned(self) -> bool:
        """Whether the worker that should be at it is gone; of one on another machine the heartbeat tells."""
        if not self.is_active or self.worker is None:
            return self.is_active
        if self.worker.is_here:
            return self.worker.process() is None
        with suppress(ValueError, TypeError):
            return (datetime.now(UTC) - datetime.fromisoformat(self.updated)).total_seconds() > SILENCE
        return True

    @property
    def is_under_way(self) -> bool:
        """Whether a worker is at it, or it may go on by somebody's hand or by itself."""
        return self.state not in ("finished", "stopped", "failed")

    @property
    def is_active(self) -> bool:
        """Whether a worker is still at it."""
        return self.state in ACTIVE


class Serving(BaseModel):
    """What was measured when the serving model was exported (``training.export``) and calibrated.

    Attributes:
        precision: how its weights are stored.
        bytes, sha256: of ``model.tflite``.
        images_compared: validation images that network and serving model both answered.
        agreement: share of them given the same class.
        keras_accuracy, serving_accuracy: on them, in [0, 1].
        largest_difference: of a probability, between the two.
        temperature: what logits are divided by; 1 when the run was never calibrated (``evaluation.calibration``).
        images_calibrated, calibration_error_before, calibration_error: of the calibration, None without one.
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


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
