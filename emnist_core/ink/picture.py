"""Writing in a picture -> ink: the sheet is found, lines and frames are taken away, and what was left out is said.

A picture is seen in both ways, dark on light and light on dark, and read in the way whose marks end where the picture
really changes; where both do, in the one with thinner strokes in fewer pieces. The picture's rim has no say, for it may
be a desk, a frame, or, in a tight crop, ink.

SciPy's filters do what is needed here; OpenCV or scikit-image would add 50 MB or more to a host that only serves.
"""

from dataclasses import dataclass
from typing import Literal

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
LONG = 0.75
"""Length of a ruled line over the sheet's side, at least."""
AS_SHARP = 0.85
"""Share of the sharper reading's sharpness from which the other is as sharp."""
SECOND = 0.4
"""Height over the tallest one's from which a second character is no dot and no accent."""
APART = 0.15
"""Paper between two lines of writing over the taller one's height, at least."""

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
    # The greatest nearby: in the middle of a stroke as thin as a pixel nothing changes.
    change = ndimage.maximum_filter(np.hypot(*np.gradient(smooth)), 3)
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
    """Where a light sheet lies on something darker, or a frame encloses it; None where there is paper alone.

    A sheet is light, roughly a rectangle, and has dark marks within it. One that the picture cuts at two or three sides
    has a tall mark that its edge does not touch: strokes cross the edge of a shadow, and a tight crop has no such mark.
    The greys are smoothed a little.
    """
    light = grey > _otsu(grey)
    parts, count = ndimage.label(light)
    if count == 0:
        return None
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    boxes = ndimage.find_objects(parts)
    for number in np.argsort(-sizes[1:])[:3] + 1:
        if sizes[number] < SHEET * grey.size / 2:
            return None
        rows, columns = boxes[number - 1]
        filled = _filled(parts[rows, columns] == number)
        height, width = grey.shape
        touches = (rows.start <= 1) + (rows.stop >= height - 1) + (columns.start <= 1) + (columns.stop >= width - 1)
        marks = filled & (parts[rows, columns] != number)
        solid = 1 - marks.sum() / filled.sum()
        if filled.sum() < SHEET * grey.size or marks.sum() < 20 or solid < 0.5 or touches > 3:
            continue
        if (touches < 2 or _is_tall(marks)) and _rectangularity(filled) >= 0.75:
            sheet = np.zeros(grey.shape, bool)
            edge = 2 * max(2, WORK_SIDE // 100) + 1
            sheet[rows, columns] = _eroded(filled, edge, edge)
            return sheet
    return None


def _is_tall(marks: Mask) -> bool:
    """Whether one of the marks is a tenth of the sheet's height, or width, at least."""
    parts, _ = ndimage.label(marks, ALL_AROUND)
    extents = [size.stop - size.start for found in ndimage.find_objects(parts) for size in found]
    return bool(max(extents) >= min(marks.shape) / 10)


def _rectangularity(area: Mask) -> float:
    """The area over that of the smallest rectangle around it, however it is turned."""
    rows = np.flatnonzero(area.any(axis=1))
    first, last = area[rows].argmax(axis=1), area.shape[1] - 1 - area[rows, ::-1].argmax(axis=1)
    points = np.stack([np.concatenate([first, last]), np.concatenate([rows, rows])])
    angles = np.radians(np.arange(0, 90, 3))
    across = np.ptp(np.cos(angles)[:, np.newaxis] * points[0] + np.sin(angles)[:, np.newaxis] * points[1], axis=1) + 1
    along = np.ptp(np.cos(angles)[:, np.newaxis] * points[1] - np.sin(angles)[:, np.newaxis] * points[0], axis=1) + 1
    return float(area.sum() / (across * along).min())


def _lines(mask: Mask, sheet: Mask | None) -> Mask:
    """Ruled lines in ``mask``: thin, straight, nearly level or upright, and from one side of the sheet to the other."""
    area = np.ones(mask.shape, bool) if sheet is None else sheet
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    level = _level_lines(mask, LONG * width, max(mask.shape))
    upright = _level_lines(mask.T, LONG * height, max(mask.shape)).T
    return level | upright


def _level_lines(mask: Mask, length: float, side: int) -> Mask:
    thin = max(3, round(THIN * side)) | 1
    run = max(9, side // 14) | 1
    # A pixel of tolerance up and down, for lines that are not quite level; only what is thin all along its run.
    fine = mask & ~_opened(mask, thin, 1)
    runs = _opened(_closed(_dilated(fine, 3, 1), 1, thin), 1, run) & fine
    if runs.any(axis=0).sum() < length / 2:
        return np.zeros(mask.shape, bool)
    # Strokes that cross a line, or lie along it, interrupt it: bridge them.
    gap = side // 3 | 1
    parts, count = ndimage.label(_closed(_dilated(runs, 3, 1), 1, gap), ALL_AROUND)
    lines = np.zeros(mask.shape, bool)
    for number, found in enumerate(ndimage.find_objects(parts), start=1):
        run = (parts[found] == number) & runs[found]
        columns = np.flatnonzero(run.any(axis=0))
        is_long = np.ptp(columns) + 1 >= length and columns.size >= length / 2
        if is_long and run.shape[0] <= thin + 0.1 * side:
            lines[found] |= _line_alone(run)
    return lines if count and _is_ruling(lines, mask) else np.zeros(mask.shape, bool)


def _line_alone(run: Mask) -> Mask:
    """A level line without the strokes that lie along it: what is as thick, and as high, as it mostly is."""
    thickness = run.sum(axis=0)
    if thickness.max() <= np.median(thickness[thickness > 0]) + 1:
        return run
    columns = np.flatnonzero((thickness > 0) & (thickness <= np.median(thickness[thickness > 0])))
    rows = np.arange(run.shape[0])[:, np.newaxis]
    heights = (run * rows).sum(axis=0)[columns] / thickness[columns]
    for _ in range(3):
        course = np.polynomial.Polynomial.fit(columns, heights, 2)
        off = np.abs(heights - course(columns))
        near = off <= max(1.0, float(np.median(off)))
        columns, heights = columns[near], heights[near]
    reach = np.median(thickness[columns]) / 2 + 0.75
    alone: Mask = run & (np.abs(rows - course(np.arange(run.shape[1]))) <= reach)
    return alone


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
    """The mean thickness of strokes in pixels: the mean distance to paper across a stroke is a quarter of it.

    Counted in steps of a chess king, which is quick, and for strokes that are aslant less than it is.
    """
    distance = ndimage.distance_transform_cdt(np.pad(mask, 1), "chessboard")
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
    bridged = _closed(ink, width, width)
    level, ruling = np.median(contrast[ink]) if ink.any() else 255.0, np.median(contrast[lines])
    strokes = bridged & (contrast > 0.7 * level)
    if ruling < 0.6 * level:  # strokes are told by their darkness alone, also where they lie along a line
        strokes |= contrast > (ruling + level) / 2
    joined = ink | (strokes & reach & mask)
    return joined, np.where(joined, contrast, clean).astype(np.float32)


def _second_character(ink: Pixels) -> tuple[str, ...]:
    """A sentence where more than one character is written."""
    try:
        parts = characters(ink)
    except ImageError:
        return ()
    heights = [int(np.ptp(np.flatnonzero(part.ink.any(axis=1)))) + 1 for part in parts]
    beside = sum(height >= SECOND * max(heights) for height in heights)
    count = max(beside, _one_below_the_other(ink))
    if count < 2:
        return ()
    return (f"There seem to be {count} characters in the picture; crop it to one, or write them as a word.",)


def _one_below_the_other(ink: Pixels) -> int:
    """How many lines of writing there are, with paper between them that is wider than a stroke's gap."""
    written = np.flatnonzero(ink.any(axis=1))
    tallest = max(np.ptp(lines) + 1 for lines in np.split(written, np.flatnonzero(np.diff(written) > 1) + 1))
    lines = np.split(written, np.flatnonzero(np.diff(written) > APART * tallest) + 1)
    return sum(bool(np.ptp(rows) + 1 >= SECOND * tallest) for rows in lines)


def _mean_of_nine(grey: Grey) -> Grey:
    mean: Grey = ndimage.uniform_filter(grey, 3)
    return mean


def _dilated(mask: Mask, height: int, width: int) -> Mask:
    """Dilation by a rectangle of odd sides."""
    return _by_axis(np.logical_or, mask, height, width)


def _eroded(mask: Mask, height: int, width: int) -> Mask:
    """Erosion by a rectangle of odd sides; beyond the rim there is no ink."""
    return _by_axis(np.logical_and, mask, height, width)


def _closed(mask: Mask, height: int, width: int) -> Mask:
    """Closing by a rectangle of odd sides; beyond the rim it is as on the rim."""
    return _by_axis(np.logical_and, _dilated(mask, height, width), height, width, mode="edge")


def _by_axis(
    both: np.ufunc, mask: Mask, height: int, width: int, mode: Literal["constant", "edge"] = "constant"
) -> Mask:
    """Whether any, or all, of the pixels around each are ink; where there are two values no filter has to sort."""
    for axis, size in ((0, height), (1, width)):
        if size == 1:
            continue
        beyond = [(0, 0), (0, 0)]
        beyond[axis] = (size // 2, size // 2)
        mask, reach = np.pad(mask, beyond, mode), 1
        while reach < size:  # two windows side by side, or overlapping, are one of more width
            step = min(reach, size - reach)
            mask = both(mask[:-step], mask[step:]) if axis == 0 else both(mask[:, :-step], mask[:, step:])
            reach += step
    return mask


def _opened(mask: Mask, height: int, width: int) -> Mask:
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
