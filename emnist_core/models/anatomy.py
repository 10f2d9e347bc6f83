"""The layers of every architecture: shapes, weights, work and receptive fields, without Keras.

``python -m tools.describe_models`` builds the networks and writes what it finds to ``anatomy.json``.

Multiply-adds are for one image and count one multiplication with its addition as one: those of convolutions at
every place of the output, padding included but idle weights left out, those of dense layers, and one for every value
that a gate (squeeze and excitation) scales. Biases, pooling and activations are not counted, nor is batch
normalisation, which the serving model has in the weights of the layer before.

The receptive field is the stretch of input pixels, in height as in width, that one unit depends on (Araujo, Norris,
Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", distill.pub/2019/computing-receptive-fields).
It goes through convolutions and pooling; what a gate knows of the rest of the image is left out.
"""

import json
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from math import prod
from pathlib import Path

from emnist_core.models import get_model

FILE = Path(__file__).with_name("anatomy.json")
CLASSES = 47


@dataclass(frozen=True)
class Layer:
    """One line of a network's layer table.

    Attributes:
        name: the layer's name in Keras.
        kind: its class in Keras.
        inputs: names of the layers it reads; empty when it reads the image.
        shape: height, width and maps of its output, or its number of units.
        parameters: its weights, batch-norm statistics among them.
        idle: those of its weights that meet nothing but padding, whatever the image: where a map is smaller than
            the window, the window's rim never lies on it. No image changes them and they change no answer.
        multiply_adds: see above.
        kernel: height and width of its window in pixels of its input; None when it has none. A residual block's
            is that of its two convolutions.
        stride: steps of the window; a residual block's is that of its first convolution.
        receptive_field: height and width of what one unit sees, in input pixels, with what lies outside the image.
        jump: input pixels between the fields of two neighbouring units.
        start: the first input pixel that the first unit sees; below 0 it lies in the padding.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    shape: tuple[int, ...]
    parameters: int
    idle: int
    multiply_adds: int
    kernel: int | None
    stride: int | None
    receptive_field: int
    jump: int
    start: int

    @property
    def is_map(self) -> bool:
        """Whether its output has height and width over which its units are spread."""
        return len(self.shape) == 3 and self.shape[0] > 1

    def sees(self, unit: int) -> tuple[int, int]:
        """The first and the last input pixel that the unit in row (or column) ``unit`` depends on."""
        first = self.start + unit * self.jump
        return first, first + self.receptive_field - 1


Layers = tuple[Layer, ...]


@lru_cache
def layers_of(model: str, classes: int = CLASSES) -> Layers:
    """The layers of the architecture called ``model``, in order, when built for ``classes`` classes.

    Raises:
        RunError: when there is no such architecture.
    """
    rows = json.loads(FILE.read_text(encoding="utf-8"))[get_model(model).name]
    layers = tuple(Layer(**row | {"inputs": tuple(row["inputs"]), "shape": tuple(row["shape"])}) for row in rows)
    return (*layers[:-1], _with_classes(layers[-1], classes))


def _with_classes(output: Layer, classes: int) -> Layer:
    """The last layer, a dense one with biases, for another number of classes."""
    weights = output.multiply_adds // prod(output.shape) * classes
    return replace(output, shape=(classes,), parameters=weights + classes, multiply_adds=weights)


def as_json(networks: dict[str, Layers]) -> str:
    """Layers by architecture as the text of ``anatomy.json``, a line a layer."""
    blocks = (
        f"{json.dumps(name)}: [\n" + ",\n".join(f"  {json.dumps(asdict(layer))}" for layer in layers) + "\n]"
        for name, layers in networks.items()
    )
    return "{\n" + ",\n".join(blocks) + "\n}\n"
