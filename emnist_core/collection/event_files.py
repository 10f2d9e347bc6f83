"""A run's curves as TensorBoard reads them: an event file beside ``metrics.jsonl``, made from it and kept up with it.

What is in the journal is all that is in the event file, so that it can be made at any time, of any run, and a training
needs to know nothing of it. Needs the extra ``tensorboard``.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from emnist_core import paths
from emnist_core.errors import RunError
from emnist_core.runs import Run, journal

PATTERN = "events.out.tfevents.*.emnist"
TAGS: dict[str, dict[str, str]] = {
    "step": {
        "accuracy": "accuracy/step",
        "loss": "loss/step",
        "learning_rate": "learning rate",
        "images_per_second": "images per second",
    },
    "epoch": {
        "accuracy": "accuracy/epoch",
        "validation_accuracy": "accuracy/validation",
        "loss": "loss/epoch",
        "validation_loss": "loss/validation",
    },
}
"""What the figures of the journal's lines are called in TensorBoard."""


class EventFile:
    """The event file of a run, begun anew; what an earlier one said is taken back.

    Raises:
        RunError: when TensorBoard is not installed, or the file cannot be written.
    """

    def __init__(self, run: Run) -> None:
        try:
            from tensorboard.compat.proto import event_pb2
            from tensorboard.summary.writer.record_writer import RecordWriter
        except ImportError:
            raise RunError("This needs TensorBoard, which is not installed; `pip install tensorboard`.") from None
        self.run = run
        self._event = event_pb2.Event
        self._written: list[dict[str, Any]] = []
        status = run.status()
        self._steps_per_epoch = status.steps_per_epoch
        self._began = datetime.fromisoformat(status.started).timestamp() if status.started else 0.0
        self.folder = folder(run)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            earlier = list(self.folder.glob(PATTERN))
            self._file = (self.folder / PATTERN.replace("*", str(time.time_ns()))).open("wb")
            for file in earlier:
                file.unlink(missing_ok=True)
        except OSError as error:
            raise RunError(f"{self.folder} cannot be written ({error.strerror}).") from None
        self._writer = RecordWriter(self._file)
        self._write(file_version="brain.Event:2")
        self._take_back(0)

    def catch_up(self) -> int:
        """Write what the journal has more than at the last look; returns how many of its lines these were."""
        try:
            rows = journal.read(self.run.path / "metrics.jsonl")
        except OSError:
            return 0
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(rows, self._written, strict=False)))
        if same < len(self._written):  # a training that went on from its checkpoint had learned more before
            self._take_back(self._step(rows[same]) if same < len(rows) else 0)
            same = same if same < len(rows) else 0
        for row in rows[same:]:
            self._write(self._step(row), float(row.get("seconds") or 0), values=dict(self._values(row)))
        self._file.flush()
        self._written = rows
        if self._steps_per_epoch == 0:
            self._steps_per_epoch = self.run.status().steps_per_epoch
        return len(rows) - same

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def _step(self, row: dict[str, Any]) -> int:
        return int(row["step"] if "step" in row else row.get("epoch", 0) * self._steps_per_epoch)

    def _values(self, row: dict[str, Any]) -> Iterator[tuple[str, float]]:
        for name, tag in TAGS.get(str(row.get("kind")), {}).items():
            if isinstance(row.get(name), int | float):
                yield tag, float(row[name])

    def _take_back(self, step: int) -> None:
        """Have a reader forget what it read of ``step`` and what comes after it."""
        event = self._event(wall_time=self._began, step=step)
        event.session_log.status = event.session_log.START
        self._writer.write(event.SerializeToString())

    def _write(
        self, step: int = 0, seconds: float = 0.0, values: dict[str, float] | None = None, **fields: str
    ) -> None:
        event = self._event(wall_time=self._began + seconds, step=step, **fields)
        for tag, value in (values or {}).items():
            event.summary.value.add(tag=tag, simple_value=value)
        self._writer.write(event.SerializeToString())


def folder(run: Run) -> Path:
    """Where the event file of a run lies: in the run, and of one that ships in ``EMNIST_HOME/tensorboard/``."""
    return paths.home() / "tensorboard" / run.name if run.is_shipped else run.path
