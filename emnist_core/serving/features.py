"""What a network has made of an image just before it names it: the input of its last layer, from LiteRT."""

import threading
import warnings

import numpy as np

from emnist_core.arrays import Images, Points
from emnist_core.runs import Run
from emnist_core.serving import opening
from emnist_core.serving.network_input import network_input
from emnist_core.serving.recognizer import Recognizer, recognizer

BATCH = 16
"""Images a call: all layers of all of them are kept in memory."""
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
        self.size = run.recipe.spec.input_size
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the memory that keeping all layers takes, hence the small batch
            self._interpreter = opening.interpreter(run, experimental_preserve_all_tensors=True)
        layers = [layer for layer in self._interpreter._get_ops_details() if layer["op_name"] == LAST_LAYER]
        if not layers:
            raise ValueError("no fully connected layer")
        self._source = int(layers[-1]["inputs"][0])
        self._input = int(self._interpreter.get_input_details()[0]["index"])
        self._lock = threading.Lock()

    def features(self, images: Images) -> Points:
        """The features of uint8 images ``(N, 28, 28)``: float32 ``(N, width of the layer)``."""
        batches = []
        with self._lock:
            for begin in range(0, len(images), BATCH):
                inputs = network_input(np.asarray(images[begin : begin + BATCH]), self.size)
                self._interpreter.resize_tensor_input(self._input, inputs.shape)
                self._interpreter.allocate_tensors()
                self._interpreter.set_tensor(self._input, inputs)
                self._interpreter.invoke()
                batches.append(self._interpreter.get_tensor(self._source).reshape(len(inputs), -1))
        return np.concatenate(batches)


def features(run: Run, images: Images) -> tuple[Points, str]:
    """The images as the run's model sees them, float32 ``(N, width)``, and what that is in words.

    It is the input of the last layer; where the model does not give that away, the logarithm of its answers.
    """
    try:
        reader = opening.cached(FeatureReader, run)
    except (ValueError, AttributeError, TypeError, KeyError):  # a runtime or a model that hides its layers
        return log_answers(recognizer(run), images), "the logarithms of the model's probabilities"
    return reader.features(images), "the input of the model's last layer"


def log_answers(serving: Recognizer, images: Images) -> Points:
    """The logarithms of the probabilities, float32 ``(N, classes)``."""
    return np.log(np.maximum(serving.probabilities(images), LEAST))
