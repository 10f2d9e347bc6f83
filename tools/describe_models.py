"""Build every architecture in Keras and write what its layers are into ``emnist_core/models/anatomy.json``."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import keras

from emnist_core.models import MODELS
from emnist_core.models.anatomy import CLASSES, FILE, Layer, Layers, as_json
from emnist_core.models.resnet34 import ResidualBlock, taps_on_the_map


@dataclass(frozen=True)
class Field:
    """What the first unit of a layer sees, and how far on its neighbour's field begins, in input pixels."""

    first: int = 0
    last: int = 0
    jump: int = 1

    def through(self, window: keras.layers.Layer, size: int) -> "Field":
        """The field after a convolution or pooling over a map ``size`` high."""
        kernel, stride = _kernel(window), int(window.strides[0])
        # TensorFlow's "same" pads so that every stride begins inside the map, the odd pixel at the end.
        needed = (-(-size // stride) - 1) * stride + kernel - size if window.padding == "same" else 0
        before = max(needed, 0) // 2
        return Field(self.first - before * self.jump, self.last + (kernel - 1 - before) * self.jump, self.jump * stride)

    def over(self, size: int) -> "Field":
        """The field of a unit that reads the whole of a map ``size`` high."""
        return Field(self.first, self.last + (size - 1) * self.jump, self.jump)

    def joined(self, other: "Field") -> "Field":
        """The field of a unit that reads the same place of two maps."""
        return Field(min(self.first, other.first), max(self.last, other.last), self.jump)


def describe(network: keras.Model) -> Layers:
    """The layers of ``network``."""
    layers: list[Layer] = []
    fields: dict[str, Field] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in network.layers:
        name = layer.name
        is_input = isinstance(layer, keras.layers.InputLayer)
        sources = [] if is_input else [t._keras_history.operation.name for t in keras.tree.flatten(layer.input)]
        inputs = tuple(source for source in sources if source in shapes)  # Sequential hides its input layer
        shapes[name] = tuple(layer.output.shape[1:])
        below = [(fields[source], shapes[source]) for source in inputs] or [(Field(), tuple(network.input_shape[1:]))]
        fields[name] = field = field_of(layer, below)
        layers.append(
            Layer(
                name=name,
                kind=type(layer).__name__,
                inputs=inputs,
                shape=shapes[name],
                parameters=layer.count_params(),
                idle=idle_weights(layer, below[0][1][0]),
                multiply_adds=multiply_adds(layer, below[0][1][0], shapes[name]),
                kernel=_kernel(layer),
                stride=_stride(layer),
                receptive_field=field.last - field.first + 1,
                jump=field.jump,
                start=field.first,
            )
        )
    return tuple(layers)


def field_of(layer: keras.layers.Layer, below: Sequence[tuple[Field, tuple[int, ...]]]) -> Field:
    """The field of the layer's first unit, from those of the layers it reads and their shapes."""
    largest = max(shape[0] for _, shape in below)
    # A gate is one value a map: it scales a place without widening what the place sees.
    joined, *others = [field for field, shape in below if shape[0] == largest]
    for other in others:
        joined = joined.joined(other)
    size = below[0][1][0]
    match layer:
        case ResidualBlock():
            inner = joined.through(layer.first, size).through(layer.second, layer.output.shape[1])
            return inner.joined(joined if layer.shortcut is None else joined.through(layer.shortcut, size))
        case keras.layers.Conv2D() | keras.layers.MaxPooling2D() | keras.layers.AveragePooling2D():
            return joined.through(layer, size)
        case keras.layers.Flatten() | keras.layers.GlobalAveragePooling2D():
            return joined.over(size)
    return joined


def multiply_adds(layer: keras.layers.Layer, size: int, shape: tuple[int, ...]) -> int:
    """The layer's multiply-adds for one image, over a map ``size`` high; ``anatomy`` says what is counted."""
    match layer:
        case ResidualBlock():
            inner = [(layer.first, size), (layer.second, shape[0]), (layer.shortcut, size)]
            return sum(multiply_adds(one, height, shape) for one, height in inner if one is not None)
        case keras.layers.Conv2D():
            return int(shape[0] * shape[1] * (prod(layer.kernel.shape) - idle_weights(layer, size)))
        case keras.layers.Dense():
            return prod(layer.kernel.shape)
        case keras.layers.Multiply():
            return prod(shape)
    return 0


def idle_weights(layer: keras.layers.Layer, size: int) -> int:
    """The layer's weights that meet nothing but padding, over a map ``size`` high."""
    match layer:
        case ResidualBlock():
            return idle_weights(layer.first, size) + idle_weights(layer.second, layer.output.shape[1])
        case keras.layers.Conv2D(padding="same"):
            kernel = int(_kernel(layer))
            reached = len(taps_on_the_map(size, kernel, int(layer.strides[0])))
            return int(prod(layer.kernel.shape) // kernel**2 * (kernel**2 - reached**2))
    return 0


def _kernel(layer: keras.layers.Layer) -> Any:
    if isinstance(layer, ResidualBlock):
        return _kernel(layer.first)
    sides = getattr(layer, "kernel_size", getattr(layer, "pool_size", None))
    return None if sides is None else int(sides[0])


def _stride(layer: keras.layers.Layer) -> int | None:
    if isinstance(layer, ResidualBlock):
        return layer.stride
    return int(layer.strides[0]) if hasattr(layer, "strides") else None


def described() -> dict[str, Layers]:
    """The layers of every architecture."""
    found = {}
    for name, spec in MODELS.items():
        keras.utils.clear_session()  # layers without a name of their own are numbered from the start
        found[name] = describe(spec.build(CLASSES))
    return found


if __name__ == "__main__":
    FILE.write_text(as_json(described()), encoding="utf-8")
    print(FILE)
