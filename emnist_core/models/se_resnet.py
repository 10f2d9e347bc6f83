"""A small residual network with squeeze-and-excitation, made for 28x28 characters, and its variants.

He, Zhang, Ren, Sun 2015 (arXiv:1512.03385) for the residual blocks and Hu, Shen, Sun 2017 (arXiv:1709.01507)
for the gates. Two things differ from a network for photographs: the first layer keeps all 28 pixels, since a
stroke is only two or three of them wide, and there are two stages instead of four, since a character is all of
the image and nothing is left to see at 4 pixels and under.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, regularizers

SQUEEZE = 8


def build(
    classes: int,
    dropout: float,
    l2: float,
    stem: Sequence[int] = (32, 64),
    stages: Sequence[tuple[int, int]] = ((64, 2), (128, 2)),
    gated: bool = True,
    anti_aliased: bool = False,
    attention: bool = False,
) -> keras.Model:
    """Build the network; see ``ModelSpec.build`` for the other arguments and shapes.

    Args:
        stem: filters of the first layers; the last of them halves the resolution.
        stages: filters and number of blocks of each stage; each stage but the first halves the resolution. The first
            has as many filters as the stem ends with.
        gated: whether squeeze-and-excitation gates scale the maps of a block.
        anti_aliased: whether maps are blurred by (1, 2, 1) before every second pixel is left out (Zhang 2019,
            arXiv:1904.11486), instead of convolutions that step over it.
        attention: whether the mean over all places that is classified is weighted by what a 1x1 convolution finds
            there, with a softmax over the places, instead of a plain one.
    """
    penalty = regularizers.L2(l2) if l2 else None

    def convolution(inputs: Any, filters: int, size: int = 3, stride: int = 1) -> Any:
        outputs = layers.Conv2D(
            filters, size, strides=stride, padding="same", use_bias=False, kernel_regularizer=penalty
        )(inputs)
        return layers.BatchNormalization()(outputs)

    def blurred(inputs: Any) -> Any:
        """Every second pixel of the maps blurred by (1, 2, 1), which is (1, 1) twice."""
        outputs = layers.AveragePooling2D(2, strides=1, padding="same")(inputs)
        return layers.AveragePooling2D(2, strides=2)(outputs)

    def activated(inputs: Any, filters: int, stride: int = 1) -> Any:
        if stride > 1 and anti_aliased:
            return blurred(layers.ReLU()(convolution(inputs, filters)))
        return layers.ReLU()(convolution(inputs, filters, stride=stride))

    def gate(inputs: Any, filters: int) -> Any:
        weights = layers.GlobalAveragePooling2D(keepdims=True)(inputs)
        weights = layers.Conv2D(filters // SQUEEZE, 1, activation="relu", kernel_regularizer=penalty)(weights)
        weights = layers.Conv2D(filters, 1, activation="sigmoid", kernel_regularizer=penalty)(weights)
        return layers.Multiply()([inputs, weights])

    def block(inputs: Any, filters: int, stride: int) -> Any:
        outputs = convolution(activated(inputs, filters, stride), filters)
        outputs = gate(outputs, filters) if gated else outputs
        if stride == 1:
            shortcut = inputs
        elif anti_aliased:
            shortcut = convolution(blurred(inputs), filters, 1)
        else:
            shortcut = convolution(inputs, filters, 1, stride)
        return layers.ReLU()(layers.Add()([outputs, shortcut]))

    def attended(inputs: Any) -> Any:
        """The maps, each place scaled by its share of the attention, which is 1 on average."""
        shares = layers.Softmax(axis=(1, 2))(layers.Conv2D(1, 1, kernel_regularizer=penalty)(inputs))
        return layers.Multiply()([inputs, layers.Rescaling(inputs.shape[1] * inputs.shape[2])(shares)])

    inputs = keras.Input((28, 28, 1))
    outputs = inputs
    for number, filters in enumerate(stem, start=1):
        outputs = activated(outputs, filters, 2 if number == len(stem) else 1)
    for stage, (filters, blocks) in enumerate(stages):
        for number in range(blocks):
            outputs = block(outputs, filters, 2 if stage and number == 0 else 1)
    outputs = layers.GlobalAveragePooling2D()(attended(outputs) if attention else outputs)
    outputs = layers.Dropout(dropout)(outputs)
    outputs = layers.Dense(classes, activation="softmax", dtype="float32")(outputs)
    return keras.Model(inputs, outputs, name="se_resnet")
