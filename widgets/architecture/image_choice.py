"""The image that a network looks at: of a test part, or the last sketch."""

import numpy as np
import streamlit as st

from emnist_core import data
from emnist_core.splits import Split
from widgets import navigation, page
from widgets.parts import pickers

TEST, SKETCH = "Test image", "Last sketch"


def choose(split: Split) -> np.ndarray | None:
    """The image to look at, uint8 ``(28, 28)``: of a test part, by row, or what was drawn last."""
    way = pickers.choose_one("Image", [TEST, SKETCH], key="look", is_named=False)
    if way == SKETCH:
        sketch: np.ndarray | None = st.session_state.get("sketched")
        if sketch is None:
            st.info("Nothing is drawn yet: draw a character on the Sketch page and come back.", icon=":material/draw:")
            navigation.link("sketch", "Sketch")
        return sketch
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = pickers.choose_dataset_kind(split.name, "test", "images")
        dataset = data.load(split.name, "test", source)
        row = _choose_row(dataset)
    page.name_data(dataset)
    return np.asarray(dataset.images[row])


def _choose_row(dataset: data.Dataset) -> int:
    """The row, in the URL; the class beside it is that row's, and choosing another goes to its first image."""
    labels = dataset.split.labels

    def go_to(chosen: int, after: int) -> None:
        rows = np.flatnonzero(dataset.labels == chosen)
        st.session_state["image_row"] = int(rows[np.searchsorted(rows, after, side="right") % len(rows)])

    row = int(st.number_input("Row", 0, len(dataset) - 1, key="image_row", bind="query-params", width=150))
    here = int(dataset.labels[row])
    present = [labels[index] for index in np.flatnonzero(dataset.class_counts())]
    st.session_state["letter"] = labels[here]
    st.selectbox(
        "Class", present, key="letter", width=110,
        on_change=lambda: go_to(labels.index(st.session_state["letter"]), -1),
    )  # fmt: skip
    st.button(f"Next `{labels[here]}`", icon=":material/skip_next:", on_click=go_to, args=(here, row))
    return row
