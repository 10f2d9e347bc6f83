"""A run from its start to its end: one recipe, one run directory, the same from Python, the CLI and the page.

    run = runs.create(Recipe(model="lenet5", epochs=3))
    train(run)

Imports Keras, so only the worker process and the CLI's ``train`` import this module.
"""

import errno
from collections.abc import Sequence

import keras

from emnist_core import model_card
from emnist_core.errors import EmnistError, RunError
from emnist_core.processes import Worker
from emnist_core.runs import Run, State, Status, checksums, now
from emnist_core.training import export
from emnist_core.training.callbacks import EndInTime, StopOnRequest
from emnist_core.training.fit import fit
from emnist_core.training.latest_model import latest_model
from emnist_core.training.slot import TakenError, busy_sentence, training_slot

RESERVE_BYTES = 64 * 1024
IMAGES_WHEN_STOPPED = 500
"""Validation images that the serving model of a stopped training is compared and calibrated on: somebody waits."""


def train(run: Run, callbacks: Sequence[keras.callbacks.Callback] = ()) -> Status:
    """Train the run's recipe and fill its directory; returns the last status.

    The weights kept are those of the epoch that is best on validation, or of the last one if the recipe says
    so. Of a run that is stopped in its first epoch, the serving model of that moment is kept alone. A run that was
    broken off, or was given more epochs, goes on from its checkpoint; one without starts from the beginning, and its
    weights stay until an epoch is better. The test part is not touched.

    Args:
        run: a directory made by ``runs.create``.
        callbacks: extra Keras callbacks, e.g. to show progress.

    Raises:
        EmnistError: when the recipe does not fit the data, another training runs, or the disk is full;
            the status then says ``failed`` and gives the same sentence.
    """
    recipe = run.recipe
    worker = Worker.this()
    status = Status(worker=worker, started=now(), epochs=recipe.epochs, device=_device(), doing="reading the data")
    earlier = _take_over(run, worker)
    if earlier is not None:
        for name in ("data", "visitor", "turn", "minutes", "attempts"):
            setattr(status, name, getattr(earlier, name))
        if run.keras_file.exists():  # nothing worse is to be written over these weights
            status.best_epoch, status.validation_accuracy = earlier.best_epoch, earlier.validation_accuracy
    try:
        with training_slot(run.path.parent):
            run.write_status(status)
            run.reserve_file.write_bytes(bytes(RESERVE_BYTES))
            stop = StopOnRequest(run, status)
            try:
                fit(run, status, stop, [*latest_model(run, status), EndInTime(run, status), *callbacks])
            finally:
                stop.close()
            asked = run.asked
            status.seconds_left = 0.0
            if asked == "pause":
                status.state = "paused"
                run.write_status(status)
                return status
            status.state, status.doing = "saving", "making the serving model"
            run.write_status(status)
            if keras.backend.backend() == "tensorflow":
                export.export(run, most=IMAGES_WHEN_STOPPED if asked else None)
                if status.best_epoch is None:  # four fifths of what it would take, which nobody trains on from
                    run.keras_file.unlink()
                    status.message = "Stopped in the first epoch; the serving model of that moment is kept."
                model_card.write(run)
            checksums.note_all(run.path)
            status.state, status.doing, status.served_epoch = "stopped" if asked else "finished", None, None
            run.write_status(status)
    except TakenError as error:
        if status.turn is None:
            _fail(run, status, str(error))
        else:  # a command began to train since it was taken from the queue
            _end(run, status, "queued", "Another training came between; it goes on after that.")
        raise
    except EmnistError as error:
        _fail(run, status, str(error))
        raise
    except OSError as error:
        reason = error.strerror or error
        sentence = f"{run.path} cannot be written ({reason}); free some space, allow writing and train again."
        _fail(run, status, sentence)
        if error.errno == errno.ENOSPC and status.turn is not None:  # the queue knows when there is room again
            _end(run, status, "queued", "The disk is full; it goes on when there is room.")
        raise RunError(sentence) from error
    except KeyboardInterrupt:
        go_on = f"; `python -m emnist_core train --resume {run.name}` goes on." if run.checkpoint_file.exists() else "."
        _end(run, status, "stopped", f"Interrupted{go_on}")
        raise
    except Exception as error:
        _fail(run, status, f"The training broke off: {type(error).__name__}: {error}")
        raise
    finally:
        run.clear_leftovers()
    return status


def _take_over(run: Run, worker: Worker) -> Status | None:
    """Clear what an earlier training of the run left, whose process was killed.

    Returns:
        The status of that training, if there was one.

    Raises:
        RunError: when that training still goes on or came to its end, or the run came with the project.
    """
    if run.is_shipped:
        raise RunError(f"The run {run.name} came with the project; train its recipe.json as a run of your own.")
    try:
        earlier = run.status()
    except RunError:
        if not run.keras_file.exists():
            return None  # a damaged status is written again
        raise
    if earlier.state == "finished" and earlier.epoch >= run.recipe.epochs:
        raise RunError(f"The run {run.name} is finished; give it more epochs, or train its recipe.json as a new run.")
    if earlier.worker not in (None, worker):  # the stop file of this process's own run counts
        if earlier.is_active:
            raise RunError(busy_sentence(run))
        run.clear_leftovers()
    return earlier


def _fail(run: Run, status: Status, sentence: str) -> None:
    _end(run, status, "failed", sentence)


def _end(run: Run, status: Status, state: State, sentence: str) -> None:
    """Say in the status why it ended; the reserve makes room for that on a full disk."""
    run.clear_leftovers()
    status.state, status.message = state, sentence
    try:
        run.write_status(status)
    except OSError:
        return  # the directory is gone or read-only: the reader will conclude that the worker was lost


def _device() -> str:
    """The backend and its first device, e.g. ``"tensorflow on cpu:0"``; a GPU comes first where there is one."""
    if keras.backend.backend() == "torch":  # which keras.distribution does not know
        import torch

        return f"torch on {'cuda' if torch.cuda.is_available() else 'cpu'}:0"
    devices = sorted(keras.distribution.list_devices(), key=lambda name: name.startswith("cpu"))
    return f"{keras.backend.backend()} on {devices[0]}"
