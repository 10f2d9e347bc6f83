"""Draw or upload a character, or write a word; see it become EMNIST images; every model reads it."""

import streamlit as st

from emnist_core.errors import ImageError
from emnist_core.ink import conversion
from widgets import page
from widgets.sketch import answers, drawing, retouching, steps, upload, word

CANVAS = 280  # beside the answers where there is room, above them on a phone

page.header(
    "Sketch",
    "Write, and every model reads it. **Look for** what the models see, not what you drew: size is gone, strokes are "
    "blurred, so c and C are one. Draw an f, then lengthen its bar.",
)
way = st.segmented_control(
    "Way", ["Draw", "Word", "Upload", "Test image"], default="Draw", key="way", bind="query-params", required=True,
    label_visibility="collapsed",
)  # fmt: skip
if way == "Word":
    word.show()
    st.stop()
with st.container(horizontal=True, gap="small"):
    left, right = st.container(width=CANVAS), st.container()
if way == "Test image":
    with page.errors_in_words():
        retouching.show(left, right)
    st.stop()
try:
    with left:
        ink = drawing.show("A canvas to draw a character on") if way == "Draw" else upload.show()
    converted = None if ink is None else conversion.convert(ink)
except ImageError as error:
    right.info(str(error), icon=":material/draw:")
    st.stop()
if converted is None:
    advice = "Draw a character on the canvas." if way == "Draw" else "Choose a picture of one character."
    right.info(advice, icon=":material/draw:")
    st.stop()
with right:
    answers.show(converted.image)
steps.show(converted)
