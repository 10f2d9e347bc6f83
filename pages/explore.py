"""EMNIST itself: where it comes from, its classes and images, what is alike, what is odd, what is merged."""

import streamlit as st

from widgets import page
from widgets.explore import (
    beside,
    classes,
    gallery,
    image_map,
    making,
    merging,
    odd,
    state,
    twins,
)

page.header(
    "Explore",
    "What the models learn from. **Look for** how differently one letter is written, which classes look alike "
    "before any model has a say, and which have few images: what is rare is read worse.",
)
with page.errors_in_words():
    looked = state.choose()
    st.caption(
        f"{looked.split.title}: {looked.split.summary} Published with {looked.split.train:,} training and "
        f"{looked.split.test:,} test images."
    )
    files = st.expander(
        "Files: all six splits, what is here, one button to fetch", looked.is_absent, key="files", on_change="rerun"
    )
    if files.open:
        from widgets.explore import files_panel  # with what talks to servers

        with files:
            files_panel.show(looked)
    dataset = looked.load()
    page.name_data(dataset)
    sections = {
        "Gallery": lambda: gallery.show(looked, dataset),
        "Classes": lambda: classes.show_means(looked, dataset),
        "Likeness": lambda: classes.show_likeness(looked, dataset),
        "Map": lambda: image_map.show(looked, dataset),
        "Twins": lambda: twins.show(looked),
        "Odd ones": lambda: odd.show(looked, dataset),
        "Making": lambda: making.show(looked, dataset),
        "Merged letters": lambda: merging.show(looked),
        "Sample": lambda: beside.show(looked),
    }
    for tab, draw in zip(st.tabs(list(sections), key="tab", bind="query-params"), sections.values(), strict=True):
        if tab.open:
            with tab:
                draw()
