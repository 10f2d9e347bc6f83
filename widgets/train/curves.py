"""The curves of a training, drawn by the browser in place: nothing is built anew while points come, and a zoom stays.

A chart of Streamlit's is another chart each time its data changes: it is taken away and put there again every second.
"""

from typing import Any

import streamlit as st

from widgets import assets

_component = st.components.v2.component(
    "live_curves",
    html=f'{assets.css(__file__)}<div class="curves"></div>',
    js=assets.js(__file__),
    isolate_styles=False,
)


def show(panels: list[dict[str, Any]], best_epoch: int | None, zoom: str) -> None:
    """Draw the panels of ``charts.live_curves`` side by side, or below one another where it is narrow.

    Args:
        panels: axes and lines.
        best_epoch: the epoch whose weights are kept, marked by a line.
        zoom: what is zoomed into stays so for as long as this stays the same.
    """
    _component(key="curves", data={"panels": panels, "best": best_epoch, "zoom": zoom})
