"""A canvas to write on, with Undo and Clear: its strokes are lines, kept for the whole visit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from emnist_core.arrays import Pixels
from emnist_core.explain.retouch import WIPE
from emnist_core.ink.conversion import Ink
from widgets import assets

INK = "#181c25"
MOST_POINTS = 20_000
"""Points of a drawing that are taken from a browser: minutes of writing."""
WIDEST = 64

_component = st.components.v2.component(
    "canvas",
    html=f"{assets.css(__file__)}<canvas role=img></canvas><div class=tools>"
    "<button class=undo>Undo</button><button class=clear>Clear</button></div>",
    js=assets.js(__file__),
)


@dataclass(frozen=True)
class Stroke:
    """A line of a pen so many pixels wide through points (x, y); it may wipe ink away instead."""

    pen: int
    points: tuple[tuple[int, int], ...]
    wipes: bool = False


def show(
    key: str, label: str, width: int, height: int, pen: int, wipes: bool = False, image: Pixels | None = None
) -> list[Stroke]:
    """The canvas with what was drawn on it so far, which also comes back from a visit to another page.

    Args:
        key: the canvas's name; another name is another drawing.
        label: what it is called to people who cannot see it.
        width, height: its size in pixels; where there is less room it is shown smaller, and the strokes are the same.
        pen: the width of the next stroke.
        wipes: whether the next stroke takes ink away.
        image: uint8 ``(n, n)`` to lie under the strokes, ink 255.
    """
    drawn = f"{key}-strokes"

    def take() -> None:
        st.session_state[drawn] = st.session_state[key].get("strokes")

    strokes = parsed(st.session_state.get(drawn))
    _component(
        key=key,
        data={
            "strokes": [{"pen": stroke.pen, "points": stroke.points, "wipes": stroke.wipes} for stroke in strokes],
            "width": width,
            "height": height,
            "pen": pen,
            "wipes": wipes,
            "wipe": WIPE,
            "label": label,
            "image": None if image is None else image.tolist(),
        },
        default={"strokes": []},
        on_strokes_change=take,
    )
    return strokes


def parsed(value: Any) -> list[Stroke]:
    """The strokes that a browser sent; none where it sent anything else."""
    try:
        strokes = [
            Stroke(
                min(max(int(stroke["pen"]), 1), WIDEST),
                tuple((int(x), int(y)) for x, y in stroke["points"]),
                bool(stroke.get("wipes")),
            )
            for stroke in value or []
        ]
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
        return []
    is_sound = all(stroke.points for stroke in strokes) and sum(len(one.points) for one in strokes) <= MOST_POINTS
    return strokes if is_sound else []


def ink(strokes: list[Stroke], width: int, height: int) -> Ink | None:
    """The ink of the strokes, uint8 ``(height, width)`` of 0 and 255; None where there are no strokes."""
    return np.where(overlay(strokes, width, height)[..., 3], 255, 0).astype(np.uint8) if strokes else None


def overlay(strokes: list[Stroke], width: int, height: int) -> Pixels:
    """The strokes as uint8 ``(height, width, 4)``, RGBA: ink or ``WIPE``, transparent where there are none."""
    picture = Image.new("RGBA", (width, height))
    pencil = ImageDraw.Draw(picture)
    for stroke in strokes:
        color, radius = WIPE if stroke.wipes else INK, stroke.pen / 2
        pencil.line(stroke.points, color, stroke.pen)
        for x, y in stroke.points:  # round ends and joints
            pencil.ellipse((x - radius, y - radius, x + radius - 1, y + radius - 1), color)
    return np.asarray(picture)
