"""EMNIST itself: where it comes from, its classes and images, what is alike, what is odd, what is merged."""

from importlib import import_module

import streamlit as st

from emnist_core.errors import DataError
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
    "Files": "files_panel",
}


def show(section: str, selected: state.Selection) -> None:
    """Draw a section."""
    import_module(f"widgets.explore.{section}").show(selected)


page.header(
    "Explore",
    "What the models learn from. **Look for** how differently one letter is written, which classes look alike "
    "before any model has a say, and what is rare.",
)
with page.errors_in_words():
    selected = state.choose()
    try:
        page.name_data(selected.load())
    except DataError as error:
        st.error(str(error), icon=":material/error:")
        show(SECTIONS["Files"], selected)
        st.stop()
    for tab, section in zip(st.tabs(list(SECTIONS), key="tab", bind="query-params"), SECTIONS.values(), strict=True):
        if tab.open:
            with tab:
                show(section, selected)
