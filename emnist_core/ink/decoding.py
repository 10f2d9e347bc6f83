"""A picture file -> its greys, without harm: few formats, limits before anything is unpacked, one file at a time."""

import io
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, features
from scipy import ndimage

from emnist_core.errors import ImageError

Grey = NDArray[np.float32]
"""``(height, width)`` in 0..255."""

try:  # the extra `heic`
    from pillow_heif import register_heif_opener
except ImportError:
    _HEIC: tuple[str, ...] = ()
else:
    register_heif_opener(thumbnails=False)
    _HEIC = ("HEIF",)

_AVIF = ("AVIF",) if features.check("avif") else ()
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", *_AVIF, *_HEIC)
"""What is opened, and nothing else: others would start programs that happen to be installed."""
LEAST_SIDE = 8
MOST_PIXELS = 20_000_000
MOST_PIXELS_OF = {"JPEG": 64_000_000, "MPO": 64_000_000, "HEIF": 25_000_000, "WEBP": 13_000_000, "AVIF": 13_000_000}
"""More where a phone's photograph is decoded at a fraction of its size, or little besides it is in memory; fewer where
decoding has it there three or four times over."""
STRIP = 64
"""Rows of a shrunken picture that are made at once of one of many bits."""

_DECODER = ThreadPoolExecutor(1, "decoder")
"""One at a time, for a picture takes up to 250 MB for a moment; and in one thread, for the C library keeps for a thread
what it has freed."""


def decode(data: bytes, side: int) -> Grey:
    """The greys of a picture file, float32 ``(height, width)`` in 0..255, its longer side ``side`` pixels.

    The first frame, turned as EXIF says, transparency shown on white.

    Raises:
        ImageError: not a picture, of another format, too small or too large.
    """
    return _DECODER.submit(_decode, data, side).result()


def _decode(data: bytes, side: int) -> Grey:
    """Decode, or say in a sentence what Pillow complains of."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a large but allowed picture, odd metadata
            return _greys(data, side)
    except ImageError:
        raise
    except Image.DecompressionBombError:
        sentence = f"The picture is too large; use one of at most {MOST_PIXELS // 10**6} megapixels."
    except Exception:  # Pillow's plugins raise nearly anything on damaged files
        sentence = f"The file is not a picture that can be read; use one of {', '.join(FORMATS)}."
    raise ImageError(sentence)  # out here, where it does not hold on to what was decoded of the picture


def _greys(data: bytes, side: int) -> Grey:
    picture = Image.open(io.BytesIO(data), formats=FORMATS)
    width, height = picture.size  # from the header: nothing is decoded yet
    if min(width, height) < LEAST_SIDE:
        raise ImageError(f"The picture is {width}×{height} pixels, too small to read; use one of at least 28×28.")
    most = _most_pixels(picture)
    if width * height > most:
        raise ImageError(
            f"The picture is {width}×{height} pixels, too large; use one of at most {most // 10**6} megapixels."
        )
    picture.draft("L", (2 * side, 2 * side))
    upright = ImageOps.exif_transpose(_flatten(_shrunk(picture, 4 * side)))
    scale = side / max(upright.size)
    size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
    return np.asarray(upright.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0), np.float32)


def _most_pixels(picture: Image.Image) -> int:
    if picture.info.get("progressive"):  # a JPEG that comes as a whole before it is shrunk
        return MOST_PIXELS
    return MOST_PIXELS_OF.get(picture.format or "", MOST_PIXELS)


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    """The picture at a whole fraction of its size, before copies in other modes are made of it."""
    picture.load()
    factor = max(1, max(picture.size) // side)
    if picture.mode.startswith(("I", "F")):
        return _with_exif(Image.fromarray(_to_bytes(_deep_greys(picture, factor))), picture)
    if factor < 2 or picture.mode not in ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"):
        return picture
    smaller = picture.reduce(factor)
    smaller.info = picture.info  # EXIF
    return smaller


def _deep_greys(picture: Image.Image, factor: int) -> NDArray[np.float64]:
    """The greys of a picture of 16 or more bits, which Pillow would cut off at 255, at a fraction of its size."""
    width, height = picture.size
    strips = []
    for top in range(0, height, STRIP * factor):  # all at once would be in memory several times, eight bytes a pixel
        greys = np.asarray(picture.crop((0, top, width, min(top + STRIP * factor, height))), np.float64)
        whole = np.pad(greys, [(0, -size % factor) for size in greys.shape], mode="edge")
        strips.append(whole.reshape(whole.shape[0] // factor, factor, -1, factor).mean((1, 3)))
    return np.concatenate(strips)


def _flatten(picture: Image.Image) -> Image.Image:
    """Turn a picture of any mode into mode ``L``, transparency shown on white."""
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
    """Greys of many bits in 0..255; hot or missing pixels, and a sensor's line of them, do not set the scale."""
    finite = deep[np.isfinite(deep)]
    if not finite.size:
        return np.full(deep.shape, 255, np.uint8)
    filled = np.where(np.isfinite(deep), deep, np.median(finite))
    low, high = np.percentile(ndimage.median_filter(filled, 3), (0.1, 99.9))
    if low == high:
        low, high = finite.min(), finite.max()
    filled = np.nan_to_num(deep, nan=float(np.median(finite)), posinf=high, neginf=low)
    share = np.clip((filled - low) / ((high - low) or 1.0), 0, 1)
    return np.asarray(share * 255, np.uint8)
