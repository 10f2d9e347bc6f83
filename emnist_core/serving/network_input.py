"""Turning uint8 images into what a network takes; training, export and serving share it."""

import numpy as np

from emnist_core.arrays import Images, Inputs


def network_input(images: Images, size: int) -> Inputs:
    """Scale to [0, 1] and pad evenly to ``size`` pixels.

    Args:
        images: uint8 ``(N, 28, 28)``, ink 255.
        size: height and width of the network's input, at least 28 and even.

    Returns:
        float32 ``(N, size, size, 1)``, ink 1.
    """
    scaled = images.astype(np.float32) / np.float32(255)
    margin = (size - images.shape[1]) // 2
    if margin:
        scaled = np.pad(scaled, ((0, 0), (margin, margin), (margin, margin)))
    return scaled[..., np.newaxis]
