"""Cells of a matrix that tell what they hold, and open: by pointing, by a click, by the arrow keys and Enter.

Only the labels of a cell are sent, and only the fragment that listens runs again: nothing else is redrawn.
"""

from collections.abc import Sequence

import streamlit as st

from emnist_core.evaluation.groups import holding
from widgets import assets

IMAGES = "cell-images"
"""The key of the container with a cell's images, which a tap on a phone brings into view."""

DEFAULT = {"true": "f", "pred": "F"}
"""The cell that a visit begins with, by the names of its labels in the address."""

LAST = "cell-in-address"
"""Where the session keeps the chosen cell as it stands in the address."""

KEY = "cell-clicks"
_component = st.components.v2.component("matrix_cells", js=assets.js(__file__))


def last_cell() -> tuple[str, str] | None:
    """The labels of the cell that this visitor chose last; None where there is none of two single classes."""
    address = st.session_state.get(LAST) or {}
    true, predicted = address.get("true"), address.get("pred")
    if not true or not predicted or true == predicted or len(true + predicted) > 2:
        return None
    return true, predicted


def listen(opens: bool = False, chosen: tuple[str, str] | None = None) -> None:
    """Have cells of matrices on the page tell what they hold, and open.

    Args:
        opens: whether a cell that is clicked, or entered by the keyboard, becomes the chosen one.
        chosen: the labels of the cell that is marked as the one on show.
    """

    def take_cell() -> None:
        cell = st.session_state[KEY].get("cell")
        if opens and cell:
            show_cell(str(cell["written"]), str(cell["read"]))

    _component(key=KEY, data={"chosen": chosen, "opens": opens}, on_cell_change=take_cell, height=1)


def show_cell(true: str, predicted: str) -> None:
    """Make the cell of these labels the chosen one."""
    st.session_state["true"], st.session_state["pred"] = true, predicted
    st.session_state["page"] = 1


def choose_cell(labels: Sequence[str], read_as: str = "Read as") -> tuple[int | None, int | None]:
    """The chosen cell as indices into ``labels``, by a click or in two select boxes; None for one left empty.

    It stands in the address as ``true`` and ``pred``. They are written there together, where widgets bound to them
    would make two steps of the browser's history of one click.
    """
    there = {key: st.query_params.get(key) for key in DEFAULT}
    if there != st.session_state.get(LAST) or "true" not in st.session_state:  # by a link, or by the browser's Back
        st.session_state.update({key: DEFAULT[key] if label is None else label for key, label in there.items()})
    for key in DEFAULT:  # classes that were merged, or taken apart again, go by other labels
        st.session_state[key] = holding(labels, st.session_state.get(key) or None)
    boxes = zip(st.columns(2), {"true": "Written", "pred": read_as}.items(), strict=True)
    for column, (key, title) in boxes:
        column.selectbox(title, labels, index=None, key=key, placeholder="any")
    here = {key: st.session_state[key] for key in DEFAULT}
    if any((DEFAULT[key] if there[key] is None else there[key]) != (here[key] or "") for key in DEFAULT):
        st.query_params.update({key: label or "" for key, label in here.items()})
    st.session_state[LAST] = {key: st.query_params.get(key) for key in DEFAULT}
    true, predicted = here["true"], here["pred"]
    listen(True, (true, predicted) if true and predicted else None)
    return tuple(None if label is None else labels.index(label) for label in (true, predicted))  # type: ignore[return-value]
