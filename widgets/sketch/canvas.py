"""A canvas to write on, with Undo and Clear; what is drawn is kept for the whole visit."""

from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from emnist_core.arrays import Pixels
from emnist_core.explain.retouch import WIPE
from emnist_core.ink.conversion import Ink
from widgets import assets

INK = (59, 120, 208)  # can be seen on either theme's paper, so that another theme changes nothing


_frame = st.components.v2.component(
    "canvas_frame", html=f"{assets.css(__file__)}<p></p>", js=assets.js(__file__), isolate_styles=False
)


def show(
    key: str, label: str, width: int, height: int, pen: int, wipes: bool = False, image: Pixels | None = None
) -> Pixels | None:
    """The canvas with what was drawn on it so far, which also comes back from a visit to another page.

    Args:
        key: the canvas's name; another name is another drawing.
        label: what it is called to people who cannot see it.
        width, height: its size in pixels; where there is less room it is shown smaller, and the drawing is the same.
        pen: the width of the next stroke.
        wipes: whether the next stroke takes ink away.
        image: uint8 ``(n, n)`` to lie under the strokes, ink 255.

    Returns:
        The strokes as uint8 ``(height, width, 4)``, RGBA: ink or ``WIPE``, transparent where there are none; None
        where nothing is drawn.
    """
    # Its front end is found by a running Streamlit only.
    from streamlit_drawable_canvas import st_canvas

    # The canvas draws anew only where what it was told to draw changes.
    drawn, told, last = f"{key}-drawn", f"{key}-told", f"{key}-last"
    if key not in st.session_state:
        st.session_state[told] = _numbered(st.session_state.setdefault(drawn, []))

    def take() -> None:
        st.session_state[drawn] = st.session_state[key]["drawing"]["raw"]["objects"]

    def keep(end: int) -> None:
        st.session_state[drawn] = st.session_state[drawn][:end]
        st.session_state[told] = _numbered(st.session_state[drawn])

    with st.container(key=f"paper-{key}", width=width, gap=None):
        canvas = st_canvas(
            stroke_width=pen,
            stroke_color=WIPE if wipes else "#{:02x}{:02x}{:02x}".format(*INK),
            background_image=None if image is None else _enlarged(image, width),
            initial_drawing=st.session_state[told],
            width=width,
            height=height,
            return_image_data=True,
            key=key,
            on_change=take,
        )
        began_empty = not st.session_state[told]["objects"]
        _frame(key=f"{key}-frame", data={"canvas": key, "label": label, "beganEmpty": began_empty}, height=1)
    with st.container(horizontal=True, gap="small"):
        st.button("Undo", key=f"{key}-undo", on_click=keep, args=(-1,))
        st.button("Clear", key=f"{key}-clear", on_click=keep, args=(0,))
    # A canvas that was mounted again sends no picture before the next stroke.
    if canvas.image_bytes is not None:
        st.session_state[last] = canvas
    strokes: Pixels | None = None
    if st.session_state[drawn] and last in st.session_state:
        strokes = st.session_state[last].image_data
    return strokes


def ink(strokes: Pixels | None) -> Ink | None:
    """The ink of the strokes, uint8 ``(height, width)`` of 0 and 255; None where there are no strokes."""
    return None if strokes is None else np.where(strokes[..., 3] >= 128, 255, 0).astype(np.uint8)


def _numbered(objects: list[Any]) -> dict[str, Any]:
    """A drawing that differs from every earlier one, since the canvas ignores one that it was told last."""
    st.session_state["drawings"] = st.session_state.get("drawings", 0) + 1
    return {"objects": objects, "number": st.session_state["drawings"]}


def _enlarged(image: Pixels, width: int) -> Image.Image:
    """The image in the colour of ink, transparent where it has none."""
    picture = Image.new("RGB", image.shape[::-1], INK)
    picture.putalpha(Image.fromarray(image))
    return picture.resize((width, width), Image.Resampling.NEAREST)
