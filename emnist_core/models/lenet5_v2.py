"""The report's LeNet-5 v2: doubled convolutions, batch normalisation, dropout and L2 regularisation.

The report gives the layers and says that L2 is used, not where: here it is on every convolution kernel.
"""

import keras
from keras import layers, regularizers


def build(classes: int, dropout: float, l2: float, input_size: int = 28) -> keras.Model:
    """Build the network; see ``ModelSpec.build`` for arguments and shapes."""

    def convolution(filters: int, size: int, number: int, first: bool) -> layers.Layer:
        # The second convolution of a pair is followed by batch normalisation, which makes a bias idle.
        return layers.Conv2D(
            filters,
            size,
            activation="relu" if first else None,
            use_bias=first,
            kernel_regularizer=regularizers.L2(l2) if l2 else None,
            name=f"convolution_{number}",
        )

    def normalised_relu(number: int) -> list[layers.Layer]:
        name = "activation" if number == 1 else f"activation_{number - 1}"
        return [layers.BatchNormalization(name=f"batchnorm_{number}"), layers.Activation("relu", name=name)]

    def dense(units: int, number: int) -> list[layers.Layer]:
        return [
            layers.Dense(units, use_bias=False, name=f"fully_connected_{number}"),
            *normalised_relu(number + 2),
        ]

    return keras.Sequential(
        [
            keras.Input((input_size, input_size, 1)),
            convolution(32, 5, 1, first=True),
            convolution(32, 5, 2, first=False),
            *normalised_relu(1),
            layers.MaxPooling2D(name="max_pool_1"),
            layers.Dropout(dropout, name="dropout_1"),
            convolution(64, 3, 3, first=True),
            convolution(64, 3, 4, first=False),
            *normalised_relu(2),
            layers.MaxPooling2D(name="max_pool_2"),
            layers.Dropout(dropout, name="dropout_2"),
            layers.Flatten(name="flatten"),
            *dense(256, 1),
            *dense(128, 2),
            *dense(84, 3),
            layers.Dropout(dropout, name="dropout_3"),
            layers.Dense(classes, activation="softmax", dtype="float32", name="output"),
        ],
        name="lenet5_v2" if input_size == 28 else f"lenet5_v2_{input_size}",
    )
