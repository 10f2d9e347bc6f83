"""Images as one picture file, for taking away."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

GAP = 4
PAPER = 255


def contact_sheet(images: npt.NDArray[np.uint8], columns: int = 12, scale: int = 3) -> bytes:
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
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "PNG")
    return buffer.getvalue()


def npz(**arrays: npt.ArrayLike) -> bytes:
    """Arrays as the bytes of a compressed ``.npz`` file that opens without pickle."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **{name: np.asarray(array) for name, array in arrays.items()})
    return buffer.getvalue()
