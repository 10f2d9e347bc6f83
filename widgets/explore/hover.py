"""The image of the point under the pointer, beside a map of images."""

import numpy as np
import streamlit as st

from emnist_core.arrays import Images
from widgets import assets
from widgets.parts import tiles

SIDE = 112
"""Width of the image on the screen, in pixels; ``hover.css`` has it, too."""

_peek = st.components.v2.component(
    "peek",
    html=f'{assets.css(__file__)}<div class="peek"><i></i><b></b></div>',
    js=assets.js(__file__),
)


def show_images(chart: str, images: Images) -> None:
    """Show an image for the point under the pointer.

    Args:
        chart: the key of the Plotly chart; ``customdata`` of its points is the image's place and its row.
        images: uint8 ``(N, 28, 28)``.
    """
    columns = int(np.ceil(np.sqrt(len(images))))
    _peek(
        key=f"{chart}-peek",
        data={"sheet": tiles.sheet(images, columns), "columns": columns, "side": SIDE, "key": chart},
        height=1,
    )
