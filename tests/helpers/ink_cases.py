"""Ink of every kind, and what each becomes: the table that both conversions, Python's and JavaScript's, are held to."""

import numpy as np
from PIL import Image, ImageDraw

from emnist_core.arrays import Pixels
from tests.helpers.drawings import drawing


def dot(radius: int) -> Pixels:
    """A filled circle in the middle of a canvas, uint8 ``(280, 280)``."""
    picture = Image.new("L", (280, 280))
    ImageDraw.Draw(picture).ellipse((140 - radius, 140 - radius, 140 + radius, 140 + radius), fill=255)
    return np.asarray(picture)


def bar(height: int, width: int, side: int = 280) -> Pixels:
    """An upright or a dash, uint8 ``(side, side)``."""
    picture = np.zeros((side, side), np.uint8)
    picture[30 : 30 + height, 40 : 40 + width] = 255
    return picture


def speckled() -> Pixels:
    """The 4 with dirt beside it."""
    picture = drawing()
    picture[270, 270] = picture[5:7, 100] = 255
    return picture


CASES: dict[str, tuple[Pixels, str | None]] = {
    "a 4": (drawing(), None),
    "a thin 4": (drawing(width=2), None),
    "a thick 4": (drawing(width=34), None),
    "a small 4": (drawing(scale=0.3), None),
    "a 4 at another place": (drawing(move=(37, -21)), None),
    "a large 4": (drawing(side=700), None),
    "a 4 of few pixels": (drawing(side=60), None),
    "a 4 with specks": (speckled(), None),
    "an upright": (bar(240, 20), None),
    "a dash": (bar(20, 120), None),
    "an upright of one pixel": (bar(200, 1), None),
    "a line on a wide canvas": (np.pad(bar(20, 120), ((0, 0), (0, 420))), None),
    "nothing": (np.zeros((280, 280), np.uint8), "empty"),
    "faint": (np.full((280, 280), 127, np.uint8), "empty"),
    "filled": (np.pad(np.full((240, 280), 255, np.uint8), ((40, 0), (0, 0))), "filled"),
    "a dot of a pixel": (dot(1), "blob"),
    "a dot": (dot(9), "blob"),
    "a blob": (dot(60), "blob"),
}
"""Ink, and the name of what is wrong with it where it is no character."""


def scribbles(count: int, seed: int = 5) -> list[Pixels]:
    """Random strokes on canvases of about 280 pixels, with pens of every width that the page has."""
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(count):
        side = int(random.integers(240, 321))
        picture = Image.new("L", (side, 280))
        pen = ImageDraw.Draw(picture)
        for _ in range(random.integers(1, 4)):
            points = [tuple(random.uniform(15, side - 15, 2)) for _ in range(random.integers(2, 5))]
            pen.line(points, fill=255, width=int(random.integers(8, 33)), joint="curve")
        drawn.append(np.asarray(picture))
    return drawn
