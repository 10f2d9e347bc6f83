"""A drawn 4, and what two images are compared by."""

import io
from typing import Any

import numpy as np
from PIL import Image, ImageDraw


def drawing(side: int = 280, width: int = 18, *, scale: float = 1.0, move: tuple[int, int] = (0, 0)) -> np.ndarray:
    """A hand-drawn 4 on a square canvas, ``uint8 (side, side)``."""
    picture = Image.new("L", (side, side))
    pen = ImageDraw.Draw(picture)
    unit = side / 280 * scale
    for stroke in (((90, 50), (70, 150), (190, 150)), ((165, 60), (155, 230))):
        points = [(x * unit + move[0], y * unit + move[1]) for x, y in stroke]
        pen.line(points, fill=255, width=round(width * unit), joint="curve")
        for x, y in points:
            r = width * unit / 2
            pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
    return (np.asarray(picture) > 127).astype(np.uint8) * 255


def png(array: np.ndarray, mode: str | None = None, **options: Any) -> bytes:
    """Encode an array as PNG, or as what ``format`` says."""
    packed = io.BytesIO()
    Image.fromarray(array, mode).save(packed, **{"format": "PNG", **options})
    return packed.getvalue()


def box(image: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two images."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])
