"""LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition").

Layer names are the paper's. Two simplifications are usual today and made here too: C3 sees all six maps
of S2, and a softmax replaces the radial-basis outputs.
"""

import keras
from keras import layers, regularizers


def build(classes: int, dropout: float, l2: float) -> keras.Model:
    """Build the network; see ``ModelSpec.build`` for arguments and shapes. It has no dropout layer."""
    del dropout
    penalty = regularizers.L2(l2) if l2 else None
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(6, 5, activation="tanh", kernel_regularizer=penalty, name="c1"),
            layers.AveragePooling2D(2, name="s2"),
            layers.Conv2D(16, 5, activation="tanh", kernel_regularizer=penalty, name="c3"),
            layers.AveragePooling2D(2, name="s4"),
            layers.Conv2D(120, 5, activation="tanh", kernel_regularizer=penalty, name="c5"),
            layers.Flatten(),
            layers.Dense(84, activation="tanh", name="f6"),
            layers.Dense(classes, activation="softmax", dtype="float32", name="output"),
        ],
        name="lenet5",
    )
