"""Serving: images in, probabilities out, by LiteRT and without TensorFlow."""

import threading
from functools import lru_cache
from typing import Any

import numpy as np

from emnist_core.arrays import Images, Inputs, Pixels, Probabilities
from emnist_core.runs import Run
from emnist_core.serving import opening
from emnist_core.serving.network_input import network_input

BATCH = 32
"""Images a call: an interpreter keeps the memory of its largest batch, and larger ones are hardly faster."""
ANSWERS = 500
"""Answers of a model that are kept: a class looks at the same images."""


def at_temperature(probabilities: Probabilities, temperature: float) -> Probabilities:
    """Divide the logits behind ``probabilities``, float32 ``(N, classes)``, by ``temperature``; no answer changes."""
    if temperature == 1:
        return probabilities
    # Relative to the largest, so that a power of small numbers leaves something to divide by.
    powered = (probabilities / probabilities.max(axis=1, keepdims=True)) ** (1 / temperature)
    softened: Probabilities = powered / powered.sum(axis=1, keepdims=True)
    return softened


class Recognizer:
    """The serving model of a run, opened.

    Args:
        run: a run with a ``model.tflite``.
        temperature: what logits are divided by, see ``evaluation.calibration``; default: the run's own.

    Raises:
        RunError: when the serving model is missing, damaged or does not fit the recipe.
    """

    def __init__(self, run: Run, temperature: float | None = None) -> None:
        self.name = run.name
        self.labels = run.split.labels
        self.size = run.recipe.spec.input_size
        self.temperature = run.temperature() if temperature is None else temperature
        self._interpreter = opening.interpreter(run)
        self._input = int(self._interpreter.get_input_details()[0]["index"])
        self._output = int(self._interpreter.get_output_details()[0]["index"])
        # An interpreter holds its tensors; two visitors at once would mix theirs.
        self._lock = threading.Lock()
        self._batch = 1
        self._kept = lru_cache(maxsize=ANSWERS)(self._answer)

    def probabilities(self, images: Images) -> Probabilities:
        """Name the images.

        Args:
            images: uint8 ``(N, 28, 28)``, upright, ink 255.

        Returns:
            float32 ``(N, classes)``, rows summing to 1.
        """
        probabilities = np.empty((len(images), len(self.labels)), np.float32)
        with self._lock:
            for begin in range(0, len(images), BATCH):
                inputs = network_input(np.asarray(images[begin : begin + BATCH]), self.size)
                probabilities[begin : begin + len(inputs)] = self._run(inputs)
        return at_temperature(probabilities, self.temperature)

    def kept_probabilities(self, images: Images) -> Probabilities:
        """``probabilities`` of a page's few images, kept for whoever looks at them next; read-only."""
        return self._kept(np.asarray(images, np.uint8).tobytes())

    def _answer(self, content: bytes) -> Probabilities:
        probabilities = self.probabilities(np.frombuffer(content, np.uint8).reshape(-1, 28, 28))
        probabilities.flags.writeable = False
        return probabilities

    def top(self, image: Pixels, count: int = 5) -> list[dict[str, Any]]:
        """The ``count`` most probable labels of one uint8 ``(28, 28)`` image: ``label, probability``."""
        probabilities = self.kept_probabilities(image[np.newaxis])[0]
        best = np.argsort(-probabilities, kind="stable")[:count]
        return [{"label": self.labels[i], "probability": float(probabilities[i])} for i in best]

    def _run(self, inputs: Inputs) -> Probabilities:
        if len(inputs) != self._batch:
            self._interpreter.resize_tensor_input(self._input, inputs.shape)
            self._interpreter.allocate_tensors()
            self._batch = len(inputs)
        self._interpreter.set_tensor(self._input, inputs)
        self._interpreter.invoke()
        output: Probabilities = self._interpreter.get_tensor(self._output)
        return output


def recognizer(run: Run) -> Recognizer:
    """The opened serving model of ``run``, kept for the next call; raises ``RunError`` like ``Recognizer``."""
    return opening.cached(Recognizer, run)
