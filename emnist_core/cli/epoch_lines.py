"""A training's progress in the terminal: a line an epoch."""

from typing import Any

import keras
from rich.console import Console

from emnist_core.runs import Run


class EpochLines(keras.callbacks.Callback):
    """Print a line at the end of every epoch."""

    def __init__(self, run: Run, screen: Console) -> None:
        super().__init__()
        self.run, self.screen = run, screen

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Print the epoch's figures and the time left."""
        status = self.run.status()
        left = "" if status.seconds_left is None else f"  {status.seconds_left / 60:.1f} min left"
        self.screen.print(
            f"{self.run.name}  epoch {epoch + 1}/{status.epochs}  loss {logs['loss']:.4f}  "
            f"accuracy {logs['accuracy']:.4f}  validation {logs['val_accuracy']:.4f}{left}",
            highlight=False,
        )
