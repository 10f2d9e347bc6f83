"""What a network has made of an image just before it names it: the input of its last layer, from LiteRT."""

import threading
import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from emnist_core.runs import Run
from emnist_core.serving.network_input import network_input
from emnist_core.serving.recognizer import Recognizer, recognizer

BATCH = 64
LAST_LAYER = "FULLY_CONNECTED"
LEAST = 1e-7


class FeatureReader:
    """The serving model of a run, opened so that what lies before its last layer can be read.

    Args:
        run: a run whose serving model opens.

    Raises:
        ValueError: when the model has no fully connected layer to read from.
    """

    def __init__(self, run: Run) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self.size = run.recipe.spec.input_size
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the memory that keeping all layers takes, hence the small batch
            self._interpreter = Interpreter(
                model_content=run.serving_file.read_bytes(),
                num_threads=2,
                experimental_preserve_all_tensors=True,
            )
        layers = [layer for layer in self._interpreter._get_ops_details() if layer["op_name"] == LAST_LAYER]
        if not layers:
            raise ValueError("no fully connected layer")
        self._source = int(layers[-1]["inputs"][0])
        self._input = int(self._interpreter.get_input_details()[0]["index"])
        self._lock = threading.Lock()

    def features(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """The features of uint8 images ``(N, 28, 28)``: float32 ``(N, width of the layer)``."""
        found = []
        with self._lock:
            for begin in range(0, len(images), BATCH):
                inputs = network_input(np.asarray(images[begin : begin + BATCH]), self.size)
                self._interpreter.resize_tensor_input(self._input, inputs.shape)
                self._interpreter.allocate_tensors()
                self._interpreter.set_tensor(self._input, inputs)
                self._interpreter.invoke()
                found.append(self._interpreter.get_tensor(self._source).reshape(len(inputs), -1))
        return np.concatenate(found)


@lru_cache(maxsize=2)
def _open(path: str, changed: float) -> FeatureReader | None:  # noqa: ARG001 - a renewed file is another entry
    try:
        return FeatureReader(Run(Path(path)))
    except (ValueError, RuntimeError, AttributeError, TypeError, KeyError):
        return None  # a runtime or a model that does not give its layers away


def features(run: Run, images: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.float32], str]:
    """The images as the run's model sees them, float32 ``(N, width)``, and what that is in words.

    It is the input of the last layer; where the model does not give that away, the logarithm of its answers.
    """
    serving = recognizer(run)  # it checks that the file is whole
    reader = _open(str(run.path), run.serving_file.stat().st_mtime)
    if reader is not None:
        return reader.features(images), "the input of the model's last layer"
    return log_answers(serving, images), "the logarithms of the model's probabilities"


def log_answers(serving: Recognizer, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """The logarithms of the probabilities, float32 ``(N, classes)``."""
    return np.log(np.maximum(serving.probabilities(images), LEAST))


def plane(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The two directions in which points ``(N, D)`` differ most (principal components), float32 ``(N, 2)``."""
    if len(points) < 3:
        return np.zeros((len(points), 2), np.float32)
    centred = points - points.mean(axis=0)
    covariance = centred.T @ centred / (len(points) - 1)
    directions = np.linalg.eigh(covariance)[1][:, ::-1][:, :2]
    # A direction is as good as its opposite; the same data gives the same map.
    directions = directions * np.where(directions[np.abs(directions).argmax(axis=0), np.arange(2)] < 0, -1, 1)
    return (centred @ directions).astype(np.float32)
