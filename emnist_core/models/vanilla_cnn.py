"""The report's Vanilla CNN: two convolutions with max pooling, then two dense layers."""

import keras
from keras import layers, regularizers


def build(classes: int, dropout: float, l2: float) -> keras.Model:
    """Build the network; see ``ModelSpec.build`` for arguments and shapes."""
    penalty = regularizers.L2(l2) if l2 else None
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(128, 5, padding="same", activation="relu", kernel_regularizer=penalty),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu", kernel_regularizer=penalty),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(dropout),
            layers.Dense(classes, activation="softmax", dtype="float32"),
        ],
        name="vanilla_cnn",
    )
