"""EMNIST itself: classes, counts, images, and which letters are merged."""

import numpy as np
import streamlit as st

from emnist_core import charts, data
from emnist_core.splits import MERGE_REASON, MERGED_LETTERS, SPLITS
from widgets import page, pickers, tiles

SHOWN = 60


@st.cache_data(max_entries=20, show_spinner=False)
def mean_images(sha256: str, _dataset: data.Dataset) -> np.ndarray:  # noqa: ARG001 - sha256 is the cache's key
    """The mean image of every class, uint8 (classes, 28, 28); classes without images stay blank."""
    sums = np.zeros((_dataset.split.classes, 28, 28))
    for index in range(_dataset.split.classes):
        images = _dataset.images[_dataset.labels == index]
        if len(images):
            sums[index] = images.mean(axis=0)
    return sums.round().astype(np.uint8)


page.header(
    "Explore",
    "What the models learn from. **Look for** how differently one letter is written, how the mean f and the "
    "mean F overlap, and which classes have few images: what is rare is read worse.",
)
with page.errors_in_words():
    first, second, third = st.columns([2, 1, 2])
    with first:
        name = pickers.choose_split(list(SPLITS))
    with second:
        part = st.selectbox("Part", ["train", "test"], key="part", bind="query-params")
    with third:
        source = pickers.choose_source(name, part)
    split = SPLITS[name]
    st.caption(
        f"{split.title}: {split.summary} Published with {split.train:,} training and {split.test:,} test images."
    )
    dataset = data.load(name, part, source)
    page.name_data(dataset)

    st.subheader("Gallery", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = pickers.choose_class(split, "class", "Class")
        draw = st.number_input(
            "Draw", 1, 10_000, 1, key="draw", bind="query-params", help="Another number, other images."
        )
    rows = np.arange(len(dataset)) if chosen is None else np.flatnonzero(dataset.labels == chosen)
    rows = np.random.default_rng(draw).permutation(rows)[:SHOWN]
    if len(rows) == 0:
        st.write("No image of this class is here.")
    tiles.grid([tiles.Tile(dataset.images[row], split.labels[dataset.labels[row]], note=f"row {row}") for row in rows])

    st.subheader("Images per class", anchor=False)
    st.plotly_chart(
        charts.class_counts(dataset.class_counts(), split.labels),
        key="counts",
        config={"displayModeBar": False},
        alt="Bar chart of the number of images of every class.",
    )
    st.subheader("The mean image of every class", anchor=False)
    means = mean_images(dataset.sha256, dataset)
    tiles.grid([tiles.Tile(image, label) for image, label in zip(means, split.labels, strict=True)])

    st.subheader("Merged letters", anchor=False)
    st.markdown(f"{MERGE_REASON} Merged: `{' '.join(MERGED_LETTERS)}`.")
