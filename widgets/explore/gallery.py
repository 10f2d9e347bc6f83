"""Images at random, by class and ink, and how many there are of every class."""

import streamlit as st

from emnist_core.explore import selection
from widgets.explore import counts, download
from widgets.explore.state import Selection
from widgets.parts import tiles

SHOWN = 60


def show(selected: Selection) -> None:
    """Draw the section."""
    dataset = selected.load()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw = st.number_input(
            "Draw", 1, 10_000, 1, key="draw", bind="query-params", width=110, help="Another number, other images."
        )
        ink = st.slider(
            "Ink, % of full", *selection.EVERY, selection.EVERY, key="ink", bind="query-params", width=220,
            help="The mean intensity of an image: thin or small characters have little ink, bold ones much.",
        )  # fmt: skip
    fitting = selection.matching(dataset, selected.chosen, ink)
    rows = selection.draw(fitting, SHOWN, draw)
    if len(rows) == 0:
        st.write("No image of this class is here." if ink == selection.EVERY else "No image has so much ink.")
    else:
        st.caption(f"{len(rows)} of {len(fitting):,} images, drawn at random.")
    labels = selected.split.labels
    tiles.grid([tiles.Tile(dataset.images[row], labels[dataset.labels[row]], note=f"row {row}") for row in rows])
    if len(rows):
        download.offer(f"gallery-{selected.split.name}-{selected.part}", **download.rows(dataset, rows))
    counts.show(selected, dataset)
