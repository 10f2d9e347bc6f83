"""A canvas for the front door, with each model's first answer below it; the drawing is there on Sketch too."""

import streamlit as st

from emnist_core.errors import ImageError
from emnist_core.ink import conversion
from widgets.sketch import canvas, live

PEN = 18


def draw(side: int) -> None:
    """The canvas, ``side`` pixels wide and high, and the answers to what is drawn on it."""
    image, problem = None, ""
    ink = canvas.ink(canvas.show("canvas", "A canvas to draw a character on", side, side, PEN))
    try:
        image = None if ink is None else conversion.convert(ink).image
    except ImageError as error:
        problem = str(error)
    with st.container(key="front-answers", gap=None):
        live.show("canvas", image, "Draw a character here, and every model reads it as you draw.")
    if problem:
        with st.container(key=live.ADVICE):
            st.info(problem)
