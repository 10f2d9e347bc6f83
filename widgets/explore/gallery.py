"""Images at random, by class and ink, and how many there are of every class."""

import pandas as pd
import streamlit as st

from emnist_core import charts
from emnist_core.data import Dataset
from emnist_core.explore import selection
from widgets import tiles
from widgets.explore import exports
from widgets.explore.state import Looked

SHOWN = 60


def show(looked: Looked, dataset: Dataset) -> None:
    """Draw the section."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw = st.number_input(
            "Draw", 1, 10_000, 1, key="draw", bind="query-params", width=150, help="Another number, other images."
        )
        ink = st.slider(
            "Ink, % of full", *selection.EVERY, selection.EVERY, key="ink", bind="query-params", width=300,
            help="The mean intensity of an image: thin or small characters have little ink, bold ones much.",
        )  # fmt: skip
    fitting = selection.matching(dataset, looked.chosen, ink)
    rows = selection.draw(fitting, SHOWN, draw)
    if len(rows) == 0:
        st.write("No image of this class is here." if ink == selection.EVERY else "No image has so much ink.")
    else:
        st.caption(f"{len(rows)} of {len(fitting):,} images, drawn at random.")
    labels = looked.split.labels
    tiles.grid([tiles.Tile(dataset.images[row], labels[dataset.labels[row]], note=f"row {row}") for row in rows])
    if len(rows):
        exports.offer(f"gallery-{looked.split.name}-{looked.part}", **exports.rows(dataset, rows))
    _counts(looked, dataset)


def _counts(looked: Looked, dataset: Dataset) -> None:
    st.subheader("Images per class", anchor=False)
    counts = dataset.class_counts()
    # Where it is narrow the bars scroll, rather than have their labels run into one another.
    st.html("<style>.st-key-counts{overflow-x:auto}.st-key-counts>div{min-width:36rem}</style>")
    st.plotly_chart(
        charts.class_counts(counts, looked.split.labels),
        key="counts",
        config=exports.CHART,
        alt="Bar chart of the number of images of every class.",
    )
    present = counts[counts > 0]
    st.caption(
        f"{len(present)} of {len(counts)} classes have images, from {present.min():,} to {present.max():,}; "
        f"in all {counts.sum():,}."
    )
    frame = pd.DataFrame({"class": looked.split.labels, "images": counts})
    exports.offer(f"counts-{looked.split.name}-{looked.part}", csv=exports.csv(frame))
