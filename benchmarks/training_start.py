"""From Start to the first step and the first point of the curve, and from Stop to the end:
``python -m benchmarks.training_start [MODEL ...]``.

What the Train page's buttons call is called here, in a process that has neither Keras nor TensorFlow, and the run's
status and journal are looked at fifty times a second. Each training is stopped some seconds after its first step. The
first is begun by a worker that has to load TensorFlow ("cold"), the others by the same one, which then has it ("warm"),
as it has on the page when somebody looked at it for some seconds.
The bundled sample in batches of 128, in an ``EMNIST_HOME`` of its own.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable

from benchmarks.report import machine, median, table
from emnist_core.recipe import Recipe
from emnist_core.runs import Run, journal
from emnist_core.training import jobs

MODELS = ("lenet5", "lenet5-v2", "se-resnet", "resnet34")
TIMES = 3
TRAINS = 4.0  # seconds before it is stopped
LOOK = 0.02
PATIENCE = 180.0


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


def once(model: str) -> tuple[float, float, float]:
    """Train once; seconds to the first step, from there to the first point, and from Stop to the end."""
    begun = time.monotonic()
    run = jobs.start(Recipe(model=model, dataset_kind="sample", batch_size=128, epochs=1000))
    first_step = wait_until(lambda: run.status().state == "training", begun)
    first_point = wait_until(lambda: has_points(run), begun)
    time.sleep(TRAINS)
    asked = time.monotonic()
    jobs.stop(run)
    return first_step, first_point - first_step, wait_until(lambda: not run.status().is_active, asked)


def main(models: tuple[str, ...]) -> None:
    """Print the table."""
    rows = []
    for model in models:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
            os.environ["EMNIST_HOME"] = home
            os.environ["EMNIST_KEEP_WARM"] = "0.2"
            times = [once(model) for _ in range(1 + TIMES)]
        for worker, some in (("cold", times[:1]), ("warm", times[1:])):
            rows.append((model, worker, len(some), *(median(seconds) for seconds in zip(*some, strict=True))))
    head = ("model", "worker", "n", "Start to first step, s", "from there to first point, s", "Stop to stopped, s")
    print(table(head, rows))
    print(f"\nMedian (min–max). Targets for lenet5: 10, 2 and 2 s.\n\n{machine('tensorflow', 'keras')}")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or MODELS)
