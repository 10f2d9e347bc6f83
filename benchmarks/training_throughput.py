"""Our training loop beside bare Keras, side by side: ``python -m benchmarks.training_throughput [MODEL ...]``.

Two processes train the same model: ours (``training.lifecycle.train`` on a run of its own: batches cut from uint8
images, curves, status file, best weights and each epoch's answers kept) and a bare ``model.fit`` on the same
images as float arrays in memory, with the same optimizer, loss, batch size and validation images. They take
turns of two seconds, the other one being held meanwhile, so that a busy moment of the machine falls on both.
Time held does not count.

Whole epochs are timed, validation and saving included; the first of each, which builds the graph, is left out.
Each pair of epochs gives a ratio. On a machine of two cores TensorFlow runs one epoch at twice the speed of the
next, alone and with nothing else running, so the target is the ratio of processor times, of all threads of each
process, which is steady; the ratio of seconds stands beside it.

No augmentation, batches of 512; 40,960 images of EMNIST Balanced where it has been fetched, otherwise 5,120 of
the bundled sample. So what an epoch costs once weighs here twice what it does in a training on all of EMNIST
Balanced, and much more on the sample.
"""

import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import PROJECT, machine, median, table
from emnist_core import data, runs
from emnist_core.recipe import Recipe
from emnist_core.serving.network_input import network_input

MODELS = ("lenet5-v2", "vanilla-cnn")
KINDS = ("ours", "bare")
MOST_IMAGES = 40_960
VALIDATION_IMAGES = 2_560
PAIRS = 3
TURN = 2.0  # seconds


def recipe_for(model: str) -> Recipe:
    """What both train."""
    dataset = data.load("balanced", "train")
    batch = Recipe().batch_size
    return Recipe(
        model=model,
        dataset_kind="sample" if dataset.is_sample else "emnist",
        epochs=1 + PAIRS,
        train_images=min(MOST_IMAGES, (len(dataset) - VALIDATION_IMAGES) // batch * batch),
        validation_share=VALIDATION_IMAGES / len(dataset),
    )


def train(kind: str, model: str) -> None:
    """Train, as one of the two processes, and print when each epoch ended: moment and processor time so far."""
    import keras

    ends: list[tuple[float, float]] = []

    class Clock(keras.callbacks.Callback):
        """Has to come last of the callbacks."""

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
            """Note the moment."""
            ends.append((time.monotonic(), time.process_time()))

    recipe = recipe_for(model)
    if kind == "ours":
        from emnist_core.training import lifecycle

        with tempfile.TemporaryDirectory() as folder:
            lifecycle.train(runs.create(recipe, "run", Path(folder)), [Clock()])
    else:
        fit_bare(recipe, Clock())
    print(json.dumps(ends))


def fit_bare(recipe: Recipe, clock: Any) -> None:
    """Fit the recipe's model by Keras alone."""
    import keras
    import numpy as np

    from emnist_core.training.fit import VALIDATION_BATCH

    dataset = data.load(recipe.split, "train", recipe.dataset_kind)
    rows, begin = recipe.divide(len(dataset))
    size, eye = recipe.spec.input_size, np.eye(dataset.split.classes, dtype=np.float32)
    keras.utils.set_random_seed(recipe.seed)
    model = recipe.spec.build(dataset.split.classes)
    model.compile(
        optimizer=keras.optimizers.Adam(recipe.peak_learning_rate),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=["accuracy"],
        jit_compile=False,
    )
    model.fit(
        network_input(dataset.images[:rows], size),
        eye[dataset.labels[:rows]],
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        validation_data=(network_input(dataset.images[begin:], size), eye[dataset.labels[begin:]]),
        validation_batch_size=VALIDATION_BATCH,
        verbose=0,
        callbacks=[clock],
    )


def start(kind: str, model: str) -> subprocess.Popen[str]:
    """Start one of the two processes."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.training_throughput", "--one", kind, model],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )


def take_turns(both: list[subprocess.Popen[str]]) -> list[list[tuple[float, float]]]:
    """Let the processes run in turn until both have ended; returns the times each was let run, from and to."""
    turns: list[list[tuple[float, float]]] = [[], []]
    for process in both:
        process.send_signal(signal.SIGSTOP)
    while any(process.poll() is None for process in both):
        for process, mine in zip(both, turns, strict=True):
            if process.poll() is not None:
                continue
            begun = time.monotonic()
            process.send_signal(signal.SIGCONT)
            try:
                process.wait(TURN)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGSTOP)
            mine.append((begun, time.monotonic()))
    return turns


def epochs(ends: list[tuple[float, float]], turns: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Seconds and processor seconds of every epoch but the first, time held left out."""

    def let_run(begin: float, end: float) -> float:
        return sum(max(0.0, min(end, to) - max(begin, since)) for since, to in turns)

    pairs = list(itertools.pairwise(ends))
    seconds = [let_run(before[0], after[0]) for before, after in pairs]
    return seconds, [after[1] - before[1] for before, after in pairs]


def ratios(ours: list[float], bare: list[float]) -> list[float]:
    """Bare Keras's time as a share of ours, pair by pair."""
    return [theirs / mine for mine, theirs in zip(ours, bare, strict=True)]


def main(models: tuple[str, ...]) -> None:
    """Print the tables."""
    rows: list[Sequence[str]] = []
    pairs: list[Sequence[str]] = []
    for model in models:
        both = [start(kind, model) for kind in KINDS]
        turns = take_turns(both)
        printed = [json.loads(process.communicate()[0]) for process in both]
        (ours, ours_cpu), (bare, bare_cpu) = (epochs(*one) for one in zip(printed, turns, strict=True))
        images = recipe_for(model).train_images or 0
        speeds = [median([images / seconds for seconds in one], 0) for one in (ours, bare)]
        shares, processor = ratios(ours, bare), ratios(ours_cpu, bare_cpu)
        found = (f"**{statistics.median(processor):.1%}**", "≥ 97%", f"{statistics.median(shares):.1%}")
        rows.append((model, *speeds, *found))
        pairs.extend(
            (model, what, *(f"{one:.1%}" for one in each))
            for what, each in (("processor time", processor), ("seconds", shares))
        )
    head = ("our loop, images/s", "bare Keras, images/s", "ratio of processor time", "target", "ratio of seconds")
    print(table(("model", *head), rows))
    print("\nBare Keras's time as a share of ours, pair by pair:\n")
    print(table(("model", "of", *range(1, PAIRS + 1)), pairs))
    name = data.load("balanced", "train").name
    print(f"\nSpeeds: median (min–max) of {PAIRS} epochs of {images:,} images each of {name}.\n")
    print(machine("tensorflow", "keras", "numpy"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        train(*sys.argv[2:])
    else:
        main(tuple(sys.argv[1:]) or MODELS)
