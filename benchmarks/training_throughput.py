"""What our training loop costs beside bare Keras: ``python benchmarks/training_throughput.py [MODEL …]``.

Two trainings of the same model in one process take turns, an epoch each: ours (``training.loop.train`` on a
run of its own: batches cut from uint8 images, curves, status file, best weights kept) and a bare ``model.fit``
on the same images as float arrays in memory, with the same optimizer, loss, batch size and validation images.
Whole epochs are timed, validation and saving included, and the training steps of them alone; the first epoch
of each, which builds the graph, is left out. Each pair of epochs gives a ratio; a busy moment of the machine
falls on both or shows as an odd pair.

No augmentation, batches of 512; 20,480 images of EMNIST Balanced where it has been fetched, otherwise 5,120 of
the bundled sample. So what an epoch costs once (the weights saved, the status written) weighs here five times
what it does in a training on all of EMNIST Balanced, and more on the sample.
"""

import os
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from report import machine, median, table

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from emnist_core import data, runs
from emnist_core.network_input import network_input
from emnist_core.training import loop
from emnist_core.training.recipe import Recipe

MODELS = ("lenet5-v2", "vanilla-cnn")
MOST_IMAGES = 10_240
VALIDATION_IMAGES = 512
PAIRS = 12
TARGET = 0.97
PATIENCE = 600  # seconds


class TakeTurns:
    """Lets two trainings run an epoch each in turn, and holds both until the last epoch of both is over."""

    def __init__(self) -> None:
        self.turns = (threading.Semaphore(1), threading.Semaphore(0))
        self.end = threading.Barrier(2)

    def clock(self, number: int) -> "Clock":
        """The callback of training 0 or 1."""
        return Clock(self.turns[number], self.turns[1 - number], self.end)


class Clock(keras.callbacks.Callback):
    """Waits for its turn before every epoch, times the epoch, hands over. Has to come last of the callbacks."""

    def __init__(self, mine: threading.Semaphore, other: threading.Semaphore, end: threading.Barrier) -> None:
        super().__init__()
        self.mine, self.other, self.end = mine, other, end
        self.epochs: list[float] = []
        self.steps: list[float] = []
        self.processor: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Start when it is this training's turn."""
        if not self.mine.acquire(timeout=PATIENCE):
            raise RuntimeError("The other training did not hand over.")
        self.begun, self.begun_processor = time.perf_counter(), time.process_time()

    def on_test_begin(self, logs: Any = None) -> None:  # noqa: ARG002
        """The training steps are over; validation begins."""
        self.steps.append(time.perf_counter() - self.begun)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Stop, and let the other one run."""
        self.epochs.append(time.perf_counter() - self.begun)
        self.processor.append(time.process_time() - self.begun_processor)
        self.other.release()

    def on_train_end(self, logs: Any = None) -> None:  # noqa: ARG002
        """What comes after training (saving, export) must not disturb the other's last epoch."""
        self.end.wait(PATIENCE)


def measure(model: str, dataset: data.Dataset, images: int) -> tuple[Clock, Clock]:
    """Time our loop and bare Keras on ``images`` images an epoch."""
    recipe = Recipe(
        model=model,
        source="sample" if dataset.is_sample else "emnist",
        epochs=1 + PAIRS,
        train_images=images,
        validation_share=VALIDATION_IMAGES / len(dataset),
    )
    turns = TakeTurns()
    ours, bare = turns.clock(0), turns.clock(1)
    fit = prepare_bare(recipe, dataset, bare)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as threads:
        run = runs.create(recipe, "run", Path(folder))
        for task in [threads.submit(loop.train, run, [ours]), threads.submit(fit)]:
            task.result()
    return ours, bare


def prepare_bare(recipe: Recipe, dataset: data.Dataset, clock: Clock) -> Any:
    """A function that fits the recipe's model by Keras alone."""
    classes, size = dataset.split.classes, recipe.spec.input_size
    rows, begin = recipe.divide(len(dataset))
    eye = np.eye(classes, dtype=np.float32)
    inputs, targets = network_input(dataset.images[:rows], size), eye[dataset.labels[:rows]]
    held_out = network_input(dataset.images[begin:], size), eye[dataset.labels[begin:]]
    model = recipe.spec.build(classes)
    model.compile(
        optimizer=keras.optimizers.Adam(recipe.peak_learning_rate),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=["accuracy"],
        jit_compile=False,
    )
    return lambda: model.fit(
        inputs,
        targets,
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        validation_data=held_out,
        validation_batch_size=loop.VALIDATION_BATCH,
        verbose=0,
        callbacks=[clock],
    )


def ratios(ours: list[float], bare: list[float]) -> list[float]:
    """Our speed as a share of bare Keras's, pair by pair; the first epoch does not count."""
    return [theirs / mine for mine, theirs in zip(ours[1:], bare[1:], strict=True)]


def main() -> None:
    """Print the tables."""
    dataset = data.load("balanced", "train")
    batch = Recipe().batch_size
    images = min(MOST_IMAGES, (len(dataset) - VALIDATION_IMAGES) // batch * batch)
    rows, pairs = [], []
    for model in sys.argv[1:] or MODELS:
        ours, bare = measure(model, dataset, images)
        speeds = [median([images / seconds for seconds in clock.epochs[1:]], 0) for clock in (ours, bare)]
        shares = ratios(ours.epochs, bare.epochs)
        steps, processor = (
            f"{statistics.median(ratios(getattr(ours, what), getattr(bare, what))):.1%}"
            for what in ("steps", "processor")
        )
        rows.append((model, *speeds, f"**{statistics.median(shares):.1%}**", steps, processor, f"≥ {TARGET:.0%}"))
        pairs.append((model, *(f"{share:.1%}" for share in shares)))
    head = (
        "our loop, images/s",
        "bare Keras, images/s",
        "median ratio",
        "training steps alone",
        "processor time",
        "target",
    )
    print(table(("model", *head), rows))
    print("\nOur loop's speed as a share of bare Keras's, pair by pair:\n")
    print(table(("model", *range(1, PAIRS + 1)), pairs))
    print(f"\nSpeeds: median (min–max) of {PAIRS} epochs of {images:,} images each of {dataset.name}.\n")
    print(machine("tensorflow", "keras", "numpy"))


if __name__ == "__main__":
    main()
