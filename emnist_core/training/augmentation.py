"""Random variation of training images, inside the compiled step and on any Keras backend.

One layer samples one displacement field an image: a random affine map, and for ``elastic`` also a smooth
random displacement (Simard, Steinkraus, Platt 2003, "Best practices for convolutional neural networks").
Characters are never flipped: a flipped character is another character or none.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

ROTATION = 0.14  # radians, about 8 degrees
SHEAR = 0.12
SCALE = 0.10
SHIFT = 1.5  # pixels
ELASTIC = 1.2  # pixels
ELASTIC_GRID = 5  # control points across the image; fewer make smoother displacements


class Augment(keras.layers.Layer):
    """Vary images in training; hand them through unchanged otherwise.

    Args:
        elastic: whether to add a smooth random displacement to the affine map.
        seed: seed of the variation.
    """

    def __init__(self, elastic: bool, seed: int, **kwargs: Any) -> None:
        # Positions need float32 even where the network computes in bfloat16.
        super().__init__(dtype="float32", **kwargs)
        self.elastic = elastic
        self.random = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        """Map float ``(N, H, W, 1)`` to the same shape."""
        return self._vary(images) if training else images

    def _uniform(self, count: Any, spread: float) -> Any:
        return keras.random.uniform((count, 1, 1), -spread, spread, seed=self.random)

    def _vary(self, images: Any) -> Any:
        count, height, width = ops.shape(images)[0], images.shape[1], images.shape[2]
        down, right = np.meshgrid(
            np.arange(height, dtype="float32") - (height - 1) / 2,
            np.arange(width, dtype="float32") - (width - 1) / 2,
            indexing="ij",
        )
        angle, shear = self._uniform(count, ROTATION), self._uniform(count, SHEAR)
        tall, wide = 1 + self._uniform(count, SCALE), 1 + self._uniform(count, SCALE)
        rows = (ops.cos(angle) * down + ops.sin(angle) * right) * tall
        columns = (ops.cos(angle) * right - ops.sin(angle) * down + shear * down) * wide
        rows = rows + self._uniform(count, SHIFT) + (height - 1) / 2
        columns = columns + self._uniform(count, SHIFT) + (width - 1) / 2
        if self.elastic:
            control = keras.random.uniform((count, ELASTIC_GRID, ELASTIC_GRID, 2), -ELASTIC, ELASTIC, seed=self.random)
            displacement = ops.image.resize(
                control, (height, width), interpolation="bicubic", data_format="channels_last"
            )
            rows, columns = rows + displacement[..., 0], columns + displacement[..., 1]
        return sample(images, rows, columns)


def sample(images: Any, rows: Any, columns: Any) -> Any:
    """Read ``images`` (N, H, W, 1) at fractional positions (N, H, W), bilinearly; outside is paper (0)."""
    count, height, width = ops.shape(images)[0], images.shape[1], images.shape[2]
    # Positions further out read the padding, which is paper.
    padded = ops.reshape(ops.pad(images[..., 0], ((0, 0), (1, 2), (1, 2))), (-1,))
    pitch = width + 3
    rows, columns = ops.clip(rows + 1, 0.0, height + 1.0), ops.clip(columns + 1, 0.0, width + 1.0)
    top, left = ops.floor(rows), ops.floor(columns)
    down, right = rows - top, columns - left
    first = ops.reshape(ops.arange(count) * ((height + 3) * pitch), (-1, 1, 1))
    corner = ops.cast(first, "int32") + ops.cast(top * pitch + left, "int32")
    upper = ops.take(padded, corner) * (1 - right) + ops.take(padded, corner + 1) * right
    lower = ops.take(padded, corner + pitch) * (1 - right) + ops.take(padded, corner + pitch + 1) * right
    return ops.expand_dims(upper * (1 - down) + lower * down, -1)
