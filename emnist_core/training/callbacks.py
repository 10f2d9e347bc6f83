"""What happens beside the arithmetic of a training: curves, status, the best weights, Stop."""

import json
import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from emnist_core.errors import RunError
from emnist_core.runs import Run, Status, checksums
from emnist_core.runs.weights import save_network
from emnist_core.training.batches import Batches

LearningRate = Callable[[int], float]
Say = Callable[[str], None]
"""What is told a line about every training of several."""
Watch = Callable[[Run], Sequence[keras.callbacks.Callback]]
"""What gives extra callbacks for a run, e.g. to show its progress."""

SECONDS_BETWEEN_STEPS_LOGGED = 0.25
SECONDS_BETWEEN_STATUS = 1.0
SECONDS_BETWEEN_LOOKS_FOR_STOP = 0.2


class StopOnRequest(keras.callbacks.Callback):
    """End the training at the end of the step in which the run's stop file appears.

    A watching thread looks for the file, so that a step pays nothing. Before the first step has ended
    (the graph is being built, which takes a while) there is nothing to keep, and the process ends at once.
    The other callbacks tell a stopped epoch, whose validation is cut short, by ``model.stop_training``.
    """

    def __init__(self, run: Run, status: Status) -> None:
        super().__init__()
        self.run, self.status = run, status
        self.requested, self.over = threading.Event(), threading.Event()
        self.learned = False
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self.run.stop_file.exists():
            if self.over.wait(SECONDS_BETWEEN_LOOKS_FOR_STOP):
                return
        self.requested.set()
        if not self.learned:
            self.status.state = "paused" if self.run.asked == "pause" else "stopped"
            self.status.message = self.status.state.capitalize() + (
                " before another step; what was learned before is kept."
                if self.run.checkpoint_file.exists()
                else " before the first step; nothing was learned."
            )
            self.run.write_status(self.status)
            self.run.clear_leftovers()
            os._exit(0)

    def close(self) -> None:
        """Look no longer."""
        self.over.set()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Stop after a training step."""
        self.learned = True
        if self.requested.is_set():
            self.model.stop_training = True

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Stop in the middle of validation too."""
        if self.requested.is_set():
            self.model.stop_training = self.model.stop_evaluating = True


class ValidateAverages(keras.callbacks.Callback):
    """Give the network its averaged weights from validation until the next epoch, and then those it trains on again.

    Keras's ``SwapEMAWeights`` adds and subtracts to swap them, which rounds, so that a training which goes on from a
    checkpoint would drift away from one that was not broken off.
    """

    trained: Sequence[np.ndarray] = ()

    def on_test_begin(self, logs: Any = None) -> None:  # noqa: ARG002
        """Put the averages in, which the optimizer keeps."""
        variables = self.model.trainable_variables
        self.trained = [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]
        self.model.optimizer.finalize_variable_values(variables)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Put the others back."""
        for variable, array in zip(self.model.trainable_variables, self.trained, strict=False):
            variable.assign(array)


class KeepBest(keras.callbacks.Callback):
    """Save the weights of an epoch that is the best so far on validation, or of each where the last is to be kept.

    A status that names a best epoch already is of a run that was broken off: its weights stay until an epoch is
    better, or as late where the last is to be kept.
    """

    def __init__(self, run: Run, status: Status) -> None:
        super().__init__()
        self.run, self.status = run, status

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compare and save; a status never names a best epoch whose weights are not on disk.

        Raises:
            RunError: when the training has diverged; nothing good can come after that.
        """
        if self.model.stop_training:
            return
        if not math.isfinite(logs["loss"]):
            raise RunError("The loss is no longer a number; choose a smaller learning rate.")
        accuracy = float(logs["val_accuracy"])
        best_epoch, best = self.status.best_epoch or 0, self.status.validation_accuracy
        is_better = epoch + 1 >= best_epoch if self.run.recipe.keep == "last" else best is None or accuracy > best
        if is_better:
            save_network(self.model.network, self.run)
            self.status.best_epoch, self.status.validation_accuracy = epoch + 1, accuracy


class EndEarly(keras.callbacks.Callback):
    """End a training after an epoch from which nothing good will come; what was learned is kept, as with Stop.

    Args:
        run: the run.
        should_prune: asked after every epoch but the last, with the validation accuracies of the epochs so far.
    """

    def __init__(self, run: Run, should_prune: Callable[[list[float]], bool]) -> None:
        super().__init__()
        self.run, self.should_prune = run, should_prune
        self.ended = False

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Ask, and end."""
        if self.model.stop_training:
            return
        reached = [*self.run.metrics("epoch")["validation_accuracy"]]
        if self.should_prune(reached) and epoch + 1 < self.params["epochs"]:
            self.ended = self.model.stop_training = True
            self.run.stop_file.touch()


class EndInTime(keras.callbacks.Callback):
    """End a training when it took the minutes that it may take; what was learned is kept, as with Stop."""

    def __init__(self, run: Run, status: Status) -> None:
        super().__init__()
        self.run, self.status = run, status

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Ask for the end, once."""
        minutes = self.status.minutes
        if minutes is not None and self.status.seconds > 60 * minutes and self.run.asked is None:
            self.status.message = f"Ended after {minutes:g} minutes, the most that a training may take on this app."
            self.run.stop_file.touch()


class Journal(keras.callbacks.Callback):
    """Write the curves to ``metrics.jsonl``, line by line, and renew ``status.json``.

    Args:
        run, status: the run and where it stands.
        batches: what is trained on.
        learning_rate: the rate of a step.
        journal_bytes: the journal is written on from there; what is behind is done again.
    """

    def __init__(
        self, run: Run, status: Status, batches: Batches, learning_rate: LearningRate, journal_bytes: int = 0
    ) -> None:
        super().__init__()
        self.run, self.status, self.batches, self.batch_size = run, status, batches, batches.batch_size
        self.learning_rate = learning_rate
        file = run.path / "metrics.jsonl"
        checksums.forget(file)  # of an earlier training of the run
        self.file = file.open("ab")
        self.file.truncate(min(journal_bytes, self.file.tell()))
        self.window = Window()

    def _append(self, kind: str, **values: Any) -> None:
        self.file.write((json.dumps({"kind": kind, **values}) + "\n").encode())
        self.file.flush()

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002
        """Start the clock when the first step starts, or let it go on."""
        self.step_logged = self.status_written = time.monotonic()
        self.begun = self.step_logged - self.status.seconds

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Start the epoch's means."""
        self.window = Window()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Log a step and renew the status, each only now and then."""
        moment, finished = time.monotonic(), self.batches.first + batch + 1
        self.status.step += 1
        self.status.seconds = round(moment - self.begun, 1)
        if self.status.state == "starting":
            # The first step includes building the graph; a speed measured over it would mislead.
            self.status.state = "training"
            self.step_logged = moment
            self.window.move(finished, logs)
            self.run.write_status(self.status)
        elif moment - self.step_logged >= SECONDS_BETWEEN_STEPS_LOGGED:
            self._log_step(finished, logs, moment)
        if moment - self.status_written >= SECONDS_BETWEEN_STATUS:
            self.status_written = moment
            self.run.write_status(self.status)

    def _log_step(self, batches: int, logs: Any, moment: float) -> None:
        speed = (batches - self.window.batches) * self.batch_size / (moment - self.step_logged)
        previous = self.status.images_per_second
        self.status.images_per_second = round(speed if previous is None else 0.8 * previous + 0.2 * speed, 1)
        steps_left = self.status.steps_per_epoch * self.status.epochs - self.status.step
        self.status.seconds_left = round(steps_left * self.batch_size / self.status.images_per_second, 1)
        self._append(
            "step",
            step=self.status.step,
            epoch=round(self.status.step / self.status.steps_per_epoch, 4),
            **self.window.move(batches, logs),
            learning_rate=self.learning_rate(self.status.step),
            images_per_second=round(speed, 1),
            seconds=self.status.seconds,
        )
        self.step_logged = moment

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Log an epoch."""
        if self.model.stop_training:
            return
        self.status.epoch = epoch + 1
        self.status.seconds = round(time.monotonic() - self.begun, 1)
        self._append(
            "epoch",
            epoch=epoch + 1,
            loss=round(float(logs["loss"]), 6),
            accuracy=round(float(logs["accuracy"]), 6),
            validation_loss=round(float(logs["val_loss"]), 6),
            validation_accuracy=round(float(logs["val_accuracy"]), 6),
            seconds=self.status.seconds,
        )
        os.fsync(self.file.fileno())
        self.run.write_status(self.status)
        self.step_logged = time.monotonic()

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class Window:
    """Means over the steps since the last look, from Keras's means over the epoch so far."""

    def __init__(self) -> None:
        self.batches = 0
        self.sums = {"loss": 0.0, "accuracy": 0.0}

    def move(self, batches: int, logs: Any) -> dict[str, float]:
        """Return the means over the steps since the last call; ``batches`` counts the epoch's so far."""
        sums = {name: float(logs[name]) * batches for name in self.sums}
        passed = max(batches - self.batches, 1)
        means = {name: round((sums[name] - self.sums[name]) / passed, 5) for name in sums}
        self.batches, self.sums = batches, sums
        return means
