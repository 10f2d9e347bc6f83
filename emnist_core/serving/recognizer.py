"""Serving: images in, probabilities out, by LiteRT and without TensorFlow."""

import hashlib
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emnist_core.errors import RunError
from emnist_core.runs import Run
from emnist_core.serving.network_input import network_input

BATCH = 32
"""Images a call: an interpreter keeps the memory of its largest batch, and larger ones are hardly faster."""
THREADS = 2


def at_temperature(probabilities: npt.NDArray[np.float32], temperature: float) -> npt.NDArray[np.float32]:
    """Divide the logits behind ``probabilities``, float32 ``(N, classes)``, by ``temperature``; no answer changes."""
    if temperature == 1:
        return probabilities
    # Relative to the largest, so that a power of small numbers leaves something to divide by.
    powered = (probabilities / probabilities.max(axis=1, keepdims=True)) ** (1 / temperature)
    softened: npt.NDArray[np.float32] = powered / powered.sum(axis=1, keepdims=True)
    return softened


class Recognizer:
    """The serving model of a run, opened.

    Args:
        run: a run with a ``model.tflite``.
        temperature: what logits are divided by, see ``evaluation.temperature``; default: the run's own.

    Raises:
        RunError: when the serving model is missing, damaged or does not fit the recipe.
    """

    def __init__(self, run: Run, temperature: float | None = None) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self.name = run.name
        self.labels = run.split.labels
        self.size = run.recipe.spec.input_size
        self.temperature = run.temperature() if temperature is None else temperature
        if not run.serving_file.exists():
            raise RunError(f"The run {run.name} has no serving model; `python -m emnist_core export` makes it.")
        try:
            # From bytes, not from the path: the file may be renewed while it is open here.
            content = run.serving_file.read_bytes()
            # LiteRT opens most damaged files: they answer wrongly, and a few take the process down.
            if run.serving_sha256() not in (None, hashlib.sha256(content).hexdigest()):
                raise ValueError("another file than was exported")
            self._interpreter = Interpreter(model_content=content, num_threads=THREADS)
            self._interpreter.allocate_tensors()
            self._input = self._interpreter.get_input_details()[0]
            self._output = self._interpreter.get_output_details()[0]
        except (ValueError, RuntimeError, OSError):
            raise RunError(
                f"model.tflite of the run {run.name} is damaged; `python -m emnist_core export` makes it anew."
            ) from None
        shapes = tuple(self._input["shape"][1:]), tuple(self._output["shape"][1:])
        if shapes != (run.recipe.spec.input_shape, (len(self.labels),)):
            raise RunError(f"model.tflite of the run {run.name} does not fit its recipe; export it again.")
        # An interpreter holds its tensors; two visitors at once would mix theirs.
        self._lock = threading.Lock()
        self._batch = 1

    def probabilities(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Name the images.

        Args:
            images: uint8 ``(N, 28, 28)``, upright, ink 255.

        Returns:
            float32 ``(N, classes)``, rows summing to 1.
        """
        found = np.empty((len(images), len(self.labels)), np.float32)
        with self._lock:
            for begin in range(0, len(images), BATCH):
                inputs = network_input(np.asarray(images[begin : begin + BATCH]), self.size)
                found[begin : begin + len(inputs)] = self._run(inputs)
        return at_temperature(found, self.temperature)

    def top(self, image: npt.NDArray[np.uint8], count: int = 5) -> list[dict[str, Any]]:
        """The ``count`` most probable labels of one uint8 ``(28, 28)`` image: ``label, probability``."""
        probabilities = self.probabilities(image[np.newaxis])[0]
        best = np.argsort(-probabilities, kind="stable")[:count]
        return [{"label": self.labels[i], "probability": float(probabilities[i])} for i in best]

    def _run(self, inputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        if len(inputs) != self._batch:
            self._interpreter.resize_tensor_input(self._input["index"], inputs.shape)
            self._interpreter.allocate_tensors()
            self._batch = len(inputs)
        self._interpreter.set_tensor(self._input["index"], inputs)
        self._interpreter.invoke()
        output: npt.NDArray[np.float32] = self._interpreter.get_tensor(self._output["index"])
        return output


@lru_cache(maxsize=8)
def _open(path: str, changed: float, temperature: float) -> Recognizer:  # noqa: ARG001 - a renewed file is another entry
    return Recognizer(Run(Path(path)), temperature)


def recognizer(run: Run) -> Recognizer:
    """The opened serving model of ``run``, kept for the next call; raises ``RunError`` like ``Recognizer``."""
    changed = run.serving_file.stat().st_mtime if run.serving_file.exists() else 0.0
    return _open(str(run.path), changed, run.temperature())
