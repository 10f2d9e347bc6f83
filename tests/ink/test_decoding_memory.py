"""What the largest pictures that are read, and those that are refused, take while they are decoded."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from emnist_core import paths
from emnist_core.ink.decoding import MOST_PIXELS_OF
from emnist_core.ink.picture import read_picture
from tests.helpers.drawings import png

MOST_MEGABYTES = 250
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells the peak of a program's memory.")

PROGRAM = """
import re, sys, threading
from pathlib import Path
from PIL import Image
from emnist_core.errors import ImageError
from emnist_core.ink.picture import read_picture

def read(name):
    try:
        read_picture(Path(name).read_bytes())
    except ImageError as error:
        said.append(str(error))

def peak():  # not getrusage, which counts what the process was before it became this program
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

said = []
read(sys.argv[1])
before = peak()
threads = [threading.Thread(target=read, args=(sys.argv[2],)) for _ in range(int(sys.argv[3]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(peak() - before, *set(said), sep="\\n")
"""


def packed(mode: str, size: tuple[int, int], form: str, **options: Any) -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    Image.new(mode, size, 9).save(file, form, **options)
    return file.getvalue()


def megabytes_and_words(data: bytes, at_once: int, folder: Path) -> tuple[float, str]:
    """How much more memory a new process takes at its peak for the picture, so often at once, than for a small one."""
    (folder / "small").write_bytes(png(np.full((28, 28), 255, np.uint8)))
    (folder / "large").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder / "small", folder / "large", str(at_once)],
        cwd=paths.PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    kilobytes, *words = done.stdout.splitlines()
    return int(kilobytes) * 1024 / 1e6, " ".join(words)


WIDE = (5000, 4000)  # 20 megapixels
LARGEST: dict[str, tuple[str, tuple[int, int], str, dict[str, Any]]] = {
    "grey PNG": ("L", WIDE, "PNG", {}),
    "PNG with transparency": ("RGBA", WIDE, "PNG", {}),
    "PNG of 16 bits": ("I;16", WIDE, "PNG", {}),
    "TIFF of floats": ("F", WIDE, "TIFF", {"compression": "tiff_deflate"}),
    "progressive JPEG": ("CMYK", WIDE, "JPEG", {"progressive": True, "subsampling": 0}),
    "JPEG": ("CMYK", (8000, 8000), "JPEG", {"subsampling": 0}),
    "WebP": ("RGBA", (4160, 3120), "WEBP", {}),
    "AVIF": ("RGBA", (4160, 3120), "AVIF", {}),
}


@pytest.mark.slow
@LINUX
@pytest.mark.parametrize("at_once", [1, 4])
@pytest.mark.parametrize("kind", LARGEST)
def test_the_largest_pictures_take_little_memory_however_many_come_at_once(
    kind: str, at_once: int, tmp_path: Path
) -> None:
    mode, size, form, options = LARGEST[kind]
    try:
        data = packed(mode, size, form, **options)
    except (KeyError, OSError):
        pytest.skip(f"This Pillow writes no {form}.")
    megabytes, words = megabytes_and_words(data, at_once, tmp_path)
    assert "No writing" in words, words  # it was decoded
    assert megabytes < MOST_MEGABYTES


@pytest.mark.slow
@LINUX
@pytest.mark.parametrize("at_once", [1, 4])
def test_a_webp_of_a_few_kilobytes_that_unpacks_to_a_gigabyte_takes_none(at_once: int, tmp_path: Path) -> None:
    data = bytearray(packed("RGB", (1000, 1000), "WEBP", lossless=True))
    assert data[12:16] == b"VP8L"
    # A lossless picture's first 28 bits after its signature are its sides less one: 16383 by 16383.
    bits = int.from_bytes(data[21:25], "little") & ~0xFFFFFFF | 16382 | 16382 << 14
    data[21:25] = bits.to_bytes(4, "little")
    megabytes, words = megabytes_and_words(bytes(data), at_once, tmp_path)
    assert "too large" in words, words
    assert megabytes < 20


def test_an_iphone_s_picture_is_read_where_pillow_heif_is_installed() -> None:
    pytest.importorskip("pillow_heif", reason="pillow-heif is not installed; `pip install pillow-heif` for this test")
    photograph = np.full((3024, 4032), 240, np.uint8)
    photograph[800:2200, 1900:2100] = 20
    assert MOST_PIXELS_OF["HEIF"] > 4032 * 3024
    assert read_picture(png(photograph, format="HEIF")).ink.any()
