"""What checkpoints cost a training: ``python -m benchmarks.checkpoints [MODEL ...]``.

One training a model, in which the time within ``KeepCheckpoints`` is counted, in processor seconds of all threads and
in seconds: copying the state after an epoch's last step, writing it at the epoch's end and when it is time to within
one. Both are set against the time of the whole training, the first step aside, which builds the graph.

1,024 steps of EMNIST Balanced where it has been fetched (ResNet-34: 128), so that an epoch is shorter, and its
checkpoint weighs more, than in a training on all of it; a checkpoint within an epoch is due every 20 s instead of 100.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import keras

from benchmarks.report import machine, table
from emnist_core import data, runs
from emnist_core.recipe import Recipe
from emnist_core.training import checkpoints
from emnist_core.training.lifecycle import train

STEPS = {"lenet5-v2": 512, "resnet34": 64}
BATCH = {"lenet5-v2": 64, "resnet34": 64}
BETWEEN = 20.0


class Clock(keras.callbacks.Callback):  # type: ignore[misc]
    """Notes when the first step ended, and the last."""

    first: tuple[float, float] | None = None

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Note the moment."""
        self.last = (time.monotonic(), time.process_time())
        self.first = self.first or self.last


def measure(model: str) -> tuple[object, ...]:
    """A row of the table."""
    spent = [0.0, 0.0]
    writes: list[float] = []
    originals = {name: getattr(checkpoints.KeepCheckpoints, name) for name in ("on_train_batch_end", "on_epoch_end")}

    def counted(original: Any) -> Any:
        def call(self: Any, *arguments: Any, **named: Any) -> None:
            begun, processor = time.monotonic(), time.process_time()
            original(self, *arguments, **named)
            spent[0] += time.monotonic() - begun
            spent[1] += time.process_time() - processor

        return call

    write = checkpoints.KeepCheckpoints._write

    def noted(self: Any, *arguments: Any) -> None:
        begun = time.monotonic()
        write(self, *arguments)
        writes.append(time.monotonic() - begun)

    for name, original in originals.items():
        setattr(checkpoints.KeepCheckpoints, name, counted(original))
    setattr(checkpoints.KeepCheckpoints, "_write", noted)  # noqa: B010
    checkpoints.SECONDS_BETWEEN_CHECKPOINTS = BETWEEN
    recipe = Recipe(model=model, epochs=2, batch_size=BATCH[model], train_images=STEPS[model] * BATCH[model])
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        run = runs.create(recipe, "run", Path(folder))
        train(run, [clock])
        size = run.checkpoint_file.stat().st_size / 1e6
    for name, original in originals.items():
        setattr(checkpoints.KeepCheckpoints, name, original)
    setattr(checkpoints.KeepCheckpoints, "_write", write)  # noqa: B010
    assert clock.first is not None
    seconds, processor = (last - first for last, first in zip(clock.last, clock.first, strict=True))
    kept = 1 - spent[1] / processor
    return (
        model,
        f"{size:.0f}",
        len(writes),
        f"{max(writes):.2f}",
        f"{1 - spent[0] / seconds:.1%}",
        f"**{kept:.1%}**",
        "≥ 97%",
    )


if __name__ == "__main__":
    rows = [measure(model) for model in sys.argv[1:] or STEPS]
    head = ("model", "checkpoint, MB", "written", "longest, s", "of seconds left", "of processor time left", "target")
    print(table(head, rows))
    print(f"\nOn {data.load('balanced', 'train').name}.\n\n{machine('tensorflow', 'keras')}")
