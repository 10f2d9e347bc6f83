"""A small residual network with squeeze-and-excitation, made for 28x28 characters.

He, Zhang, Ren, Sun 2015 (arXiv:1512.03385) for the residual blocks and Hu, Shen, Sun 2017 (arXiv:1709.01507)
for the gates. Two things differ from a network for photographs: the first layer keeps all 28 pixels, since a
stroke is only two or three of them wide, and there are two stages instead of four, since a character is all of
the image and nothing is left to see at 4 pixels and under.
"""

from typing import Any

import keras
from keras import layers, regularizers

STEM = (32, 64)
STAGES = ((64, 2), (128, 2))
"""Filters and number of blocks of each stage, at 14 and at 7 pixels."""
SQUEEZE = 8


def build(classes: int, dropout: float, l2: float) -> keras.Model:
    """Build the network; see ``ModelSpec.build`` for arguments and shapes."""
    penalty = regularizers.L2(l2) if l2 else None

    def convolution(inputs: Any, filters: int, size: int = 3, stride: int = 1) -> Any:
        outputs = layers.Conv2D(
            filters, size, strides=stride, padding="same", use_bias=False, kernel_regularizer=penalty
        )(inputs)
        return layers.BatchNormalization()(outputs)

    def gate(inputs: Any, filters: int) -> Any:
        weights = layers.GlobalAveragePooling2D(keepdims=True)(inputs)
        weights = layers.Conv2D(filters // SQUEEZE, 1, activation="relu", kernel_regularizer=penalty)(weights)
        weights = layers.Conv2D(filters, 1, activation="sigmoid", kernel_regularizer=penalty)(weights)
        return layers.Multiply()([inputs, weights])

    def block(inputs: Any, filters: int, stride: int) -> Any:
        outputs = layers.ReLU()(convolution(inputs, filters, stride=stride))
        outputs = gate(convolution(outputs, filters), filters)
        shortcut = inputs if stride == 1 else convolution(inputs, filters, 1, stride)
        return layers.ReLU()(layers.Add()([outputs, shortcut]))

    inputs = keras.Input((28, 28, 1))
    outputs = layers.ReLU()(convolution(inputs, STEM[0]))
    outputs = layers.ReLU()(convolution(outputs, STEM[1], stride=2))
    for stage, (filters, blocks) in enumerate(STAGES):
        for number in range(blocks):
            outputs = block(outputs, filters, 2 if stage and number == 0 else 1)
    outputs = layers.GlobalAveragePooling2D()(outputs)
    outputs = layers.Dropout(dropout)(outputs)
    outputs = layers.Dense(classes, activation="softmax", dtype="float32")(outputs)
    return keras.Model(inputs, outputs, name="se_resnet")
