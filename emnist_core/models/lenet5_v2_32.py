"""LeNet-5 v2 on 32x32 input: the report's second LeNet row."""

import keras

from emnist_core.models import lenet5_v2


def build(classes: int, dropout: float, l2: float) -> keras.Model:
    """Build the network; see ``ModelSpec.build`` for arguments and shapes."""
    return lenet5_v2.build(classes, dropout, l2, input_size=32)
