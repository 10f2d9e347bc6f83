"""From Start to the first step and the first point of the curve, and from Stop to the end:
``python -m benchmarks.training_start [MODEL ...]``.

What the Train page's buttons call is called here, in a process that has neither Keras nor TensorFlow, and the run's
status and journal are looked at fifty times a second. Each training is stopped some seconds after its first step. The
first in an ``EMNIST_HOME`` starts a worker, which the second finds warm. The bundled sample in batches of 128.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.report import machine, median, table
from emnist_core.recipe import Recipe
from emnist_core.runs import Run, journal
from emnist_core.training import jobs

MODELS = ("lenet5",)
TIMES = 3
TRAINS = 4.0  # seconds before it is stopped
LOOK = 0.02
PATIENCE = 180.0


class Times(NamedTuple):
    """Seconds to the first step, from there to the first point, and from Stop to the end."""

    first_step: float
    first_point: float
    end: float


def wait_until(condition: Callable[[], object], begun: float) -> float:
    """Seconds since ``begun`` when ``condition`` comes true."""
    while not condition():
        if time.monotonic() > begun + PATIENCE:
            sys.exit("That takes too long.")
        time.sleep(LOOK)
    return time.monotonic() - begun


def has_points(run: Run) -> bool:
    """Whether there is something to draw."""
    try:
        return bool(journal.read(run.path / "metrics.jsonl"))
    except FileNotFoundError:
        return False


def once(model: str, name: str) -> tuple[Times, Run]:
    """Train once in the worker that is there, or in a new one."""
    begun = time.monotonic()
    run = jobs.start(Recipe(model=model, dataset_kind="sample", batch_size=128, epochs=1000), name)
    first_step = wait_until(lambda: run.status().state == "training", begun)
    first_point = wait_until(lambda: has_points(run), begun)
    time.sleep(TRAINS)
    asked = time.monotonic()
    jobs.stop(run)
    end = wait_until(lambda: run.status().state == "stopped", asked)
    return Times(first_step, first_point - first_step, end), run


def cold_and_warm(model: str) -> tuple[Times, Times]:
    """Train in a new worker and then in the same; it is ended then."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["EMNIST_HOME"] = home
        cold, run = once(model, "cold")
        warm, run = once(model, "warm")
        worker = run.status().worker
        process = worker and worker.process()
        if process:
            process.kill()
            process.wait(PATIENCE)
    return cold, warm


def main(models: tuple[str, ...]) -> None:
    """Print the table."""
    rows = []
    for model in models:
        for kind, times in zip(
            ("cold", "warm"), zip(*(cold_and_warm(model) for _ in range(TIMES)), strict=True), strict=True
        ):
            rows.append((model, kind, TIMES, *(median(seconds) for seconds in zip(*times, strict=True))))
    head = ("model", "worker", "n", "Start to first step, s", "from there to first point, s", "Stop to stopped, s")
    print(table(head, rows))
    print(f"\nMedian (min–max). Targets for lenet5: 10, 2 and 2 s.\n\n{machine('tensorflow', 'keras')}")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or MODELS)
