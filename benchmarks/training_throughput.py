"""What our training loop costs beside bare Keras: ``python benchmarks/training_throughput.py [MODEL …]``.

Two trainings of the same model in one process take turns, an epoch each: ours (``training.loop.train`` on a
run of its own: batches cut from uint8 images, curves, status file, best weights kept) and a bare ``model.fit``
on the same images as float arrays in memory, with the same optimizer, loss, batch size and validation images.
Whole epochs are timed, validation and saving included; the first of each, which builds the graph, is left out.
Each pair of epochs gives a ratio; a busy moment of the machine falls on both or shows as an odd pair.

EMNIST Balanced where it has been fetched, otherwise the bundled sample; no augmentation, batches of 512. An epoch has
only 5,120 images, so what an epoch costs once weighs some twenty times what it does in a real training.
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
IMAGES = 5_120
VALIDATION_IMAGES = 512
PAIRS = 8
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
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Start when it is this training's turn."""
        if not self.mine.acquire(timeout=PATIENCE):
            raise RuntimeError("The other training did not hand over.")
        self.begun = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Stop, and let the other one run."""
        self.seconds.append(time.perf_counter() - self.begun)
        self.other.release()

    def on_train_end(self, logs: Any = None) -> None:  # noqa: ARG002
        """What comes after training (saving, export) must not disturb the other's last epoch."""
        self.end.wait(PATIENCE)


def measure(model: str) -> tuple[list[float], list[float]]:
    """Images per second of our loop and of bare Keras, epoch by epoch."""
    dataset = data.load("balanced", "train")
    recipe = Recipe(
        model=model,
        source="sample" if dataset.is_sample else "emnist",
        epochs=1 + PAIRS,
        train_images=IMAGES,
        validation_share=VALIDATION_IMAGES / len(dataset),
    )
    turns = TakeTurns()
    ours, bare = turns.clock(0), turns.clock(1)
    fit = prepare_bare(recipe, dataset, bare)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as threads:
        run = runs.create(recipe, "run", Path(folder))
        for task in [threads.submit(loop.train, run, [ours]), threads.submit(fit)]:
            task.result()
    speeds = [[IMAGES / seconds for seconds in clock.seconds[1:]] for clock in (ours, bare)]
    return speeds[0], speeds[1]


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


def main() -> None:
    """Print the tables."""
    rows, pairs = [], []
    for model in sys.argv[1:] or MODELS:
        ours, bare = measure(model)
        ratios = [mine / theirs for mine, theirs in zip(ours, bare, strict=True)]
        share = f"{statistics.median(ratios):.1%}"
        rows.append((model, PAIRS, median(ours, 0), median(bare, 0), f"**{share}**", f"≥ {TARGET:.0%}"))
        pairs.append((model, *(f"{ratio:.1%}" for ratio in ratios)))
    head = ("model", "pairs", "our loop, images/s", "bare Keras, images/s", "median ratio", "target")
    print(table(head, rows))
    print("\nOur loop's speed as a share of bare Keras's, pair by pair:\n")
    print(table(("model", *range(1, PAIRS + 1)), pairs))
    dataset = data.load("balanced", "train")
    print(f"\nSpeeds: median (min–max) over whole epochs of {IMAGES:,} images of {dataset.name}.\n")
    print(machine("tensorflow", "keras", "numpy"))


if __name__ == "__main__":
    main()
