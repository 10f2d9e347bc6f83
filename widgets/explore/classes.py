"""What the images of a class have in common and how much they vary."""

import numpy as np
import streamlit as st

from emnist_core.explore import picture, statistics
from widgets.explore import download
from widgets.explore.state import Selection
from widgets.parts import pickers, tiles

STATISTICS = {"mean": "mean", "deviation": "standard deviation"}


def show(selected: Selection) -> None:
    """Draw the section: the mean and the standard deviation image of every class."""
    by_class = statistics.of(selected.load())
    labels = selected.split.labels
    st.markdown(
        "The mean of all images of a class: crisp where all write alike, a cloud where they do not. "
        "**Look for** two ways of writing in one cloud: 7, Z, g, and the merged letters."
    )
    shown = pickers.choose_one("Show", STATISTICS, key="statistic", is_named=False)
    images = (
        by_class.mean if shown == "mean" else by_class.deviation * (255 / max(float(by_class.deviation.max()), 1.0))
    )
    pictures = images.round().astype(np.uint8)
    tiles.grid([tiles.Tile(image, label) for image, label in zip(pictures, labels, strict=True)])
    if shown != "mean":
        st.caption("Fullest where the class's images differ most: along the edges of its strokes.")
    frame = statistics.table(by_class, labels)
    download.offer(
        f"classes-{selected.split.name}-{selected.part}",
        csv=download.csv(frame),
        png=download.png(pictures),
        npz=lambda: picture.npz(
            counts=by_class.counts, mean=by_class.mean, deviation=by_class.deviation, classes=labels
        ),
    )
    st.dataframe(
        frame,
        hide_index=True,
        height=320,
        column_config={
            "share": st.column_config.NumberColumn(format="percent"),
            "ink": st.column_config.NumberColumn("ink, of full", format="percent"),
            "variety": st.column_config.NumberColumn(
                "variety", format="percent", help="How far a class's images are from its mean, root mean square."
            ),
        },
    )
