"""Ink in picture files: usual formats, uneven light, dirt, and files that are no pictures of a character."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from emnist_core.errors import ImageError
from emnist_core.ink import conversion
from tests.helpers.drawings import drawing, likeness, png
from tests.helpers.sentences import assert_is_a_sentence

PHOTO = (240 - 0.8 * drawing()).clip(0).astype(np.uint8)


def same_character(data: bytes) -> bool:
    return (
        likeness(conversion.convert(conversion.ink_from_picture(data)).image, conversion.convert(drawing()).image) > 0.9
    )


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM"])
def test_every_usual_format_is_read(name: str) -> None:
    assert same_character(png(PHOTO, format=name))


def test_dark_and_light_may_be_swapped() -> None:
    assert same_character(png(255 - PHOTO))


@pytest.mark.parametrize("swapped", [False, True])
def test_uneven_light_and_noise_do_no_harm(swapped: bool) -> None:
    light = np.linspace(0.35, 1, 280)[None, :] * np.linspace(0.8, 1, 280)[:, None]
    noise = np.random.default_rng(1).normal(0, 4, PHOTO.shape)
    shot = ((255 - PHOTO if swapped else PHOTO) * light + noise).clip(0, 255).astype(np.uint8)
    assert same_character(png(shot))


def test_a_small_character_on_a_large_sheet_is_found() -> None:
    sheet = np.full((1500, 1100), 235, np.uint8)
    sheet[700:980, 300:580] = np.minimum(sheet[700:980, 300:580], PHOTO)
    assert same_character(png(sheet, format="JPEG"))


def test_dirt_is_left_out() -> None:
    dirty = PHOTO.copy()
    dirty[5:8, 5:8] = 20
    dirty[270:273, 250:254] = 20
    assert same_character(png(dirty))


def test_exif_turns_the_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    assert same_character(png(PHOTO[::-1, ::-1].copy(), format="JPEG", exif=exif))
    exif[0x0112] = 6  # to be turned a quarter clockwise
    assert same_character(png(np.rot90(PHOTO).copy(), format="JPEG", exif=exif))


@pytest.mark.parametrize("colour", [0, 255])
def test_transparency_is_paper(colour: int) -> None:
    rgba = np.full((280, 280, 4), colour, np.uint8)
    rgba[..., 3] = drawing()
    assert same_character(png(rgba))


def test_only_the_first_frame_of_an_animation_counts() -> None:
    packed = io.BytesIO()
    other = Image.fromarray(PHOTO.T.copy())
    Image.fromarray(PHOTO).save(packed, format="GIF", save_all=True, append_images=[other, other], duration=50)
    assert Image.open(io.BytesIO(packed.getvalue())).n_frames > 1
    assert same_character(packed.getvalue())


def test_palettes_and_sixteen_bits_are_read() -> None:
    packed = io.BytesIO()
    Image.fromarray(PHOTO).convert("P").save(packed, "PNG")
    assert same_character(packed.getvalue())
    assert same_character(png(PHOTO.astype(np.uint16) * 257))


def claiming(width: int, height: int) -> bytes:
    """A PNG of some bytes whose header claims a size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = b"IDAT" + zlib.compress(b"\0" * 100)
    chunks = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (header, body, b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("side", [8_000, 12_000, 20_000, 200_000])
def test_a_huge_picture_is_refused_before_it_is_decoded(side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("decoded"))
    with pytest.raises(ImageError, match="megapixels"):
        conversion.ink_from_picture(claiming(side, side))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a picture"),
        (b"hello", "not a picture"),
        (png(PHOTO)[:200], "not a picture"),
        (claiming(100, 100), "not a picture"),
        (png(np.zeros((1, 1), np.uint8)), "too small"),
        (png(np.zeros((300, 3), np.uint8)), "too small"),
        (png(np.full((50, 50), 255, np.uint8)), "No writing"),
        (png(np.zeros((50, 50), np.uint8)), "No writing"),
        (png(np.random.default_rng(0).normal(200, 4, (90, 90)).astype(np.uint8)), "No writing"),
        (png(np.zeros((50, 50, 4), np.uint8)), "No writing"),
    ],
)
def test_a_bad_picture_gets_one_sentence(data: bytes, says: str) -> None:
    with pytest.raises(ImageError, match=says) as raised:
        conversion.ink_from_picture(data)
    assert_is_a_sentence(raised.value)


@pytest.mark.parametrize("side", [30, 64, 90])
def test_a_picture_covered_with_ink_gives_a_sentence(side: int) -> None:
    covered = np.full((100, 100), 250, np.uint8)
    covered[(100 - side) // 2 : (100 + side) // 2, (100 - side) // 2 : (100 + side) // 2] = 10
    with pytest.raises(ImageError):
        conversion.convert(conversion.ink_from_picture(png(covered)))
