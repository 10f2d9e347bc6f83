"""Ink in picture files: usual formats, uneven light, dirt, and files that are no pictures of a character."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from emnist_core import runs
from emnist_core.errors import ImageError
from emnist_core.ink import conversion
from emnist_core.ink.picture import read_picture
from emnist_core.serving.recognizer import recognizer
from tests.helpers import conditions
from tests.helpers.drawings import drawing, likeness, png
from tests.helpers.sentences import assert_is_a_sentence

PHOTO = (240 - 0.8 * drawing()).clip(0).astype(np.uint8)


def same_character(data: bytes) -> bool:
    return likeness(conversion.convert(read_picture(data).ink).image, conversion.convert(drawing()).image) > 0.9


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
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
        read_picture(claiming(side, side))


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
        read_picture(data)
    assert_is_a_sentence(raised.value)


@pytest.mark.parametrize("side", [30, 64, 90])
def test_a_picture_covered_with_ink_gives_a_sentence(side: int) -> None:
    covered = np.full((100, 100), 250, np.uint8)
    covered[(100 - side) // 2 : (100 + side) // 2, (100 - side) // 2 : (100 + side) // 2] = 10
    with pytest.raises(ImageError):
        conversion.convert(read_picture(png(covered)).ink)


@pytest.mark.parametrize("condition", conditions.CONDITIONS, ids=lambda condition: condition.__name__)
def test_characters_are_read_however_the_picture_was_taken(condition: conditions.Condition) -> None:
    """At least 24 of 26; each was read as another letter, or refused as covered with ink, before sheets and lines."""
    serving = recognizer(runs.find("lenet5-v2"))
    wrong = []
    for label in conditions.LETTERS:
        picture = read_picture(png(conditions.shot(condition, label)))
        [best] = serving.top(conversion.convert(picture.ink).image, 1)
        if best["label"] != label:
            wrong.append(f"{label} as {best['label']}")
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize("condition", [conditions.along_lines, conditions.in_fine_ink])
@pytest.mark.parametrize("label", conditions.BLOCKS)
def test_straight_strokes_are_read_along_ruled_lines_and_in_fine_ink(
    label: str, condition: conditions.Condition
) -> None:
    picture = read_picture(png(conditions.shot(condition, label)))
    [best] = recognizer(runs.find("lenet5-v2")).top(conversion.convert(picture.ink).image, 1)
    assert best["label"] == label


@pytest.mark.parametrize(
    "condition", [conditions.framed, conditions.on_a_desk, conditions.at_a_corner, conditions.at_a_side]
)
def test_what_lies_around_the_sheet_is_said_to_be_left_out(condition: conditions.Condition) -> None:
    assert "around the sheet" in " ".join(read_picture(png(conditions.shot(condition, "R"))).notes)


def test_ruled_lines_are_said_to_be_left_out_where_they_were_dark_enough_to_be_ink() -> None:
    page = conditions.shot(conditions.ruled, "7")
    dark = np.where(page == 150, 60, page).astype(np.uint8)
    assert "Lines across the paper" in " ".join(read_picture(png(dark)).notes)


@pytest.mark.parametrize("arranged", [conditions.two, conditions.stacked])
def test_a_second_character_is_told(arranged: conditions.Condition) -> None:
    for pair in ("AH", "R2", "K8", "7T"):
        assert "2 characters" in " ".join(read_picture(png(conditions.shot(arranged, *pair))).notes)
    assert read_picture(png(PHOTO)).notes == ()


def test_a_hot_pixel_and_missing_values_do_not_hide_the_writing() -> None:
    deep = PHOTO.astype(np.uint16) * 16
    deep[3, 3] = 65_535
    assert same_character(png(deep))
    rng = np.random.default_rng(0)
    deep[rng.integers(0, 280, 800), rng.integers(0, 280, 800)] = 65_535
    deep[7], deep[:, 140] = 65_535, 65_535  # lines of a sensor
    assert same_character(png(deep))
    floating = PHOTO.astype(np.float32)
    floating[5, 5] = np.nan
    assert same_character(png(floating, format="TIFF"))


def test_other_formats_are_not_opened_whatever_they_are_called() -> None:
    with pytest.raises(ImageError, match="not a picture"):
        read_picture(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\n")
    with pytest.raises(ImageError, match="not a picture"):
        read_picture(png(PHOTO, format="PPM"))


def test_a_phone_s_photograph_is_read() -> None:
    photograph = np.asarray(Image.fromarray(PHOTO).resize((4032, 3024)))
    assert read_picture(png(photograph, format="JPEG")).ink.any()


@pytest.mark.parametrize("label", ["E", "H", "L", "T", "F", "D"])
def test_straight_thick_strokes_along_the_rim_of_a_tight_crop_are_ink(label: str) -> None:
    picture = read_picture(png(conditions.block_letter(label)))
    [best] = recognizer(runs.find("lenet5-v2")).top(conversion.convert(picture.ink).image, 1)
    assert (best["label"], picture.notes) == (label, ())
