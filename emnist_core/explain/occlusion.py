"""Occlusion: cover a patch of the image, see how the answer changes (Zeiler and Fergus 2014, arXiv:1311.2901)."""

import numpy as np

from emnist_core.arrays import Images, Maps, Mask, Pixels
from emnist_core.serving.recognizer import Recognizer

PATCH = 5
STEP = 2


def covered(image: Pixels, patch: int = PATCH, step: int = STEP) -> tuple[Images, Mask]:
    """The image with a square of paper over each place in turn.

    Args:
        image: uint8 ``(28, 28)``, ink 255.
        patch: side of the square, in pixels.
        step: pixels from one place to the next.

    Returns:
        The covered images, uint8 ``(places, 28, 28)``, and where each is covered, bool of the same shape.
        Places where there is no ink to cover are left out.
    """
    height, width = image.shape
    half = patch // 2
    rows, columns = np.arange(height)[:, None], np.arange(width)
    masks = np.array(
        [
            (abs(rows - y) <= half) & (abs(columns - x) <= half)
            for y in range(0, height, step)
            for x in range(0, width, step)
        ]
    )
    masks = masks[(masks & (image > 0)).any(axis=(1, 2))]
    return np.where(masks, np.uint8(0), image), masks


def occlusion(
    serving: Recognizer, image: Pixels, classes: tuple[int, ...], patch: int = PATCH, step: int = STEP
) -> Maps:
    """How much each pixel speaks for some classes.

    Args:
        serving: the opened serving model.
        image: uint8 ``(28, 28)``.
        classes: indices of the classes to ask for.
        patch, step: see ``covered``.

    Returns:
        float32 ``(len(classes), 28, 28)`` in [-1, 1]: the fall of the class's probability when the pixel is
        covered, as a mean over the patches that cover it. Above 0 the ink there speaks for the class, below
        0 against it; 0 where there is no ink to cover.
    """
    images, masks = covered(image, patch, step)
    answers = serving.probabilities(np.concatenate([image[np.newaxis], images]))[:, list(classes)]
    fall = answers[0] - answers[1:]
    times = np.maximum(masks.sum(axis=0), 1)
    heat: Maps = (np.einsum("pc,pyx->cyx", fall, masks.astype(np.float32)) / times).astype(np.float32)
    return heat
