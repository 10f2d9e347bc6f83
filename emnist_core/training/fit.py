"""One Keras fit: a recipe's images, network, optimizer and callbacks, brought together. Imports Keras."""

from collections.abc import Sequence

import keras
import numpy as np

from emnist_core import data
from emnist_core.arrays import Hashes
from emnist_core.data import Dataset, image_hashes
from emnist_core.errors import RecipeError, RunError
from emnist_core.recipe import Recipe
from emnist_core.runs import DataUsed, Run, Status, checkpoint, checksums
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
    rows, begin = recipe.divide(len(dataset))
    is_continued = last is not None or status.best_epoch is not None  # after a training that was broken off
    if is_continued and dataset.sha256 != (last.position if last else status).data_sha256:
        raise RunError(
            f"The run {run.name} was trained on other data than the {dataset.name} that is here now; train its "
            "recipe.json as a new run."
        )
    classes, size = dataset.split.classes, recipe.spec.input_size
    network = recipe.spec.build(classes, recipe.dropout, recipe.l2)
    # After the network, whose first weights are then those without a teacher.
    teachers, seen_by_teachers = _load_teachers(run, dataset.images[begin:])
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
    every_teacher_has_one = max(1, len(teachers))
    batches = Batches(
        images, labels, classes, size, recipe.batch_size, recipe.seed, MIXES[recipe.mixing], every_teacher_has_one
    )
    held_out = Batches(dataset.images[begin:], dataset.labels[begin:], classes, size, VALIDATION_BATCH)
    status.steps_per_epoch, status.doing = len(batches), "building the graph, in the first step"
    run.write_status(status)
    # Before the first step: whatever is kept of this training, what it and its teachers have seen is kept with it.
    seen = run.trained_on() if is_continued else None
    with checksums.renewing(run.trained_on_file):
        image_hashes.save(
            run.trained_on_file, images, np.concatenate([seen_by_teachers, *([] if seen is None else [seen])])
        )

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
    if last is not None:
        status.go_on_from(last.position)
        prepare(training_model, *held_out[0])
    journal = Journal(run, status, batches, rate_function(rate), last.position.journal_bytes if last else 0)
    keep_checkpoints = KeepCheckpoints(run, status, batches, journal, stop)
    # First of all: the callbacks after it see, and keep, the averaged weights.
    averaged = [ValidateAverages()] if recipe.weight_average else []
    kept_of_an_epoch = [KeepBest(run, status), journal, EpochPredictions(run, dataset, begin, status.epoch)]
    try:
        # What is left of an epoch has fewer batches than the next, and Keras counts them once a ``fit``.
        is_within_epoch = last is not None and last.position.batch > 0
        for end in (status.epoch + 1, recipe.epochs) if is_within_epoch else (recipe.epochs,):
            if training_model.stop_training or status.epoch >= end:
                break
            keep_checkpoints.restored = last
            batches.go_to(status.epoch, last.position.batch if last else 0)  # which says how many there are
            training_model.fit(
                batches,
                validation_data=held_out,
                initial_epoch=status.epoch,
                epochs=end,
                verbose=0,
                shuffle=False,  # Batches shuffles by the recipe's seed
                callbacks=[*averaged, stop, *kept_of_an_epoch, keep_checkpoints, *callbacks],
            )
            last = checkpoint.read(run) if end < recipe.epochs else None
    finally:
        journal.close()
    if run.asked == "pause":
        return
    if status.best_epoch is None:
        save_network(training_model.network, run)
        status.message = "Stopped in the first epoch; the weights of that moment are kept."
    elif recipe.batch_norm_images and not run.stop_file.exists():
        training_model.network.load_weights(run.keras_file)
        batch_norm.settle(training_model.network, batch_norm.sample_images(images, recipe), size)
        save_network(training_model.network, run)
        status.validation_accuracy = float(training_model.evaluate(held_out, verbose=0, return_dict=True)["accuracy"])


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
