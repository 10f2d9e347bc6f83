"""Which classes look alike, by their mean images."""

from typing import Literal

import numpy as np
import streamlit as st

from emnist_core import charts
from emnist_core.arrays import Counts
from emnist_core.explore import likeness, picture, statistics
from widgets import assets
from widgets.explore import download
from widgets.explore.state import Selection
from widgets.parts import pickers, tiles

Measure = Literal["correlation", "distance", "mistaken"]
MEASURES: dict[Measure, str] = {
    "correlation": "correlation",
    "distance": "distance",
    "mistaken": "nearest mean",
}
PAIRS = 12


def show(selected: Selection) -> None:
    """Draw the section."""
    dataset = selected.load()
    st.markdown(
        "How alike the mean images of two classes are: no model has a say. **Look for** the fullest spots off the "
        "diagonal. They are what every model confuses, too: 1 I L, 0 O, F f, 9 q g."
    )
    measure = pickers.choose_one("Likeness by", MEASURES, key="likeness")
    by_class = statistics.of(dataset)
    with st.spinner("Comparing …"):
        confusion = likeness.nearest_mean_of(dataset, by_class)
    labels = selected.split.labels
    values = _matrix(measure, by_class, confusion)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.html(assets.css(__file__))
        st.plotly_chart(
            charts.likeness(values, labels, MEASURES[measure], is_distance=measure == "distance"),
            key="likely",
            config=download.CHART,
            alt="Map of how alike every two classes are; the list of pairs says the same in words.",
        )
    with right:
        _pairs(selected, by_class, confusion)


def _matrix(measure: Measure, by_class: statistics.ClassStatistics, confusion: Counts) -> np.ndarray:
    if measure == "correlation":
        return likeness.correlations(by_class)
    if measure == "distance":
        return likeness.distances(by_class)
    shares: np.ndarray = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    return shares


def _pairs(selected: Selection, by_class: statistics.ClassStatistics, confusion: Counts) -> None:
    """The pairs most alike, their means side by side; those of the chosen class where one is chosen."""
    labels = selected.split.labels
    pairs = likeness.pairs(by_class, confusion, labels)
    every = pairs
    if selected.chosen is not None:
        name = labels[selected.chosen]
        pairs = pairs[(pairs["first"] == name) | (pairs["second"] == name)]
    st.markdown("#### Most alike")
    means = by_class.mean.round().astype(np.uint8)
    tiles.groups(
        [
            [tiles.Tile(means[labels.index(name)], name) for name in (row["first"], row["second"])]
            for row in pairs.head(PAIRS).to_dict("records")
        ],
        scale=1.5,
    )
    right = np.trace(confusion) / max(int(confusion.sum()), 1)
    st.caption(
        f"Naming an image by the nearest of these means is right {right:.1%} of the time "
        f"(n = {confusion.sum():,}): what a model has to beat without learning anything but means."
    )
    st.dataframe(
        pairs,
        hide_index=True,
        height=280,
        column_config={
            "correlation": st.column_config.NumberColumn(format="%.3f"),
            "distance": st.column_config.NumberColumn(format="%.3f"),
            "mistaken": st.column_config.NumberColumn(
                "nearest mean", format="percent", help="Images of the two that are nearer to the other's mean."
            ),
        },
    )
    download.offer(
        f"likeness-{selected.split.name}-{selected.part}",
        csv=download.csv(every),
        npz=lambda: picture.npz(
            correlation=likeness.correlations(by_class),
            distance=likeness.distances(by_class),
            nearest_mean=confusion,
            classes=labels,
        ),
    )
