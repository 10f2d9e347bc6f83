"""An image of a test part on the canvas, to add ink to and to wipe ink from."""

import numpy as np
import streamlit as st
from PIL import Image

from emnist_core import data
from emnist_core.data import Dataset
from emnist_core.explain.retouch import WIPE, retouch

SIDE = 280


def choose() -> tuple[Dataset, int]:
    """The test part and the row, from the URL or from the boxes.

    Raises:
        DataError: when that part cannot be opened.
    """
    installed = data.installed()
    splits = [str(row.split) for row in installed.itertuples() if row.part == "test"]
    names = [*(f"EMNIST {split}" for split in splits), "sample balanced"]
    left, right = st.columns([3, 2])
    with left:
        name = st.selectbox("Test part", names, key="test_part", bind="query-params")
    source, split = name.split(" ")
    dataset = data.load(split, "test", "sample" if source == "sample" else "emnist")
    with right:
        row = st.number_input("Row", 0, len(dataset) - 1, key="test_row", bind="query-params")
    return dataset, int(row)


def show(dataset: Dataset, row: int) -> np.ndarray:
    """The canvas; returns the image as it is now, uint8 ``(28, 28)``."""
    from streamlit_drawable_canvas import st_canvas  # it can be imported by a running Streamlit alone

    is_dark = st.context.theme.type == "dark"
    tool = st.segmented_control("Pen", ["Add ink", "Wipe"], default="Add ink", key="tool", required=True)
    image = np.asarray(dataset.images[row])
    paper, ink = ((32, 45, 41), (241, 239, 230)) if is_dark else ((255, 255, 255), (24, 28, 37))
    share = image[..., np.newaxis] / 255
    shown = Image.fromarray((np.array(paper) * (1 - share) + np.array(ink) * share).astype(np.uint8))
    canvas = st_canvas(
        stroke_width=20,
        stroke_color=WIPE if tool == "Wipe" else "#{:02x}{:02x}{:02x}".format(*ink),
        background_image=shown.resize((SIDE, SIDE), Image.Resampling.NEAREST),
        height=SIDE,
        width=SIDE,
        drawing_mode="freedraw",
        return_image_data=True,
        key=f"retouch-{dataset.sha256[:8]}-{row}",
    )
    strokes = None if canvas.image_data is None else np.asarray(canvas.image_data, np.uint8)
    return retouch(image, strokes)
