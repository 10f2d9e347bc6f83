"""Writing in a picture -> ink: the sheet is found, lines and frames are taken away, and what was left out is said.

A picture is seen in both ways, dark on light and light on dark, and read in the way whose marks end where the picture
really changes; where both do, in the one with thinner strokes in fewer pieces. The picture's rim has no say, for it may
be a desk, a frame, or, in a tight crop, ink.

SciPy's filters do what is needed here; OpenCV or scikit-image would add 50 MB or more to a host that only serves.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from emnist_core.arrays import Mask, Pixels
from emnist_core.errors import ImageError
from emnist_core.ink.conversion import Grey, without_specks
from emnist_core.ink.decoding import decode
from emnist_core.ink.word import characters

WORK_SIDE = 256
"""Longer side to which a picture is brought before its ink is looked for."""
LEAST_CONTRAST = 30
"""Grey levels between ink and paper below which there is no writing."""
FULL = 0.75
"""Share of ink above which a picture is covered rather than written on."""
RIM = 0.9
"""Share of the picture's rim above which it is no ink that lies there."""
SHEET = 0.15
"""Share of the picture from which a bright or dark area can be a sheet."""
THIN = 0.03
"""Thickness of a ruled line over the picture's longer side, at most."""
LONG = 0.8
"""Length of a ruled line over the sheet's side, at least."""
AS_SHARP = 0.85
"""Share of the sharper reading's sharpness from which the other is as sharp."""
SECOND = 0.4
"""Height over the tallest one's from which a second character is no dot and no accent."""

ALL_AROUND = np.ones((3, 3))


@dataclass(frozen=True, eq=False)
class Picture:
    """What is written in a picture.

    Attributes:
        ink: uint8 ``(H, W)`` of 0 and 255, with paper around it.
        notes: what was left out or found twice, a sentence each.
    """

    ink: Pixels
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Reading:
    """A picture seen as dark on light.

    Attributes:
        ink: its marks.
        notes: what was left out.
        sharpness: how much the picture changes, on average, where marks end, in grey levels a pixel.
    """

    ink: Mask
    notes: tuple[str, ...]
    sharpness: float

    def clumsiness(self) -> float:
        """Half the thickness of the thickest mark, in pixels, times the number of pieces."""
        # Beyond the picture's rim there is paper: ink that a crop cut is no thicker for it.
        radius = ndimage.distance_transform_edt(np.pad(self.ink, 1)).max()
        return float(radius * ndimage.label(self.ink, ALL_AROUND)[1])


def read_picture(data: bytes) -> Picture:
    """The ink in a picture file; see ``decoding.decode`` for what files are read.

    Raises:
        ImageError: not a picture, too small, too large, nothing written on it or covered with ink.
    """
    grey = decode(data, WORK_SIDE)
    smooth = _mean_of_nine(grey)
    change = np.hypot(*np.gradient(smooth))
    seen = ((grey, smooth), (255 - grey, 255 - smooth))
    readings = [reading for each in seen if (reading := _read_dark(*each, change)) is not None]
    if not readings:
        raise ImageError("No writing was found in the picture; use one character in dark ink on light paper.")
    readings = [reading for reading in readings if reading.ink.mean() <= FULL and _on_rim(reading.ink) <= RIM]
    if not readings:
        raise ImageError("The picture is covered with ink; leave some empty paper around the character.")
    sharpest = max(reading.sharpness for reading in readings)
    equals = [reading for reading in readings if reading.sharpness >= AS_SHARP * sharpest]
    best = equals[0] if len(equals) == 1 else min(equals, key=Reading.clumsiness)
    # Paper all around: a tight crop is a character like any other.
    ink = np.pad(best.ink, WORK_SIDE // 10).astype(np.uint8) * np.uint8(255)
    return Picture(ink, best.notes + _second_character(ink))


def _read_dark(grey: Grey, smooth: Grey, change: Grey) -> Reading | None:
    """The dark writing on light paper; None where there is none."""
    sheet = _sheet(smooth)
    notes: tuple[str, ...] = ()
    if sheet is not None:
        grey = np.where(sheet, grey, np.median(grey[sheet])).astype(np.float32)
        notes = ("What lies around the sheet, or its frame, was left out.",)
    contrast = _contrast(grey)
    mask = contrast > _otsu(contrast)
    lines = _lines(mask, sheet)
    if lines.any():
        mask, contrast = _without_lines(mask, contrast, lines)
        notes += ("Lines across the paper were left out.",)
    if not mask.any() or contrast[mask].mean() - contrast[~mask].mean() < LEAST_CONTRAST:
        return None
    ink = _with_wide_strokes(without_specks(mask), grey)
    return Reading(ink, notes, _sharpness(change, ink))


def _on_rim(ink: Mask) -> float:
    return float(np.concatenate([ink[1], ink[-2], ink[:, 1], ink[:, -2]]).mean())


def _with_wide_strokes(ink: Mask, grey: Grey) -> Mask:
    """The ink, with the inside of strokes wider than the window that looks for paper, which took it for paper."""
    filled = _filled(ink)
    inside = filled & ~ink
    if not inside.any() or filled.all():
        return ink
    level, paper = np.median(grey[ink]), np.median(grey[~filled])
    wide: Mask = ink | (inside & (grey < level + 0.25 * (paper - level)))
    return wide


def _sharpness(change: Grey, ink: Mask) -> float:
    inner = ink[1:-1, 1:-1]
    ends = inner & ~(ink[:-2, 1:-1] & ink[2:, 1:-1] & ink[1:-1, :-2] & ink[1:-1, 2:])
    return float(change[1:-1, 1:-1][ends].mean()) if ends.any() else 0.0


def _contrast(grey: Grey) -> Grey:
    """How much darker than the paper around it each pixel is, in grey levels as on white paper.

    Closing with a window wider than a stroke paints the writing over and leaves the paper's brightness, be it uneven.
    """
    height, width = grey.shape
    # Paper changes slowly: a quarter of the pixels each way is enough of it, and sixteen times faster.
    coarse = Image.fromarray(grey).resize((max(1, width // 4), max(1, height // 4)), Image.Resampling.BOX)
    closed = ndimage.grey_closing(np.asarray(coarse), size=WORK_SIDE // 12)
    smooth = Image.fromarray(ndimage.gaussian_filter(closed, WORK_SIDE / 200))
    paper = np.maximum(np.asarray(smooth.resize((width, height), Image.Resampling.BILINEAR)), grey)
    contrast: Grey = (255 * (paper - grey) / np.maximum(paper, 64)).astype(np.float32)
    return contrast


def _sheet(grey: Grey) -> Mask | None:
    """Where a light sheet lies on something darker, or a frame encloses it; None where paper reaches the rim.

    A sheet is light, roughly a rectangle, away from the picture's rim, and has dark marks within it. The greys are
    smoothed a little.
    """
    light = grey > _otsu(grey)
    parts, count = ndimage.label(light)
    if count == 0:
        return None
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    for number in np.argsort(-sizes[1:])[:3] + 1:
        if sizes[number] < SHEET * grey.size / 2:
            return None
        rows, columns = ndimage.find_objects((parts == number).astype(np.uint8))[0]
        filled = _filled(parts[rows, columns] == number)
        share, shape = filled.sum() / grey.size, filled.mean()
        height, width = grey.shape
        touches = (rows.start <= 1) + (rows.stop >= height - 1) + (columns.start <= 1) + (columns.stop >= width - 1)
        marks = filled & (parts[rows, columns] != number)
        solid = 1 - marks.sum() / filled.sum()
        if share >= SHEET and shape >= 0.7 and touches <= 1 and marks.sum() >= 20 and solid >= 0.5:
            sheet = np.zeros(grey.shape, bool)
            edge = 2 * max(2, WORK_SIDE // 100) + 1
            sheet[rows, columns] = _eroded(filled, edge, edge)
            return sheet
    return None


def _lines(mask: Mask, sheet: Mask | None) -> Mask:
    """Ruled lines in ``mask``: thin, straight, nearly level or upright, and from one side of the sheet to the other."""
    area = np.ones(mask.shape, bool) if sheet is None else sheet
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    level = _level_lines(mask, LONG * width, max(mask.shape))
    upright = _level_lines(mask.T, LONG * height, max(mask.shape)).T
    return level | upright


def _level_lines(mask: Mask, length: float, side: int) -> Mask:
    thin = max(3, round(THIN * side))
    run = max(9, side // 14)
    # A pixel of tolerance up and down, for lines that are not quite level; only what is thin all along its run.
    fine = mask & ~_opened(mask, thin + 1, 1)
    runs = _opened(_dilated(fine, 3, 1), 1, run) & fine
    if runs.sum() < length:
        return np.zeros(mask.shape, bool)
    # Strokes that cross a line interrupt it: bridge them.
    gap = side // 6 | 1
    parts, count = ndimage.label(_eroded(_dilated(runs, 3, gap), 1, gap) | runs, ALL_AROUND)
    lines = np.zeros(mask.shape, bool)
    for number, found in enumerate(ndimage.find_objects(parts), start=1):
        if found is None:
            continue
        rows, columns = found
        is_long = columns.stop - columns.start >= length
        if is_long and rows.stop - rows.start <= thin + 0.1 * side:
            lines[found] |= (parts[found] == number) & runs[found]
    return lines if count and _is_ruling(lines, mask) else np.zeros(mask.shape, bool)


def _is_ruling(lines: Mask, mask: Mask) -> bool:
    """Whether lines are the paper's and not a character's own strokes: thinner than what else is there."""
    if not lines.any():
        return False
    rest = mask & ~_dilated(lines, 3, 3)
    if not rest.any():
        return False
    return _thickness(lines) < 0.75 * _thickness(rest) or len(_bands(lines)) >= 3


def _bands(lines: Mask) -> list[slice]:
    """The lines one by one, by their rows."""
    parts, _ = ndimage.label(_dilated(lines, 3, 3), ALL_AROUND)
    long = [found for found in ndimage.find_objects(parts) if found[1].stop - found[1].start > 0.1 * lines.shape[1]]
    return [rows for rows, _ in long]


def _thickness(mask: Mask) -> float:
    """The mean thickness of strokes in pixels: the mean distance to paper across a stroke is a quarter of it."""
    distance = ndimage.distance_transform_edt(np.pad(mask, 1))
    return 4 * float(distance[distance > 0].mean() - 0.5)


def _without_lines(mask: Mask, contrast: Grey, lines: Mask) -> tuple[Mask, Grey]:
    """The mask and the contrast without lines; where a stroke crosses one, the stroke stays."""
    reach = _dilated(lines, 3, 3)
    rest = mask & ~reach
    clean = np.where(reach, 0, contrast).astype(np.float32)
    # What is as dark as the other marks where it meets a line is a stroke; its gap closes from both sides.
    threshold = _otsu(clean[~reach]) if (~reach).any() else 0.0
    ink = rest & (contrast > threshold)
    width = 2 * int(np.ceil(_thickness(lines))) + 3
    bridged = _eroded(_dilated(ink, width, width), width, width)
    darker = contrast > 0.5 * (np.median(contrast[ink]) if ink.any() else 255)
    joined = ink | (bridged & reach & mask & darker)
    return joined, np.where(joined, contrast, clean).astype(np.float32)


def _second_character(ink: Pixels) -> tuple[str, ...]:
    """A sentence where more than one character is written."""
    try:
        parts = characters(ink)
    except ImageError:
        return ()
    heights = [int(np.ptp(np.flatnonzero(part.ink.any(axis=1)))) + 1 for part in parts]
    tall = [height for height in heights if height >= SECOND * max(heights)]
    if len(tall) < 2:
        return ()
    return (f"There seem to be {len(tall)} characters in the picture; crop it to one, or write them as a word.",)


def _mean_of_nine(grey: Grey) -> Grey:
    mean: Grey = ndimage.uniform_filter(grey, 3)
    return mean


def _dilated(mask: Mask, height: int, width: int) -> Mask:
    """Dilation by a rectangle."""
    return _by_axis(ndimage.maximum_filter1d, mask, height, width)


def _eroded(mask: Mask, height: int, width: int) -> Mask:
    """Erosion by a rectangle; beyond the rim there is no ink."""
    return _by_axis(ndimage.minimum_filter1d, mask, height, width)


def _by_axis(filter1d: Callable[..., Pixels], mask: Mask, height: int, width: int) -> Mask:
    """A filter along columns and then rows, in a time that does not depend on its size."""
    filtered = mask.view(np.uint8)
    for axis, size in ((0, height), (1, width)):
        if size > 1:
            filtered = filter1d(filtered, size, axis, mode="constant")
    return filtered.view(bool)


def _opened(mask: Mask, height: int, width: int) -> Mask:
    height, width = height | 1, width | 1  # about its middle
    return _dilated(_eroded(mask, height, width), height, width)


def _filled(mask: Mask) -> Mask:
    """The mask without its holes: what around it is not reached from the rim."""
    parts, _ = ndimage.label(~np.pad(mask, 1))
    filled: Mask = (parts != parts[0, 0])[1:-1, 1:-1]
    return filled


def _otsu(values: Grey) -> float:
    """The threshold that parts values in 0..255 into the two most distinct groups (Otsu 1979)."""
    counts = np.bincount(np.clip(values, 0, 255).astype(np.uint8).ravel(), minlength=256)
    below = np.cumsum(counts)
    above = below[-1] - below
    total = np.cumsum(counts * np.arange(256))
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (total[-1] * below / below[-1] - total) ** 2 / (below * above)
    return float(np.nanargmax(np.where(np.isfinite(between), between, 0)) + 1)
