"""What a network makes of images on the way to its answer, from the serving model with its tensors kept.

Of many images that is the input of its last layer, their features; of one image the feature maps of every stage. A
stage is a convolution, pooling, residual block, gate or dense layer with the normalisation and activation that follow
it, since the serving model computes them as one.
"""

import threading
import warnings
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from emnist_core.arrays import Images, Maps, Pixels, Points
from emnist_core.errors import RunError
from emnist_core.models.anatomy import Layer, Layers, layers_of
from emnist_core.runs import Run
from emnist_core.serving import opening
from emnist_core.serving.network_input import network_input
from emnist_core.serving.recognizer import Recognizer, recognizer

BATCH = 16
"""Images a call: all layers of all of them are kept in memory."""
LAST_LAYER = "FULLY_CONNECTED"
LEAST = 1e-7
OPERATIONS = {
    "Conv2D": "CONV_2D",
    "MaxPooling2D": "MAX_POOL_2D",
    "AveragePooling2D": "AVERAGE_POOL_2D",
    "GlobalAveragePooling2D": "MEAN",
    "ResidualBlock": "ADD",
    "Add": "ADD",
    "Multiply": "MUL",
    "Dense": "FULLY_CONNECTED",
}
"""What computes a layer of this kind in a LiteRT file; the last operation of it, where there are several."""
ACTIVATIONS = {"TANH", "RELU", "LOGISTIC", "SOFTMAX"}
"""Activations that LiteRT may compute by themselves, after the operation above."""
AT_ONCE = {"BatchNormalization", "Activation", "ReLU"}
"""Layers that become one with the stage before them."""


class _Reader:
    """The serving model of a run, opened so that its tensors can be read; ``options`` as ``opening.interpreter``'s."""

    def __init__(self, run: Run, **options: Any) -> None:
        self._size = run.recipe.spec.input_size
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the memory that keeping all tensors takes
            self._interpreter = opening.interpreter(run, experimental_preserve_all_tensors=True, **options)
        self._input = int(self._interpreter.get_input_details()[0]["index"])
        self._lock = threading.Lock()


class FeatureReader(_Reader):
    """What lies before the last layer; raises ``ValueError`` when the model has no fully connected layer."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        layers = [layer for layer in self._interpreter._get_ops_details() if layer["op_name"] == LAST_LAYER]
        if not layers:
            raise ValueError("no fully connected layer")
        self._source = int(layers[-1]["inputs"][0])

    def features(self, images: Images) -> Points:
        """The features of uint8 images ``(N, 28, 28)``: float32 ``(N, width of the layer)``."""
        batches = []
        with self._lock:
            for begin in range(0, len(images), BATCH):
                inputs = network_input(np.asarray(images[begin : begin + BATCH]), self._size)
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


@dataclass(frozen=True)
class FeatureMaps:
    """What one stage makes of an image.

    Attributes:
        stage: the layers that it is made of; the first has the weights and the name.
        maps: float32 ``(H, W, C)``; ``(1, 1, C)`` where the units have no place in the image.
    """

    stage: Layers
    maps: Maps

    @property
    def name(self) -> str:
        """The name of the stage's first layer."""
        return self.stage[0].name


def stages(layers: Layers) -> tuple[Layers, ...]:
    """The stages of a network in order, each with the layers that it is made of."""
    readers = Counter(name for layer in layers for name in layer.inputs)
    in_order = []
    for layer in layers:
        if layer.kind in OPERATIONS:
            stage = [layer]
            while readers[stage[-1].name] == 1:
                following = next(other for other in layers if stage[-1].name in other.inputs)
                if following.kind not in AT_ONCE:
                    break
                stage.append(following)
            in_order.append(tuple(stage))
    return tuple(in_order)


class StageReader(_Reader):
    """The output of every stage; raises ``LookupError`` when one is not found in the file."""

    def __init__(self, run: Run) -> None:
        from ai_edge_litert.interpreter import OpResolverType

        # XNNPACK, the default, computes several operations at once and keeps nothing in between.
        super().__init__(run, experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
        self.stages = stages(layers_of(run.recipe.spec.name, run.split.classes))
        self._outputs = self._find([stage[0] for stage in self.stages])

    def read(self, image: Pixels) -> tuple[FeatureMaps, ...]:
        """The feature maps of a uint8 image ``(28, 28)``, stage by stage."""
        with self._lock:
            self._interpreter.set_tensor(self._input, network_input(image[np.newaxis], self._size))
            self._interpreter.invoke()
            outputs = [self._interpreter.get_tensor(index)[0] for index in self._outputs]
        return tuple(
            FeatureMaps(stage, output.reshape((1, 1, -1) if output.ndim == 1 else output.shape))
            for stage, output in zip(self.stages, outputs, strict=True)
        )

    def _find(self, layers: list[Layer]) -> list[int]:
        """The tensor that holds each layer's output.

        Layers and operations that agree in kind, kernel and output shape are taken in their order. Names would not
        do: layers without a name of their own are numbered differently in every process.
        """
        details = self._interpreter.get_tensor_details()
        tensors = {int(tensor["index"]): tuple(map(int, tensor["shape"])) for tensor in details}
        operations = self._interpreter._get_ops_details()
        outputs: dict[Any, list[int]] = {}
        for operation in operations:
            name, inputs, output = operation["op_name"], operation["inputs"], int(operation["outputs"][0])
            kernel = tensors[int(inputs[1])][1] if name == "CONV_2D" else None
            outputs.setdefault((name, kernel, tensors[output][1:]), []).append(output)
        activated = {
            int(operation["inputs"][0]): int(operation["outputs"][0])
            for operation in operations
            if operation["op_name"] in ACTIVATIONS
        }
        indices = []
        for layer in layers:
            kernel = layer.kernel if layer.kind == "Conv2D" else None
            agreeing = outputs.get((OPERATIONS[layer.kind], kernel, layer.shape))
            if not agreeing:
                raise LookupError(layer.name)
            index = agreeing.pop(0)
            indices.append(activated.get(index, index))
        return indices


def feature_maps(run: Run, image: Pixels) -> tuple[FeatureMaps, ...]:
    """What every stage of the run's serving model makes of a uint8 image ``(28, 28)``, in the order of the layers.

    The last stage's are the probabilities before the run's temperature.

    Raises:
        RunError: when the serving model does not open, or is not made of the layers of its architecture.
    """
    try:
        return opening.cached(StageReader, run).read(image)
    except LookupError as missing:
        raise RunError(
            f"model.tflite of the run {run.name} has no layer {missing}; `python -m emnist_core export` makes it again."
        ) from None
