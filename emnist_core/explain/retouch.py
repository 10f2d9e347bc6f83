"""Changing an EMNIST image by hand: ink added, ink wiped away, to see what the model needed."""

import numpy as np

from emnist_core.arrays import Pixels, Values

WIPE = "#d9772b"
"""The colour of the stroke that wipes; every other colour is ink."""


def retouch(image: Pixels, strokes: Pixels | None) -> Pixels:
    """The image with strokes laid over it.

    Args:
        image: uint8 ``(28, 28)``, ink 255.
        strokes: uint8 ``(28 k, 28 k, 4)``, RGBA of a canvas over the enlarged image, transparent where nothing
            was drawn; the colour ``WIPE`` takes ink away. None before the first stroke.

    Returns:
        uint8 ``(28, 28)``. A stroke that covers part of a pixel counts by that part.
    """
    if strokes is None or not strokes[..., 3].any():
        return image.copy()
    side = strokes.shape[0] // image.shape[0]
    covered = strokes[..., 3].astype(float) / 255
    wipes = strokes[..., 0].astype(int) - strokes[..., 2] > 80

    def shares(mask: Values) -> Values:
        means: Values = mask.reshape(image.shape[0], side, image.shape[1], side).mean(axis=(1, 3))
        return means

    added, wiped = shares(np.where(wipes, 0, covered)), shares(np.where(wipes, covered, 0))
    ink = np.maximum(image / 255, added) * (1 - wiped)
    return np.rint(255 * ink).astype(np.uint8)
