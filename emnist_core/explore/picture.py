"""Images as one picture file, to download."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from emnist_core.arrays import Counts, Images

GAP = 4
PAPER, BAR = 255, 90


def contact_sheet(images: Images, columns: int = 12, scale: int = 3) -> bytes:
    """Images ``(N, H, W)`` side by side as a PNG, dark ink on white paper; ``scale`` screen pixels for each."""
    count, height, width = images.shape
    columns = max(1, min(columns, count))
    lines = max(1, -(-count // columns))
    step_y, step_x = height * scale + GAP, width * scale + GAP
    sheet = np.full((lines * step_y + GAP, columns * step_x + GAP), PAPER, np.uint8)
    for index, image in enumerate(images):
        top, left = index // columns * step_y + GAP, index % columns * step_x + GAP
        enlarged = image.repeat(scale, axis=0).repeat(scale, axis=1)
        sheet[top : top + height * scale, left : left + width * scale] = PAPER - enlarged
    return png(Image.fromarray(sheet))


def bars(counts: Counts, labels: tuple[str, ...]) -> bytes:
    """The number of images of every class as bars in a PNG; the highest bar has its number."""
    width, height, line = 24, 320, 28
    sheet = Image.new("L", (width * len(counts) + 2 * GAP, height + 2 * line), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    most, floor = max(int(counts.max()), 1), height + line
    for place, (label, count) in enumerate(zip(labels, counts.tolist(), strict=True)):
        left = GAP + place * width
        top = floor - round(height * count / most)
        draw.rectangle((left + 2, top, left + width - 3, floor), fill=BAR)
        draw.text((left + width / 2, floor + line / 2), label, fill=0, font=font, anchor="mm")
    highest = GAP + int(counts.argmax()) * width
    draw.text((highest, line / 2), f"{most:,}", fill=0, font=font, anchor="lm")
    return png(sheet)


def png(image: Image.Image) -> bytes:
    """A picture as the bytes of a PNG file."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def npz(**arrays: npt.ArrayLike) -> bytes:
    """Arrays as the bytes of a compressed ``.npz`` file that opens without pickle."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **{name: np.asarray(array) for name, array in arrays.items()})
    return buffer.getvalue()
