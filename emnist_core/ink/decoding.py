"""A picture file -> its greys, without harm: few formats, limits before anything is unpacked, one file at a time."""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, features

from emnist_core.errors import ImageError

Grey = NDArray[np.float32]
"""``(height, width)`` in 0..255."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF") + (("AVIF",) if features.check("avif") else ())
"""What is opened, and nothing else: others would start programs that happen to be installed."""
SHRINKING = ("JPEG", "MPO")
"""Formats that are decoded at a fraction of their size."""
LEAST_SIDE = 8
MOST_PIXELS = 20_000_000
MOST_SHRUNK_PIXELS = 64_000_000
"""More in formats that shrink: a phone's photograph."""

_ONE_AT_A_TIME = threading.Lock()
"""A picture takes up to 200 MB for a moment; visitors wait for one another."""


def decode(data: bytes, side: int) -> Grey:
    """The greys of a picture file, float32 ``(height, width)`` in 0..255, its longer side ``side`` pixels.

    The first frame, turned as EXIF says, transparency shown on white.

    Raises:
        ImageError: not a picture, of another format, too small or too large.
    """
    with _ONE_AT_A_TIME, _complaints():
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size  # from the header: nothing is decoded yet
        if min(width, height) < LEAST_SIDE:
            raise ImageError(f"The picture is {width}×{height} pixels, too small to read; use one of at least 28×28.")
        most = MOST_SHRUNK_PIXELS if picture.format in SHRINKING else MOST_PIXELS
        if width * height > most:
            raise ImageError(
                f"The picture is {width}×{height} pixels, too large; use one of at most {most // 10**6} megapixels."
            )
        picture.draft("L", (2 * side, 2 * side))
        upright = ImageOps.exif_transpose(_flatten(_shrunk(picture, 4 * side)))
        scale = side / max(upright.size)
        size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
        return np.asarray(upright.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0), np.float32)


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    """The picture at a whole fraction of its size, before copies in other modes are made of it."""
    picture.load()
    factor = max(picture.size) // side
    if factor < 2 or picture.mode not in ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"):
        return picture
    smaller = picture.reduce(factor)
    smaller.info = picture.info  # EXIF
    return smaller


def _flatten(picture: Image.Image) -> Image.Image:
    """Turn a picture of any mode into mode ``L``, transparency shown on white."""
    if picture.mode.startswith(("I", "F")):  # 16 or more bits: Pillow would cut them off at 255
        return _with_exif(Image.fromarray(_to_bytes(np.asarray(picture, np.float64))), picture)
    if not picture.has_transparency_data:
        return _with_exif(picture.convert("L"), picture)
    rgba = picture.convert("RGBA")
    shown = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("L")
    low, high = np.percentile(np.asarray(shown), (0.1, 99.9))
    # White ink on nothing: only the transparency shows it.
    return _with_exif(shown if high - low >= 8 else ImageOps.invert(rgba.getchannel("A")), picture)


def _with_exif(flat: Image.Image, picture: Image.Image) -> Image.Image:
    flat.info = {name: value for name, value in picture.info.items() if name != "transparency"}
    return flat


def _to_bytes(deep: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Greys of many bits in 0..255; a few hot or missing pixels do not set the scale."""
    finite = deep[np.isfinite(deep)]
    if not finite.size:
        return np.full(deep.shape, 255, np.uint8)
    low, high = np.percentile(finite, (0.1, 99.9))
    if low == high:
        low, high = finite.min(), finite.max()
    filled = np.nan_to_num(deep, nan=float(np.median(finite)), posinf=high, neginf=low)
    share = np.clip((filled - low) / ((high - low) or 1.0), 0, 1)
    return np.asarray(share * 255, np.uint8)


@contextmanager
def _complaints() -> Iterator[None]:
    """Turn whatever Pillow raises about a file into an ``ImageError``."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a large but allowed picture, odd metadata
            yield
    except ImageError:
        raise
    except Image.DecompressionBombError:
        raise ImageError(f"The picture is too large; use one of at most {MOST_PIXELS // 10**6} megapixels.") from None
    except Exception:  # Pillow's plugins raise nearly anything on damaged files
        names = ", ".join(FORMATS)
        raise ImageError(f"The file is not a picture that can be read; use one of {names}.") from None
