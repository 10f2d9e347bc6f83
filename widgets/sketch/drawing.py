"""A canvas with its pen, and the ink that was drawn on it."""

import streamlit as st

from emnist_core.ink.conversion import Ink
from widgets.sketch import canvas

SIDE = 280


def show(label: str, name: str = "", width: int = SIDE, height: int = SIDE, pen: int = 18) -> Ink | None:
    """The canvas of that name and size, whose pen begins ``pen`` wide.

    Returns:
        Its ink, uint8 ``(height, width)`` of 0 and 255, or None where nothing is drawn.
    """
    place = st.container(gap="xxsmall")
    pen = st.slider(
        "Pen", 8, 32, pen, format="pen %d", key=f"{name}pen", bind="query-params", width=SIDE,
        label_visibility="collapsed",
    )  # fmt: skip
    with place:
        strokes = canvas.show(f"{name}canvas", label, width, height, pen)
    return canvas.ink(strokes)
