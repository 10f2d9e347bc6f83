"""Draw or upload a character, or write a word; see it become EMNIST images; every model reads it as it comes."""

import streamlit as st

from emnist_core.errors import ImageError
from emnist_core.ink import conversion
from widgets import page
from widgets.parts import pickers, still_training
from widgets.sketch import answers, drawing, live, retouching, steps, take_home, upload, word

CANVAS = 280  # beside the answers where there is room, above them on a phone
ADVICE = {"Draw": "Draw a character on the canvas.", "Upload": "Choose a picture of one character."}

page.header(
    "Sketch",
    "Write, and every model reads it. **Look for** what the models see, not what you drew: size is gone, strokes are "
    "blurred, so c and C are one. Draw an f, then lengthen its bar.",
)
way = pickers.choose_one("Way", ["Draw", "Word", "Upload", "Test image"], key="way", is_named=False)
if way == "Word":
    word.show()
    st.stop()
with st.container(horizontal=True, gap="small"):
    left, right = st.container(width=CANVAS), st.container()
if way == "Test image":
    with page.errors_in_words():
        retouching.show(left, right)
    st.stop()
converted, problem = None, ADVICE[way]
try:
    with left:
        ink = drawing.show("A canvas to draw a character on") if way == "Draw" else upload.show()
    converted = None if ink is None else conversion.convert(ink)
except ImageError as error:
    problem = str(error)
with right:
    if way == "Draw":
        still_training.renew(live.show, "canvas", None if converted is None else converted.image, ADVICE[way])
    elif converted:
        answers.show(converted.image)
    if converted:
        answers.lead_on(converted.image)
    else:
        with st.container(key=live.ADVICE):
            st.info(problem, icon=":material/draw:")
if way == "Draw":
    take_home.offer()
if way == "Draw" and not live.is_up_to_server():
    live.show_steps()
elif converted:
    steps.show(converted)
