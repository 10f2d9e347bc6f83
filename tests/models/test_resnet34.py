"""What ResNet-34 leaves out of its windows, against convolutions that leave out nothing."""

import keras
import numpy as np
import pytest

from emnist_core.models.resnet34 import TrimmedConv2D, taps_on_the_map


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 3, 5, 6])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_trimmed_convolution_answers_as_a_whole_one(size: int, kernel: int, stride: int) -> None:
    options = {"strides": stride, "padding": "same", "bias_initializer": "random_normal"}
    whole, trimmed = keras.layers.Conv2D(4, kernel, **options), TrimmedConv2D(4, kernel, **options)
    inputs = np.random.default_rng(size).standard_normal((2, size, size, 3)).astype(np.float32)
    whole.build(inputs.shape)
    trimmed.build(inputs.shape)
    trimmed.set_weights(whole.get_weights())
    np.testing.assert_allclose(trimmed(inputs), whole(inputs), atol=1e-5)


@pytest.mark.parametrize(
    ("size", "stride", "taps"),
    [(1, 1, range(1, 2)), (2, 2, range(2)), (2, 1, range(3)), (3, 2, range(3)), (1, 2, range(1, 2))],
)
def test_the_taps_on_a_small_map_by_hand(size: int, stride: int, taps: range) -> None:
    assert taps_on_the_map(size, 3, stride) == taps
