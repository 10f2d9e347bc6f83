"""The training loop: one recipe, one run directory, the same from Python, the CLI and the page.

    run = runs.create(Recipe(model="lenet5", epochs=3))
    train(run)

Imports Keras, so only the worker process and the CLI's ``train`` import this module.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from emnist_core import data, model_card
from emnist_core.arrays import Hashes, Images
from emnist_core.data import Dataset, image_hashes
from emnist_core.errors import EmnistError, RecipeError, RunError
from emnist_core.processes import Worker
from emnist_core.recipe import Recipe
from emnist_core.runs import DataUsed, Run, Status, checksums, now
from emnist_core.runs.weights import load_network, save_network
from emnist_core.serving.network_input import network_input
from emnist_core.training import batch_norm, distillation, export, extra_images
from emnist_core.training.augmentation import Augment
from emnist_core.training.batches import Batches
from emnist_core.training.callbacks import Journal, KeepBest, StopOnRequest
from emnist_core.training.epoch_predictions import EpochPredictions
from emnist_core.training.jobs import busy_sentence, training_slot
from emnist_core.training.mixing import MIXES

VALIDATION_BATCH = 256
RESERVE_BYTES = 64 * 1024


class TrainingModel(keras.Model):
    """A network with what only its training sees around it.

    Args:
        network: the network.
        augment: random variation of the inputs, or None.
        shares: share of each class in the training rows, float ``(classes,)``, when the loss is to be
            freed of them, or None. See ``Recipe.prior``.
        teachers: networks whose answers are learned as well; each answers to its share of every batch, which
            comes to the mean of them at the price of one. See ``training.distillation``.
    """

    def __init__(
        self,
        network: keras.Model,
        augment: Augment | None = None,
        shares: np.ndarray | None = None,
        teachers: Sequence[keras.Model] = (),
    ) -> None:
        super().__init__(dtype="float32")
        self.network, self.augment, self.teachers = network, augment, list(teachers)
        for guide in self.teachers:
            guide.trainable = False
        self.shares = None if shares is None else keras.ops.convert_to_tensor(shares, "float32")

    def call(self, inputs: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Map images to probabilities."""
        if self.augment is not None:
            inputs = self.augment(inputs, training=training)
        probabilities = self.network(inputs, training=training)
        if training and self.teachers:
            self.add_loss(keras.ops.mean(self._distances(inputs, probabilities)))
        if training and self.shares is not None:
            # Adding log(share) to the logits is multiplying the probabilities by the shares.
            weighted = probabilities * self.shares
            probabilities = weighted / keras.ops.sum(weighted, axis=-1, keepdims=True)
        return probabilities

    def _distances(self, inputs: keras.KerasTensor, probabilities: keras.KerasTensor) -> keras.KerasTensor:
        """The cross-entropy between each image's probabilities and the answer of the teacher whose turn it is."""
        every = len(self.teachers)
        distances = [
            keras.losses.categorical_crossentropy(
                keras.ops.stop_gradient(guide(inputs[turn::every], training=False)), probabilities[turn::every]
            )
            for turn, guide in enumerate(self.teachers)
        ]
        return keras.ops.concatenate(distances)


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
    worker = Worker.this()
    status = Status(worker=worker, started=now(), epochs=recipe.epochs, device=_device())
    _take_over(run, worker)
    try:
        with training_slot(run):
            run.write_status(status)
            run.reserve_file.write_bytes(bytes(RESERVE_BYTES))
            stop = StopOnRequest(run, status)
            try:
                _fit(run, recipe, status, stop, callbacks)
            finally:
                stop.close()
            stopped = run.stop_file.exists()
            status.state, status.seconds_left = "saving", 0.0
            run.write_status(status)
            if keras.backend.backend() == "tensorflow":
                export.export(run)
                model_card.write(run)
            checksums.note_all(run.path)
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


def _take_over(run: Run, worker: Worker) -> None:
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
    if earlier.worker in (None, worker):
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


def _fit(
    run: Run, recipe: Recipe, status: Status, stop: StopOnRequest, callbacks: Sequence[keras.callbacks.Callback]
) -> None:
    keras.utils.set_random_seed(recipe.seed)
    keras.mixed_precision.set_global_policy(recipe.precision)
    dataset = data.load(recipe.split, "train", recipe.dataset_kind)
    rows, begin = recipe.divide(len(dataset))
    classes, size = dataset.split.classes, recipe.spec.input_size
    network = recipe.spec.build(classes, recipe.dropout, recipe.l2)
    # After the network, whose first weights are then those without a teacher.
    teachers, seen_by_teachers = _teachers(run, dataset.images[begin:])
    images, labels, others = _training_rows(recipe, dataset, rows, teachers)
    status.data = DataUsed(
        name=dataset.name,
        sha256=dataset.sha256,
        is_sample=dataset.is_sample,
        training_images=len(images),
        validation_images=len(dataset) - begin,
        extra_images=len(images) - rows,
        extra_parts=others,
    )
    every_teacher_has_one = max(1, len(teachers))
    batches = Batches(
        images, labels, classes, size, recipe.batch_size, recipe.seed, MIXES[recipe.mixing], every_teacher_has_one
    )
    held_out = Batches(dataset.images[begin:], dataset.labels[begin:], classes, size, VALIDATION_BATCH)
    status.steps_per_epoch = len(batches)
    run.write_status(status)
    # Before the first step: whatever is kept of this training, what it and its teachers have seen is kept with it.
    with checksums.renewing(run.trained_on_file):
        image_hashes.save(run.trained_on_file, images, seen_by_teachers)

    augment = None if recipe.augmentation == "none" else Augment(recipe.augmentation == "elastic", recipe.seed)
    shares = np.bincount(labels, minlength=classes) / len(labels)
    training_model = TrainingModel(network, augment, shares if recipe.prior == "even" else None, teachers)
    rate = learning_rate(recipe, len(batches) * recipe.epochs)
    training_model.compile(
        optimizer=optimizer(recipe, rate),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing),
        metrics=["accuracy"],
        # XLA makes these networks slower on a CPU under TensorFlow; JAX cannot do without it.
        jit_compile=False if status.device == "tensorflow on cpu:0" else "auto",
    )
    journal = Journal(run, status, recipe.batch_size, rate_function(rate))
    # First of all: the callbacks after it see, and keep, the averaged weights.
    averaged = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)] if recipe.weight_average else []
    try:
        training_model.fit(
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
        journal.close()
    if status.best_epoch is None:
        save_network(training_model.network, run)
        status.message = "Stopped in the first epoch; the weights of that moment are kept."
    elif recipe.batch_norm_images and not run.stop_file.exists():
        training_model.network.load_weights(run.keras_file)
        batch_norm.settle(training_model.network, sample_images(images, recipe), size)
        save_network(training_model.network, run)
        status.validation_accuracy = float(training_model.evaluate(held_out, verbose=0, return_dict=True)["accuracy"])


def sample_images(images: Images, recipe: Recipe) -> np.ndarray:
    """The recipe's ``batch_norm_images`` of the images it was trained on, in random order, uint8 ``(n, 28, 28)``."""
    order = np.random.default_rng(recipe.seed).permutation(len(images))
    return images[order[: recipe.batch_norm_images]]


def _teachers(run: Run, held_out: np.ndarray) -> tuple[list[keras.Model], Hashes]:
    """The networks that the run's recipe learns from, and the hashes of what they have seen."""
    found = distillation.find_all(run.recipe, held_out)
    if any(teacher_run.path == run.path for teacher_run, _ in found):
        raise RecipeError("teachers", f"{run.name} cannot learn from itself; choose another.")
    networks = [load_network(teacher_run, run.recipe.precision) for teacher_run, _ in found]
    return networks, np.concatenate([np.empty(0, np.uint64), *(seen for _, seen in found)])


def _training_rows(
    recipe: Recipe, dataset: Dataset, rows: int, teachers: Sequence[keras.Model]
) -> tuple[np.ndarray, np.ndarray, dict[str, str]]:
    """The images and labels to train on: the first ``rows`` of the split's own, then further ones; and whose these are.

    Raises:
        RecipeError: when no class of the further images is sure.
    """
    images, labels = dataset.images[:rows], dataset.labels[:rows]
    if not recipe.extra_images:
        return images, labels, {}

    def answers(asked: np.ndarray) -> np.ndarray:
        inputs = network_input(asked, recipe.spec.input_size)
        mean: np.ndarray = np.mean([guide.predict(inputs, VALIDATION_BATCH, verbose=0) for guide in teachers], axis=0)
        return mean

    joining = extra_images.find(recipe, dataset)
    more, classes = joining.settled(answers if teachers else None)
    if not len(more):
        raise RecipeError("extra_images", "of none of them is the class sure; name a teacher, or leave them out.")
    return np.concatenate([images, more]), np.concatenate([labels, classes]), joining.used


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
