"""Characters as people hand them in: on ruled paper, in a frame, on a desk, cropped tightly, in bad light."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from emnist_core import data
from emnist_core.explore import selection

Condition = Callable[..., np.ndarray]
"""A picture of labels, greys in 0..255 and beyond."""

LETTERS = "ABDEFGHJKMNPQRTUVWXY234678"
"""26 characters of different shapes; no two of them are look-alikes."""


def ink(label: str, width: int = 0) -> np.ndarray:
    """One of the sample's characters as a drawing, in 0..1 ``(280, 280)``; ``width`` thickens its strokes."""
    drawn = selection.enlarged(data.load("balanced", "test", "sample"), label) > 127
    if width:
        drawn = ndimage.binary_dilation(drawn, iterations=width)
    return np.asarray(ndimage.gaussian_filter(drawn.astype(float), 1.0))


def on_paper(drawn: np.ndarray, side: int = 420, paper: float = 240, pen: float = 30) -> np.ndarray:
    """The drawing in dark ink in the middle of light paper."""
    sheet = np.full((side, side), float(paper))
    top, left = (side - drawn.shape[0]) // 2, (side - drawn.shape[1]) // 2
    part = sheet[top : top + drawn.shape[0], left : left + drawn.shape[1]]
    part += (pen - paper) * drawn
    return sheet


def plain(label: str) -> np.ndarray:
    return on_paper(ink(label))


def chalk(label: str) -> np.ndarray:
    return 255 - on_paper(ink(label))


def ruled(label: str) -> np.ndarray:
    sheet = on_paper(ink(label))
    for row in range(14, 420, 42):
        sheet[row : row + 2] = np.minimum(sheet[row : row + 2], 150)
    return sheet


def ruled_aslant(label: str) -> np.ndarray:
    return np.asarray(Image.fromarray(ruled(label)).rotate(2.5, fillcolor=240, resample=Image.Resampling.BICUBIC))[
        30:-30, 30:-30
    ]


def squared(label: str) -> np.ndarray:
    sheet = ruled(label)
    for column in range(20, 420, 42):
        sheet[:, column : column + 2] = np.minimum(sheet[:, column : column + 2], 150)
    return sheet


def squared_finely(label: str) -> np.ndarray:
    """Lines of 2 pixels, 17 apart: at the size that is read a pixel each, 10 apart."""
    sheet = on_paper(ink(label))
    for place in range(8, 420, 17):
        sheet[place : place + 2] = np.minimum(sheet[place : place + 2], 110)
        sheet[:, place : place + 2] = np.minimum(sheet[:, place : place + 2], 110)
    return sheet


def dashed(label: str) -> np.ndarray:
    """The guides of a writing book: a line of dashes above, through and below the letter."""
    sheet = on_paper(ink(label))
    for row in (95, 210, 325):
        for column in range(0, 420, 24):
            dash = sheet[row : row + 3, column : column + 13]
            np.minimum(dash, 110, out=dash)
    return sheet


def ringed(label: str) -> np.ndarray:
    y, x = np.mgrid[:560, :560]
    sheet = on_paper(ink(label), 560)
    return np.where(np.abs(np.hypot(y - 280, x - 280) - 215) < 3, 40, sheet)


def framed(label: str) -> np.ndarray:
    sheet = on_paper(ink(label))
    sheet[10:14, 10:410] = sheet[406:410, 10:410] = 10
    sheet[10:410, 10:14] = sheet[10:410, 406:410] = 10
    return sheet


def on_a_desk(label: str) -> np.ndarray:
    desk = np.full((560, 640), 55.0) + np.random.default_rng(1).normal(0, 5, (560, 640))
    desk[60:480, 110:530] = on_paper(ink(label))
    return desk


def on_a_desk_aslant(label: str, degrees: float = 12) -> np.ndarray:
    sheet = Image.fromarray(on_paper(ink(label))).rotate(
        degrees, expand=True, fillcolor=60, resample=Image.Resampling.BICUBIC
    )
    desk = np.full((640, 640), 60.0)
    turned = np.asarray(sheet)
    desk[30 : 30 + turned.shape[0], 35 : 35 + turned.shape[1]] = turned
    return desk


def on_a_desk_askew(label: str) -> np.ndarray:
    return on_a_desk_aslant(label, 15)


def at_a_corner(label: str) -> np.ndarray:
    """A sheet that the picture cuts at two sides, on a desk."""
    desk = np.full((520, 520), 55.0) + np.random.default_rng(4).normal(0, 5, (520, 520))
    desk[:420, :420] = on_paper(ink(label))
    return desk


def at_a_side(label: str) -> np.ndarray:
    """A sheet that the picture cuts at three sides, on a desk."""
    desk = np.full((420, 540), 55.0) + np.random.default_rng(5).normal(0, 5, (420, 540))
    desk[:, 120:] = on_paper(ink(label))
    return desk


def scanned(label: str) -> np.ndarray:
    """With the scanner's lid black along two sides."""
    sheet = on_paper(ink(label))
    sheet[:14] = sheet[:, :22] = 8
    return sheet


def flash(label: str) -> np.ndarray:
    y, x = np.mgrid[:420, :420]
    light = 0.4 + 0.6 * np.exp(-((x - 200) ** 2 + (y - 220) ** 2) / (2 * 90**2))
    return np.asarray(on_paper(ink(label)) * light) + np.random.default_rng(2).normal(0, 2, (420, 420))


def shadow(label: str) -> np.ndarray:
    y, x = np.mgrid[:420, :420]
    return np.asarray(on_paper(ink(label)) * (1 - 0.45 / (1 + np.exp(-(x + 0.5 * y - 300) / 12))))


def tight(label: str) -> np.ndarray:
    drawn = ink(label, 4)
    rows, columns = np.flatnonzero(drawn.max(axis=1) > 0.5), np.flatnonzero(drawn.max(axis=0) > 0.5)
    return (250 - 240 * drawn)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


BLOCKS: dict[str, list[tuple[tuple[float, float], tuple[float, float]]]] = {
    "E": [((0, 0), (0, 2)), ((0, 0), (1, 0)), ((0, 1), (0.85, 1)), ((0, 2), (1, 2))],
    "H": [((0, 0), (0, 2)), ((1, 0), (1, 2)), ((0, 1), (1, 1))],
    "L": [((0, 0), (0, 2)), ((0, 2), (1, 2))],
    "T": [((0, 0), (1, 0)), ((0.5, 0), (0.5, 2))],
    "F": [((0, 0), (0, 2)), ((0, 0), (1, 0)), ((0, 0.9), (0.8, 0.9))],
    "D": [((0, 0), (0, 2)), ((0, 0), (0.7, 0)), ((0.7, 0), (1, 0.4)), ((1, 0.4), (1, 1.6)), ((1, 1.6), (0.7, 2)),
          ((0.7, 2), (0, 2))],
}  # fmt: skip
"""Letters of straight strokes, between (0, 0) and (1, 2)."""


def block_letter(label: str, pen: int = 22, unit: int = 110) -> np.ndarray:
    """A letter of straight thick strokes that fills its picture, uint8."""
    picture = Image.new("L", (unit + pen, 2 * unit + pen), 255)
    pencil = ImageDraw.Draw(picture)
    for stroke in BLOCKS[label]:
        points = [(x * unit + pen / 2, y * unit + pen / 2) for x, y in stroke]
        pencil.line(points, 0, pen)
        for x, y in points:
            pencil.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), 0)
    return np.asarray(picture)


def noisy(label: str) -> np.ndarray:
    return on_paper(ink(label), paper=210, pen=70) + np.random.default_rng(3).normal(0, 12, (420, 420))


CONDITIONS: tuple[Condition, ...] = (
    plain, chalk, ruled, ruled_aslant, squared, squared_finely, dashed, framed, ringed, on_a_desk, on_a_desk_aslant,
    on_a_desk_askew, at_a_corner, at_a_side, scanned, flash, shadow, tight, noisy,
)  # fmt: skip


def two(label: str, other: str) -> np.ndarray:
    """Two characters in one picture, side by side."""
    return np.hstack([on_paper(ink(label), 300), on_paper(ink(other), 300)])


def stacked(label: str, other: str) -> np.ndarray:
    """Two characters in one picture, one below the other."""
    return np.vstack([on_paper(ink(label), 300), on_paper(ink(other), 300)])


def along_lines(label: str) -> np.ndarray:
    """A letter of straight strokes on ruled paper, its level strokes beside lines."""
    letter = block_letter(label, pen=9, unit=100)
    sheet = np.full((420, 420), 240.0)
    sheet[100 : 100 + letter.shape[0], 150 : 150 + letter.shape[1]] -= 0.82 * (255.0 - letter)
    for row in (38, 98, 158, 218, 278, 310, 338, 398):
        sheet[row : row + 2] = np.minimum(sheet[row : row + 2], 130)
    return sheet


def in_fine_ink(label: str) -> np.ndarray:
    """A letter of straight strokes, three of 560 pixels wide."""
    letter = block_letter(label, pen=3, unit=170)
    sheet = np.full((560, 560), 240.0)
    sheet[110 : 110 + letter.shape[0], 180 : 180 + letter.shape[1]] -= 0.8 * (255.0 - letter)
    return sheet


def shot(condition: Condition, *labels: str) -> np.ndarray:
    """The picture as a camera keeps it, uint8."""
    return np.clip(condition(*labels), 0, 255).astype(np.uint8)
