"""ResNet-34 (He, Zhang, Ren, Sun 2015, arXiv:1512.03385) on 28x28 input, as the report builds it.

Convolutions carry biases although batch normalisation follows: the report's parameter counts say so.
"""

from typing import Any

import keras
from keras import layers, regularizers

STAGES = ((64, 3), (128, 4), (256, 6), (512, 3))
"""Filters and number of blocks of each stage; each stage but the first halves the resolution."""


class TrimmedConv2D(layers.Conv2D):
    """A square convolution that leaves out what of its window lies on padding at every place of the map.

    Over a map of 1x1 that is eight weights of nine, which multiply zeros whatever the image. They stay in the layer,
    as the report counts them; the answers are the same, without their work and without them in the serving file.
    """

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """Convolve with the part of the window that comes to lie on the map."""
        reached = taps_on_the_map(inputs.shape[1], self.kernel_size[0], self.strides[0])
        if len(reached) == self.kernel_size[0]:
            return super().convolution_op(inputs, kernel)
        part = slice(reached.start, reached.stop)
        return keras.ops.conv(inputs, kernel[part, part], strides=self.strides, padding=self.padding)


def taps_on_the_map(size: int, kernel: int, stride: int) -> range:
    """Rows of a window that come to lie on a map ``size`` high somewhere, with padding "same"."""
    places = -(-size // stride)
    before = max((places - 1) * stride + kernel - size, 0) // 2
    # The last place begins at the row (places - 1) * stride - before, the first at -before.
    return range(max(before - (places - 1) * stride, 0), min(size + before, kernel))


@keras.saving.register_keras_serializable(package="emnist_core")
class ResidualBlock(layers.Layer):
    """Two 3x3 convolutions whose input is added to their output.

    Args:
        filters: number of output maps.
        stride: stride of the first convolution. With a stride over 1 the shortcut is a 1x1 convolution
            of the same stride. Defaults to 1.
        l2: L2 factor on the kernels. Defaults to 0.
    """

    def __init__(self, filters: int, stride: int = 1, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.stride, self.l2 = filters, stride, l2
        penalty = regularizers.L2(l2) if l2 else None
        same: dict[str, Any] = {"padding": "same", "kernel_regularizer": penalty, "dtype": self.dtype_policy}
        self.first = TrimmedConv2D(filters, 3, strides=stride, **same)
        self.first_norm = layers.BatchNormalization(dtype=self.dtype_policy)
        self.second = TrimmedConv2D(filters, 3, **same)
        self.second_norm = layers.BatchNormalization(dtype=self.dtype_policy)
        self.shortcut = layers.Conv2D(filters, 1, strides=stride, **same) if stride > 1 else None
        self.shortcut_norm = layers.BatchNormalization(dtype=self.dtype_policy) if stride > 1 else None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights for inputs of ``input_shape``."""
        inner_shape = self.compute_output_shape(input_shape)
        self.first.build(input_shape)
        self.first_norm.build(inner_shape)
        self.second.build(inner_shape)
        self.second_norm.build(inner_shape)
        if self.shortcut is not None and self.shortcut_norm is not None:
            self.shortcut.build(input_shape)
            self.shortcut_norm.build(inner_shape)
        self.built = True

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Map ``(N, H, W, C)`` to ``(N, ceil(H / stride), ceil(W / stride), filters)``."""
        outputs = keras.ops.relu(self.first_norm(self.first(inputs), training=training))
        outputs = self.second_norm(self.second(outputs), training=training)
        if self.shortcut is not None and self.shortcut_norm is not None:
            inputs = self.shortcut_norm(self.shortcut(inputs), training=training)
        return keras.ops.relu(outputs + inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the shape of the output for ``input_shape``."""
        shape: tuple[int | None, ...] = self.first.compute_output_shape(input_shape)
        return shape

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds this layer."""
        config: dict[str, Any] = super().get_config() | {"filters": self.filters, "stride": self.stride, "l2": self.l2}
        return config


def build(classes: int, dropout: float, l2: float) -> keras.Model:
    """Build the network; see ``ModelSpec.build`` for arguments and shapes. It has no dropout layer."""
    del dropout
    network: list[layers.Layer] = [
        layers.Conv2D(64, 7, strides=2, padding="same", kernel_regularizer=regularizers.L2(l2) if l2 else None),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(3, strides=2),
    ]
    for stage, (filters, blocks) in enumerate(STAGES):
        for block in range(blocks):
            network.append(ResidualBlock(filters, stride=2 if stage > 0 and block == 0 else 1, l2=l2))
    network += [
        layers.GlobalAveragePooling2D(),
        layers.Dense(classes, activation="softmax", dtype="float32"),
    ]
    inputs = keras.Input((28, 28, 1))
    outputs = inputs
    for layer in network:
        outputs = layer(outputs)
    return keras.Model(inputs, outputs, name="resnet34")
