"""EMNIST itself: where it comes from, its classes and images, what is alike, what is odd, what is merged."""

from importlib import import_module

import streamlit as st

from widgets import page
from widgets.explore import state

# The tabs and the modules that draw them; each is imported when its tab is opened, so that none waits for another.
SECTIONS = {
    "Gallery": "gallery",
    "Classes": "classes",
    "Likeness": "likeness",
    "Map": "image_map",
    "Twins": "twins",
    "Odd ones": "odd",
    "Making": "making",
    "Merged letters": "merging",
    "Sample": "sample",
}

page.header(
    "Explore",
    "What the models learn from. **Look for** how differently one letter is written, which classes look alike "
    "before any model has a say, and which have few images: what is rare is read worse.",
)
with page.errors_in_words():
    selected = state.choose()
    st.caption(
        f"{selected.split.title}: {selected.split.summary} Published with {selected.split.train:,} training and "
        f"{selected.split.test:,} test images."
    )
    files = st.expander(
        "Files: all six splits, what is here, one button to fetch",
        selected.is_absent,
        key="files",
        on_change="rerun",
        bind="query-params",
    )
    if files.open:
        from widgets.explore import files_panel  # with what talks to servers

        with files:
            files_panel.show(selected)
    page.name_data(selected.load())
    for tab, section in zip(st.tabs(list(SECTIONS), key="tab", bind="query-params"), SECTIONS.values(), strict=True):
        if tab.open:
            with tab:
                import_module(f"widgets.explore.{section}").show(selected)
