"""Cells of a matrix that tell what they hold, and open: by pointing, by a click, by the arrow keys and Enter.

Only the labels of a cell are sent, and only the fragment that listens runs again: nothing else is redrawn.
"""

from collections.abc import Sequence

import streamlit as st

from emnist_core.evaluation.groups import holding
from widgets import assets
from widgets.parts import pickers

Cell = tuple[int, int]
IMAGES = "cell-images"
"""The key of the container with a cell's images, which a tap on a phone brings into view."""

_component = st.components.v2.component("matrix_cells", js=assets.js(__file__))


def listen(opens: bool = False, chosen: tuple[str, str] | None = None, key: str = "cell-clicks") -> None:
    """Have cells of matrices on the page tell what they hold, and open.

    Args:
        opens: whether a cell that is clicked, or entered by the keyboard, becomes the chosen one.
        chosen: the labels of the cell that is marked as the one on show.
        key: the key of the listener.
    """

    def take_cell() -> None:
        cell = st.session_state[key].get("cell")
        if opens and cell:
            show_cell(str(cell["written"]), str(cell["read"]))

    _component(key=key, data={"chosen": chosen, "opens": opens}, on_cell_change=take_cell, height=1)


def show_cell(true: str, predicted: str) -> None:
    """Make the cell of these labels the chosen one."""
    st.session_state["true"], st.session_state["pred"] = true, predicted
    st.session_state["page"] = 1


def choose_cell(labels: Sequence[str], read_as: str = "Read as") -> tuple[int | None, int | None]:
    """The chosen cell as indices into ``labels``, by a click or in two select boxes; None for one left empty."""
    first, second = st.columns(2)
    with first:
        true = pickers.choose_label(labels, "true", "Written", holding(labels, "f"))
    with second:
        predicted = pickers.choose_label(labels, "pred", read_as, holding(labels, "F"))
    listen(True, None if true is None or predicted is None else (labels[true], labels[predicted]))
    return true, predicted
