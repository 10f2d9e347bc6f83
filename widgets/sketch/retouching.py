"""An image of a test part on the canvas, to add ink to and to wipe ink from."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from emnist_core import data
from emnist_core.data import Dataset
from emnist_core.explain.retouch import retouch
from widgets.parts import tiles
from widgets.sketch import answers, canvas

SIDE = 280
PEN = 20


def show(left: DeltaGenerator, right: DeltaGenerator) -> None:
    """The image on a canvas in the left column and, in the right one, what every model makes of it as it is now.

    Raises:
        DataError: when the test part cannot be opened.
    """
    with left:
        dataset, row = _choose()
        image = np.asarray(dataset.images[row])
        tool = st.segmented_control("Pen", ["Add ink", "Wipe"], default="Add ink", key="tool", required=True)
        name = f"retouch-{dataset.sha256[:8]}-{row}"
        strokes = canvas.show(name, "The image, to change by hand", SIDE, SIDE, PEN, tool == "Wipe", image)
        st.caption(f"{dataset.name}, row {row:,}: a `{dataset.split.labels[dataset.labels[row]]}`.")
    changed = retouch(image, strokes)
    with right:
        answers.show(changed)
        answers.lead_on(changed)
        tiles.grid([tiles.Tile(changed, note="what the models see now")], scale=4)


def _choose() -> tuple[Dataset, int]:
    """The test part and the row, from the URL or from the boxes.

    Raises:
        DataError: when that part cannot be opened.
    """
    installed = data.installed()
    splits = [str(row.split) for row in installed.itertuples() if row.part == "test"]
    names = [*(f"EMNIST {split}" for split in splits), "sample balanced"]
    left, right = st.columns([3, 2])
    with left:
        name = st.selectbox("Test part", names, key="test_part", bind="query-params")
    source, split = name.split(" ")
    dataset = data.load(split, "test", "sample" if source == "sample" else "emnist")
    with right:
        row = st.number_input("Row", 0, len(dataset) - 1, key="test_row", bind="query-params")
    return dataset, int(row)
