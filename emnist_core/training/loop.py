"""The training loop: one recipe, one run directory, the same from Python, the CLI and the page.

    run = runs.create(Recipe(model="lenet5", epochs=3))
    train(run)

Imports Keras, so only the worker process and the CLI's ``train`` import this module.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import psutil

from emnist_core import data, model_card
from emnist_core.data import image_hashes
from emnist_core.errors import EmnistError, RecipeError, RunError
from emnist_core.runs import DataUsed, Run, Status, now
from emnist_core.training import export, teacher
from emnist_core.training.augmentation import Augment
from emnist_core.training.batches import Batches
from emnist_core.training.callbacks import Journal, KeepBest, StopOnRequest, save_weights
from emnist_core.training.epoch_predictions import EpochPredictions
from emnist_core.training.jobs import busy_sentence, training_slot
from emnist_core.training.mixing import MIXES
from emnist_core.training.recipe import Recipe

VALIDATION_BATCH = 256
RESERVE_BYTES = 64 * 1024


class Trainee(keras.Model):
    """A network with what only its training sees around it.

    Args:
        network: the network.
        augment: random variation of the inputs, or None.
        shares: share of each class in the training rows, float ``(classes,)``, when the loss is to be
            freed of them, or None. See ``Recipe.prior``.
        teacher: a network whose answers are learned as well, or None. See ``training.teacher``.
    """

    def __init__(
        self,
        network: keras.Model,
        augment: Augment | None = None,
        shares: np.ndarray | None = None,
        teacher: keras.Model | None = None,
    ) -> None:
        super().__init__(dtype="float32")
        self.network, self.augment, self.teacher = network, augment, teacher
        if teacher is not None:
            teacher.trainable = False
        self.shares = None if shares is None else keras.ops.convert_to_tensor(shares, "float32")

    def call(self, inputs: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Map images to probabilities."""
        if self.augment is not None:
            inputs = self.augment(inputs, training=training)
        probabilities = self.network(inputs, training=training)
        if training and self.teacher is not None:
            answers = keras.ops.stop_gradient(self.teacher(inputs, training=False))
            self.add_loss(keras.ops.mean(keras.losses.categorical_crossentropy(answers, probabilities)))
        if training and self.shares is not None:
            # Adding log(share) to the logits is multiplying the probabilities by the shares.
            weighted = probabilities * self.shares
            probabilities = weighted / keras.ops.sum(weighted, axis=-1, keepdims=True)
        return probabilities


def train(run: Run, callbacks: Sequence[keras.callbacks.Callback] = ()) -> Status:
    """Train the run's recipe and fill its directory; returns the last status.

    The weights kept are those of the epoch that is best on validation, or of the last one if the recipe says
    so, or those of the moment when a run is stopped in its first epoch. The test part is not touched.

    Args:
        run: a directory made by ``runs.create``.
        callbacks: further Keras callbacks, e.g. to show progress.

    Raises:
        EmnistError: when the recipe does not fit the data, another training runs, or the disk is full;
            the status then says ``failed`` and gives the same sentence.
    """
    recipe = run.recipe
    process = psutil.Process()
    status = Status(
        pid=process.pid,
        process_started=process.create_time(),
        started=now(),
        epochs=recipe.epochs,
        device=_device(),
    )
    _take_over(run, process.pid)
    try:
        with training_slot(run):
            run.write_status(status)
            run.reserve_file.write_bytes(bytes(RESERVE_BYTES))
            _fit(run, recipe, status, callbacks)
            stopped = run.stop_file.exists()
            status.state, status.seconds_left = "saving", 0.0
            run.write_status(status)
            if keras.backend.backend() == "tensorflow":
                export.export(run)
                model_card.write(run)
            else:
                status.message = f"`python -m emnist_core export {run.name}` under TensorFlow makes the serving model."
            status.state = "stopped" if stopped else "finished"
            run.write_status(status)
    except EmnistError as error:
        _fail(run, status, str(error))
        raise
    except OSError as error:
        reason = error.strerror or error
        sentence = f"{run.path} cannot be written ({reason}); free some space, allow writing and train again."
        _fail(run, status, sentence)
        raise RunError(sentence) from error
    except Exception as error:
        _fail(run, status, f"The training broke off: {type(error).__name__}: {error}")
        raise
    finally:
        run.clear_leftovers()
    return status


def _take_over(run: Run, pid: int) -> None:
    """Clear what an earlier training of the run left, whose process was killed.

    Raises:
        RunError: when that training still goes on or came to its end, or the run came with the project.
    """
    if run.is_shipped:
        raise RunError(f"The run {run.name} came with the project; train its recipe.json as a run of your own.")
    try:
        earlier = run.status()
    except RunError:
        return  # a damaged status is written anew
    if earlier.state == "finished":
        raise RunError(f"The run {run.name} is finished; train its recipe.json as a new run to have both.")
    if earlier.pid in (None, pid):
        return  # this process's own run, whose stop file counts
    if earlier.is_active:
        raise RunError(busy_sentence(run))
    run.clear_leftovers()


def _fail(run: Run, status: Status, sentence: str) -> None:
    """Say in the status why it ended; the reserve makes room for that on a full disk."""
    run.clear_leftovers()
    status.state, status.message = "failed", sentence
    try:
        run.write_status(status)
    except OSError:
        return  # the directory is gone or read-only: the reader will conclude that the worker was lost


def _fit(run: Run, recipe: Recipe, status: Status, callbacks: Sequence[keras.callbacks.Callback]) -> None:
    keras.utils.set_random_seed(recipe.seed)
    keras.mixed_precision.set_global_policy(recipe.precision)
    dataset = data.load(recipe.split, "train", recipe.source)
    rows, begin = recipe.divide(len(dataset))
    status.data = DataUsed(
        name=dataset.name,
        sha256=dataset.sha256,
        is_sample=dataset.is_sample,
        training_images=rows,
        validation_images=len(dataset) - begin,
    )
    classes, size = dataset.split.classes, recipe.spec.input_size
    batches = Batches(
        dataset.images[:rows],
        dataset.labels[:rows],
        classes,
        size,
        recipe.batch_size,
        recipe.seed,
        MIXES[recipe.mixing],
    )
    held_out = Batches(dataset.images[begin:], dataset.labels[begin:], classes, size, VALIDATION_BATCH)
    status.steps_per_epoch = len(batches)
    run.write_status(status)
    seen_by_teacher = guide = None
    network = recipe.spec.build(classes, recipe.dropout, recipe.l2)
    if recipe.teacher is not None:  # after the network, whose first weights are then those without a teacher
        told_by, seen_by_teacher = teacher.find(recipe, dataset.images[begin:])
        if told_by.path == run.path:
            raise RecipeError("teacher", f"{run.name} cannot learn from itself; choose another.")
        guide = export.load_network(told_by, recipe.precision)
    # Before the first step: whatever is kept of this training, what it and its teacher have seen is kept with it.
    image_hashes.save(run.trained_on_file, dataset.images[:rows], seen_by_teacher)

    augment = None if recipe.augmentation == "none" else Augment(recipe.augmentation == "elastic", recipe.seed)
    shares = np.bincount(dataset.labels[:rows], minlength=classes) / rows
    trainee = Trainee(network, augment, shares if recipe.prior == "even" else None, guide)
    rate = learning_rate(recipe, len(batches) * recipe.epochs)
    trainee.compile(
        optimizer=optimizer(recipe, rate),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing),
        metrics=["accuracy"],
        # XLA makes these networks slower on a CPU under TensorFlow; JAX cannot do without it.
        jit_compile=False if status.device == "tensorflow on cpu:0" else "auto",
    )
    stop, journal = StopOnRequest(run, status), Journal(run, status, recipe.batch_size, rate_function(rate))
    # First of all: the callbacks after it see, and keep, the averaged weights.
    averaged = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if recipe.weight_average else []
    try:
        trainee.fit(
            batches,
            validation_data=held_out,
            epochs=recipe.epochs,
            verbose=0,
            shuffle=False,  # Batches shuffles by the recipe's seed
            callbacks=[
                *averaged,
                stop,
                KeepBest(run, status),
                journal,
                EpochPredictions(run, dataset, begin),
                *callbacks,
            ],
        )
    finally:
        stop.close()
        journal.close()
    if status.best_epoch is None:
        save_weights(trainee, run.keras_file)
        status.message = "Stopped in the first epoch; the weights of that moment are kept."


def learning_rate(recipe: Recipe, steps: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """The recipe's learning rate over ``steps`` steps: a number, or a Keras schedule."""
    peak = recipe.peak_learning_rate
    if recipe.schedule == "constant":
        return peak
    if recipe.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(peak, steps)
    warm_up = max(1, round(0.3 * steps))
    return keras.optimizers.schedules.CosineDecay(
        peak / 25, max(1, steps - warm_up), warmup_target=peak, warmup_steps=warm_up
    )


def rate_function(rate: float | keras.optimizers.schedules.LearningRateSchedule) -> Callable[[int], float]:
    """A function from step to learning rate, for the journal."""
    if isinstance(rate, float):
        return lambda _step: rate
    return lambda step: float(rate(step))


def optimizer(
    recipe: Recipe, rate: float | keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    """The recipe's optimizer."""
    average: dict[str, Any] = {}
    if recipe.weight_average:
        average = {"use_ema": True, "ema_momentum": recipe.weight_average}
    match recipe.optimizer:
        case "adam":
            return keras.optimizers.Adam(rate, **average)
        case "adamax":
            return keras.optimizers.Adamax(rate, **average)
        case "adadelta":
            return keras.optimizers.Adadelta(rate, **average)
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, **average)
        case "adamw":
            adamw = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, **average)
            # Decay pulls on kernels only; biases and batch-norm scales have no reason to be small.
            adamw.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
            return adamw


def _device() -> str:
    """The backend and its first device, e.g. ``"tensorflow on cpu:0"``; a GPU comes first where there is one."""
    if keras.backend.backend() == "torch":  # which keras.distribution does not know
        import torch

        return f"torch on {'cuda' if torch.cuda.is_available() else 'cpu'}:0"
    devices = sorted(keras.distribution.list_devices(), key=lambda name: name.startswith("cpu"))
    return f"{keras.backend.backend()} on {devices[0]}"
