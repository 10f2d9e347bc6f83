"""One Keras fit: a recipe's images, network, optimizer and callbacks, brought together. Imports Keras."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras.optimizers.schedules import LearningRateSchedule

from emnist_core import data
from emnist_core.arrays import Hashes, Images, Labels
from emnist_core.data import Dataset, image_hashes
from emnist_core.errors import RecipeError, RunError
from emnist_core.recipe import Recipe
from emnist_core.runs import DataUsed, Run, Status, checkpoint, checksums
from emnist_core.runs.checkpoint import Checkpoint
from emnist_core.runs.weights import load_network, save_network
from emnist_core.serving.network_input import network_input
from emnist_core.training import batch_norm, distillation, extra_images
from emnist_core.training.augmentation import Augment
from emnist_core.training.batches import Batches
from emnist_core.training.callbacks import Journal, KeepBest, StopOnRequest, ValidateAverages
from emnist_core.training.checkpoints import KeepCheckpoints, prepare
from emnist_core.training.epoch_predictions import EpochPredictions
from emnist_core.training.mixing import MIXES
from emnist_core.training.optimizers import learning_rate, optimizer, rate_function
from emnist_core.training.preparation import one_sided
from emnist_core.training.training_model import TrainingModel

VALIDATION_BATCH = 256


@dataclass(frozen=True)
class Lesson:
    """What a training learns from, and what it is validated on.

    Attributes:
        dataset, begin: the training part, and its first row that is held out.
        images, labels: what is trained on, extra images included.
        teachers: the networks whose answers are learned as well.
        seen: the hashes of what these have seen.
        batches, held_out: the images to train on and to validate on, batch by batch.
    """

    dataset: Dataset
    begin: int
    images: Images
    labels: Labels
    teachers: list[keras.Model]
    seen: Hashes
    batches: Batches
    held_out: Batches


def fit(run: Run, status: Status, stop: StopOnRequest, callbacks: Sequence[keras.callbacks.Callback]) -> None:
    """Train the run's recipe on its data and keep the weights; ``status`` tells how far it is.

    It goes on from the run's checkpoint where there is one.

    Raises:
        EmnistError: when the recipe does not fit the data, a training of other data has left weights here, or the
            checkpoint cannot be gone on from.
    """
    recipe = run.recipe
    last = checkpoint.read(run)
    keras.utils.set_random_seed(recipe.seed)
    keras.mixed_precision.set_global_policy(recipe.precision)
    dataset = data.load(recipe.split, "train", recipe.dataset_kind)
    is_continued = last is not None or status.best_epoch is not None  # after a training that was broken off
    if is_continued and dataset.sha256 != (last.position if last else status).data_sha256:
        raise RunError(
            f"The run {run.name} was trained on other data than the {dataset.name} that is here now; train its "
            "recipe.json as a new run."
        )
    # Before the teachers, so that its first weights are those without one.
    network = recipe.spec.build(dataset.split.classes, recipe.dropout, recipe.l2)
    lesson = _gather(run, status, dataset)
    run.write_status(status)
    _note_what_is_seen(run, lesson, is_continued)
    rate = learning_rate(recipe, len(lesson.batches) * recipe.epochs)
    model = _compiled(recipe, lesson, network, rate, status.device)
    if last is not None:
        status.go_on_from(last.position)
        prepare(model, *lesson.held_out[0])
    journal_bytes = last.position.journal_bytes if last else 0
    journal = Journal(run, status, lesson.batches, rate_function(rate), journal_bytes)
    kept_of_an_epoch = [KeepBest(run, status), journal, EpochPredictions(run, dataset, lesson.begin, status.epoch)]
    # First of all: the callbacks after it see, and keep, the averaged weights.
    averaged = [ValidateAverages()] if recipe.weight_average else []
    keep_checkpoints = KeepCheckpoints(run, status, lesson.batches, journal, stop)
    try:
        _learn(run, status, lesson, model, keep_checkpoints, last, [*averaged, stop, *kept_of_an_epoch], callbacks)
    finally:
        journal.close()
    if run.asked != "pause":
        _settle(run, status, lesson, model)


def _gather(run: Run, status: Status, dataset: Dataset) -> Lesson:
    """Bring together what is learned from, and say it in the status."""
    recipe = run.recipe
    rows, begin = recipe.divide(len(dataset))
    teachers, seen = _load_teachers(run, dataset.images[begin:])
    images, labels, others = training_rows(recipe, dataset, rows, teachers)
    status.message = one_sided(dataset.split, labels, dataset.labels[begin:])
    status.data = DataUsed(
        name=dataset.name,
        sha256=dataset.sha256,
        is_sample=dataset.is_sample,
        training_images=len(images),
        validation_images=len(dataset) - begin,
        extra_images=len(images) - rows,
        extra_parts=others,
    )
    classes, size = dataset.split.classes, recipe.spec.input_size
    every_teacher_has_one = max(1, len(teachers))
    batches = Batches(
        images, labels, classes, size, recipe.batch_size, recipe.seed, MIXES[recipe.mixing], every_teacher_has_one
    )
    held_out = Batches(dataset.images[begin:], dataset.labels[begin:], classes, size, VALIDATION_BATCH)
    status.steps_per_epoch, status.doing = len(batches), "building the graph, in the first step"
    return Lesson(dataset, begin, images, labels, teachers, seen, batches, held_out)


def _note_what_is_seen(run: Run, lesson: Lesson, is_continued: bool) -> None:
    """Keep the hashes of what is trained on before the first step, beside whatever is kept of the training."""
    earlier = run.trained_on() if is_continued else None
    seen = [lesson.seen] if earlier is None else [lesson.seen, earlier]
    with checksums.renewing(run.trained_on_file):
        image_hashes.save(run.trained_on_file, lesson.images, np.concatenate(seen))


def _compiled(
    recipe: Recipe, lesson: Lesson, network: keras.Model, rate: float | LearningRateSchedule, device: str | None
) -> TrainingModel:
    """The network with what only its training sees around it, and its optimizer."""
    augment = None if recipe.augmentation == "none" else Augment(recipe.augmentation == "elastic", recipe.seed)
    shares = np.bincount(lesson.labels, minlength=lesson.dataset.split.classes) / len(lesson.labels)
    model = TrainingModel(network, augment, shares if recipe.prior == "even" else None, lesson.teachers)
    model.compile(
        optimizer=optimizer(recipe, rate),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing),
        metrics=["accuracy"],
        # XLA makes these networks slower on a CPU under TensorFlow; JAX cannot do without it.
        jit_compile=False if device == "tensorflow on cpu:0" else "auto",
    )
    return model


def _learn(
    run: Run,
    status: Status,
    lesson: Lesson,
    model: TrainingModel,
    keep_checkpoints: KeepCheckpoints,
    last: Checkpoint | None,
    before: Sequence[keras.callbacks.Callback],
    after: Sequence[keras.callbacks.Callback],
) -> None:
    """Fit what is left of the epochs; callbacks stand ``before`` the one that keeps checkpoints, and ``after`` it."""
    epochs = run.recipe.epochs
    # What is left of an epoch has fewer batches than the next, and Keras counts them once a ``fit``.
    is_within_epoch = last is not None and last.position.batch > 0
    for end in (status.epoch + 1, epochs) if is_within_epoch else (epochs,):
        if model.stop_training or status.epoch >= end:
            break
        keep_checkpoints.restored = last
        lesson.batches.go_to(status.epoch, last.position.batch if last else 0)  # which says how many there are
        model.fit(
            lesson.batches,
            validation_data=lesson.held_out,
            initial_epoch=status.epoch,
            epochs=end,
            verbose=0,
            shuffle=False,  # Batches shuffles by the recipe's seed
            callbacks=[*before, keep_checkpoints, *after],
        )
        last = checkpoint.read(run) if end < epochs else None


def _settle(run: Run, status: Status, lesson: Lesson, model: TrainingModel) -> None:
    """Keep the weights of a training that was stopped in its first epoch, or settle the best ones' normalisation."""
    recipe = run.recipe
    if status.best_epoch is None:
        save_network(model.network, run)
        status.message = "Stopped in the first epoch; the weights of that moment are kept."
    elif recipe.batch_norm_images and not run.stop_file.exists():
        model.network.load_weights(run.keras_file)
        samples = batch_norm.sample_images(lesson.images, recipe)
        batch_norm.settle(model.network, samples, recipe.spec.input_size)
        save_network(model.network, run)
        status.validation_accuracy = float(model.evaluate(lesson.held_out, verbose=0, return_dict=True)["accuracy"])


def _load_teachers(run: Run, held_out: np.ndarray) -> tuple[list[keras.Model], Hashes]:
    """The networks that the run's recipe learns from, and the hashes of what they have seen."""
    found = distillation.find_all(run.recipe, held_out)
    if any(teacher_run.path == run.path for teacher_run, _ in found):
        raise RecipeError("teachers", f"{run.name} cannot learn from itself; choose another.")
    networks = [load_network(teacher_run, run.recipe.precision) for teacher_run, _ in found]
    return networks, np.concatenate([np.empty(0, np.uint64), *(seen for _, seen in found)])


def training_rows(
    recipe: Recipe, dataset: Dataset, rows: int, teachers: Sequence[keras.Model]
) -> tuple[np.ndarray, np.ndarray, dict[str, str]]:
    """The images and labels to train on: the first ``rows`` of the split's own, then extra ones; and whose these are.

    Raises:
        RecipeError: when no class of the extra images is sure.
    """
    images, labels = dataset.images[:rows], dataset.labels[:rows]
    if not recipe.extra_images:
        return images, labels, {}

    def answers(asked: np.ndarray) -> np.ndarray:
        inputs = network_input(asked, recipe.spec.input_size)
        mean: np.ndarray = np.mean(
            [teacher.predict(inputs, VALIDATION_BATCH, verbose=0) for teacher in teachers], axis=0
        )
        return mean

    joining = extra_images.find(recipe, dataset)
    more, classes = joining.settled(answers if teachers else None)
    if not len(more):
        raise RecipeError("extra_images", "of none of them is the class sure; name a teacher, or leave them out.")
    return np.concatenate([images, more]), np.concatenate([labels, classes]), joining.used
