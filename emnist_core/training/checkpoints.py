"""Checkpoints of a running training, and how it goes on from one. Imports Keras."""

import time
from typing import Any

import keras
import numpy as np

from emnist_core.errors import RunError
from emnist_core.runs import Run, Status, checkpoint
from emnist_core.runs.checkpoint import Checkpoint
from emnist_core.runs.schema import Position
from emnist_core.training.batches import Batches
from emnist_core.training.callbacks import Journal, StopOnRequest
from emnist_core.training.training_model import TrainingModel

SECONDS_BETWEEN_CHECKPOINTS = 100.0
"""Within an epoch. ResNet-34's takes 255 MB and about a second to write."""
SECONDS_WORTH_KEEPING = 10.0
"""Before a validation, which Stop may cut short: less work than this is done again."""


class KeepCheckpoints(keras.callbacks.Callback):
    """Write the run's checkpoint at the end of each epoch, now and then within one, and when a training is stopped.

    It stands behind all callbacks that keep something of an epoch, so that what a checkpoint counts as done is on disk.

    Args:
        run, status: the run and where it stands.
        batches: what is trained on; it knows which batch of the epoch came first.
        journal: the curves.
        stop: knows whether somebody asked to stop.

    Attributes:
        restored: the checkpoint that the next ``fit`` goes on from.
    """

    def __init__(self, run: Run, status: Status, batches: Batches, journal: Journal, stop: StopOnRequest) -> None:
        super().__init__()
        self.run, self.status, self.batches, self.journal, self.stop = run, status, batches, journal, stop
        self.restored: Checkpoint | None = None
        self.at_the_end: list[np.ndarray] = []
        self.written = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Put the restored state in place: here, since ``fit`` resets the epoch's metrics just before."""
        self.batches.go_to(epoch, self.restored.position.batch if self.restored else 0)
        if self.restored is not None:
            restore(self.model, self.restored, self.run)
            if not self.restored.position.batch:
                self.model.reset_metrics()
            self.restored = None

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Write the state where it is time to; keep that after the last step in memory for the end of the epoch."""
        finished, passed = self.batches.first + batch + 1, time.monotonic() - self.written
        steps_left = self.status.steps_per_epoch - finished
        if not steps_left:
            # Validation by averaged weights puts these into the network, and the last one leaves them there.
            self.at_the_end = arrays_of(self.model)
        elif (
            passed > SECONDS_BETWEEN_CHECKPOINTS
            or self.stop.requested.is_set()
            or (steps_left == 1 and passed > SECONDS_WORTH_KEEPING)
        ):
            self._write(arrays_of(self.model), self.status.epoch, finished)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Write the state that the epoch's last step left."""
        if self.status.epoch == epoch + 1:  # it was not stopped: the journal has it
            self._write(self.at_the_end, epoch + 1, 0)
        self.at_the_end = []

    def _write(self, arrays: list[np.ndarray], epoch: int, batch: int) -> None:
        status = self.status
        position = Position(
            epoch=epoch,
            batch=batch,
            step=status.step,
            seconds=status.seconds,
            best_epoch=status.best_epoch,
            validation_accuracy=status.validation_accuracy,
            journal_bytes=self.journal.file.tell(),
            recipe=self.run.recipe.model_dump(mode="json"),
            data_sha256=status.data_sha256,
        )
        checkpoint.write(self.run, Checkpoint(position, arrays))
        self.written = time.monotonic()


def restore(model: TrainingModel, last: Checkpoint, run: Run) -> None:
    """Give every variable of a training the value that it had.

    Args:
        model: a compiled model of the run's recipe whose optimizer and metrics have their variables (``prepare``).
        last: the checkpoint.
        run: whose it is.

    Raises:
        RunError: when it is of another network.
    """
    variables = _variables(model)
    if [tuple(variable.shape) for variable in variables] != [array.shape for array in last.arrays]:
        raise RunError(
            f"checkpoint.npz of the run {run.name} is another network's, or another backend's or version's of Keras; "
            "train its recipe.json as a new run."
        )
    for variable, array in zip(variables, last.arrays, strict=True):
        variable.assign(array)


def arrays_of(model: TrainingModel) -> list[np.ndarray]:
    """A copy of every variable that a training changes, in a settled order."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in _variables(model)]


def _variables(model: TrainingModel) -> list[keras.Variable]:
    varied = [] if model.augment is None else model.augment.variables
    return [*model.network.variables, *varied, *model.optimizer.variables, *model.metrics_variables]


def prepare(model: TrainingModel, inputs: Any, targets: Any) -> None:
    """Make the variables of optimizer and metrics, which Keras makes in the first step; the batch is not learned."""
    model.optimizer.build(model.trainable_variables)
    model.test_on_batch(inputs, targets)
