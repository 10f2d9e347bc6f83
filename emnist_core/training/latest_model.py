"""A model that still trains, as a serving model: its latest weights, renewed at the ends of epochs.

Whoever serves the run takes the new file up by itself, and draws against a network that is learning.
"""

import time
from collections.abc import Sequence
from typing import Any

import keras

from emnist_core.runs import Run, Status, checksums
from emnist_core.training import export

MOST_SHARE = 0.02
"""Of the time of a training; an epoch that ends too early for that leaves the model as it is."""


class LatestModel(keras.callbacks.Callback):
    """Write ``model.tflite`` at the end of an epoch; a disk that has no room for it does not end a training.

    The first epoch's is always written, the last one's never: the best epoch's follows at once.
    """

    def __init__(self, run: Run, status: Status) -> None:
        super().__init__()
        self.run, self.status = run, status
        self.network: keras.Model | None = None
        self.ended, self.cost = 0.0, 0.0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Renew the serving model, if that is cheap enough."""
        begun = time.monotonic()
        is_last = self.model.stop_training or epoch + 1 >= self.status.epochs
        if is_last or begun - self.ended < self.cost / MOST_SHARE:
            return
        try:
            self._renew()
        except OSError:
            return
        finally:
            self.ended = time.monotonic()
            self.cost = self.ended - begun
        self.status.served_epoch = epoch + 1
        self.run.write_status(self.status)

    def _renew(self) -> None:
        trained = self.model.network
        if self.network is None:
            self.network = self._in_float32(trained)
        self.network.set_weights(trained.get_weights())
        # What was measured was of other weights.
        (self.run.path / "serving.json").unlink(missing_ok=True)
        with checksums.renewing(self.run.serving_file):
            export.convert(self.network, self.run.serving_file, "float16")

    def _in_float32(self, trained: keras.Model) -> keras.Model:
        """The network once more, since the one that trains may reckon in another precision."""
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy("float32")
        try:
            return self.run.recipe.spec.build(trained.output_shape[-1])
        finally:
            keras.config.set_dtype_policy(policy)


def latest_model(run: Run, status: Status) -> Sequence[keras.callbacks.Callback]:
    """The callback, where LiteRT's converter is at hand: under TensorFlow."""
    return [LatestModel(run, status)] if keras.backend.backend() == "tensorflow" else []
