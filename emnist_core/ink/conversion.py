"""Ink -> a 28×28 EMNIST image, step by step.

The steps are those of Cohen, Afshar, Tapson and van Schaik, "EMNIST: an extension of MNIST to handwritten
letters" (arXiv:1702.05373), figure 1. They start from a 128×128 binary scan of NIST Special Database 19,
and two facts about those scans decide how a drawing of any size is brought to their scale first:

* People wrote with pens of one kind, so strokes are about 7 pixels wide in the scans whatever the size of
  the character. A character with relatively thick strokes was small on the form, one with thin strokes large.
* Reconverting the shapes of real EMNIST images at many scales gives back the original best where the longer
  side is 24 to 70 pixels, mostly near 48, and that side times the relative stroke width is 6 to 8. A limit
  of 58 costs nothing there and reproduces EMNIST's margins best.

Nothing here knows Streamlit. Ink is ``uint8 (H, W)``, 255 where there is ink and 0 elsewhere. The same steps in
JavaScript, for a drawing that is read while the pen moves, are ``emnist_core/reader/conversion.js``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from emnist_core.arrays import Mask
from emnist_core.errors import ImageError

Ink = NDArray[np.uint8]
Grey = NDArray[np.float32]

SCAN = 128
"""Side of a Special Database 19 image."""
PEN = 7.0
"""Width of a stroke in such an image, in pixels."""
SMALLEST, LARGEST = 24, 58
"""Limits of the longer side of a character in such an image, in pixels."""
THINNEST, BLOB = 0.08, 0.5
"""Stroke width over longer side: thinner does not occur in EMNIST, thicker is no writing."""
SIGMA = 1.0
SOFT_EDGE = 4
"""Pixels by which the blur (cut off at 4 sigma) widens the character on each side."""
BORDER = 2
SIDE = 28

WORK_SIDE = 512
"""Longer side to which larger ink is brought first."""
LEAST_SIDE = 8
SPECK = 0.02
"""Parts of ink smaller than this share of the largest part are dirt: they must not move its bounding box."""
FULL = 0.6
"""Share of ink above which a canvas is filled rather than written on."""

PROBLEMS = {
    "empty": "Draw a character first.",
    "filled": "The canvas is filled with ink; clear it and draw one character.",
    "blob": "That is only a dot or a blob; draw one character with strokes, larger.",
}
"""Why ink is no character, in a sentence for each name."""
STEPS = (
    ("Ink", "What was drawn, every pixel either ink or paper."),
    ("Scan", f"At the size of a NIST scan of {SCAN}×{SCAN}: strokes about {PEN:g} pixels wide."),
    ("Blur", "Softened with a Gaussian of 1 pixel."),
    ("Crop", "Cut to the region that holds the character."),
    ("Square", f"Centred by its bounding box in a square, with a border of {BORDER} pixels."),
    (f"{SIDE}×{SIDE}", "Downsampled with bicubic interpolation."),
    ("EMNIST", "Intensities stretched to 0..255: this is what a model sees."),
)
"""The title of each step of a conversion, and what it does."""


@dataclass(frozen=True)
class Step:
    """One step of the conversion: ``image`` is ``uint8`` (height, width), ink bright on 0."""

    title: str
    explanation: str
    image: Ink


@dataclass(frozen=True)
class Conversion:
    """All steps of a conversion; ``image`` is the last step's ``uint8 (28, 28)``."""

    steps: tuple[Step, ...]

    @property
    def image(self) -> Ink:
        """The finished EMNIST image."""
        return self.steps[-1].image


def without_specks(mask: Mask) -> Mask:
    """Drop parts of ink that are tiny beside the largest one."""
    parts, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0  # the paper
    large: Mask = (sizes >= SPECK * sizes.max())[parts] & mask
    return large


# --- ink -> an EMNIST image


def convert(ink: Ink) -> Conversion:
    """Convert ink, ``uint8 (H, W)`` of any size with ink over 127, to an EMNIST image.

    Specks are left out. The same ink gives the same image wherever and however large it is drawn.

    Raises:
        ImageError: there is no ink, only a dot or a blob, or the canvas is filled.
    """
    mask = ink > 127
    if not mask.any():
        raise ImageError(PROBLEMS["empty"])
    if mask.mean() > FULL:
        raise ImageError(PROBLEMS["filled"])
    character = _at_scan_scale(_crop(without_specks(mask)))
    height, width = (side + 2 * SOFT_EDGE for side in character.shape)
    scan = _middle(character.astype(np.float32), SCAN, SCAN)
    blurred = ndimage.gaussian_filter(scan, SIGMA, truncate=SOFT_EDGE / SIGMA)
    cropped = _middle(blurred, height, width)
    square = _middle(cropped, max(height, width) + 2 * BORDER, max(height, width) + 2 * BORDER)
    small = _downsample(square)
    final = small / small.max()
    images = (_as_ink(mask), *map(_as_grey, (scan, blurred, cropped, square, small, final)))
    return Conversion(tuple(Step(*words, image) for words, image in zip(STEPS, images, strict=True)))


def _at_scan_scale(ink: Mask) -> Mask:
    """Scale cropped ink to what it would measure in a NIST scan, both sides even.

    Raises:
        ImageError: the ink is too little or too compact to be writing.
    """
    if max(ink.shape) > WORK_SIDE:
        ink = _resize(ink, WORK_SIDE)
    longer = max(ink.shape)
    pen = _stroke_width(ink) / longer
    if longer < LEAST_SIDE or pen > BLOB:
        raise ImageError(PROBLEMS["blob"])
    if pen < THINNEST:
        reach = (THINNEST - pen) * longer / 2
        ink = _crop(ndimage.distance_transform_edt(~np.pad(ink, int(reach) + 1)) <= reach)
        pen = THINNEST
    return _resize(ink, round(min(max(PEN / pen, SMALLEST), LARGEST)))


def _stroke_width(ink: Mask) -> float:
    """Return the mean stroke width in pixels: the mean distance to paper across a stroke is a quarter."""
    distance = ndimage.distance_transform_edt(np.pad(ink, 1))
    return 4 * float(distance[distance > 0].mean() - 0.5)  # distances run from pixel centre to pixel centre


def _resize(ink: Mask, longer: int) -> Mask:
    """Scale ink so that its longer side has about ``longer`` pixels, and both sides an even number."""
    scale = longer / max(ink.shape)
    height, width = (2 * max(1, round(side * scale / 2)) for side in ink.shape)
    scaled = Image.fromarray(_as_ink(ink)).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(scaled) > 127


def _crop(ink: Mask) -> Mask:
    """Cut ink to its bounding box."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _middle(image: Grey, height: int, width: int) -> Grey:
    """Cut or widen an image with 0 to ``(height, width)`` about its middle: exact, as every side is even."""
    down, across = (height - image.shape[0]) // 2, (width - image.shape[1]) // 2
    widened = np.pad(image, ((max(down, 0),) * 2, (max(across, 0),) * 2))
    top, left = max(-down, 0), max(-across, 0)
    return widened[top : top + height, left : left + width]


def _downsample(square: Grey) -> Grey:
    """Sample a square at 28×28 points with the bicubic kernel of Keys (1981, a = -0.5).

    Sampling at points, not averaging over the area of a target pixel: the blur has already taken what a
    coarser grid cannot show, and real EMNIST images are as crisp as this.
    """
    side = square.shape[0]
    points = (np.arange(SIDE, dtype=np.float32) + 0.5) * (side / SIDE) - 0.5
    away = np.abs(points[:, None] - np.arange(side, dtype=np.float32))
    near = (1.5 * away - 2.5) * away**2 + 1
    far = ((2.5 - 0.5 * away) * away - 4) * away + 2
    weights = np.where(away < 1, near, np.where(away < 2, far, 0))
    return np.clip(weights @ square @ weights.T, 0, None)


def _as_ink(mask: Mask) -> Ink:
    return mask.astype(np.uint8) * np.uint8(255)


def _as_grey(image: Grey) -> Ink:
    return np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
