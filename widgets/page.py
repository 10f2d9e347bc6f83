"""What every page begins with, and how it speaks of what went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from emnist_core.data import Dataset
from emnist_core.errors import EmnistError
from widgets import assets


def header(title: str, look_for: str) -> None:
    """Show the page's title and, in two or three lines, what to look for."""
    _start_over_through_app()
    st.html(assets.theme())
    st.title(title, anchor=False)
    st.markdown(look_for)


def _start_over_through_app() -> None:
    """Mend the first visit after a server start when it goes straight to a page's address.

    Until ``st.navigation`` has run once, Streamlit takes a ``pages`` folder for an app of its older kind,
    runs the page without ``app.py`` and lists the files in a sidebar. This turns that off as
    ``st.navigation`` does, and starts over.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Show an ``EmnistError``'s sentence in place of what could not be drawn, and end the page there."""
    try:
        yield
    except EmnistError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def name_data(dataset: Dataset) -> None:
    """Say which data is on the screen; the sample is never taken for EMNIST."""
    if dataset.is_sample:
        st.info(
            f"This is the **bundled sample**, characters drawn from handwriting fonts (n = {len(dataset):,}), "
            "not EMNIST: figures measured on it say nothing about EMNIST. "
            f"`python -m emnist_core fetch {dataset.split.name}` brings the real one.",
            icon=":material/info:",
        )
        return
    st.caption(f"{dataset.name}, {dataset.part} part, n = {len(dataset):,}")
    for note in dataset.notes:
        st.warning(note, icon=":material/warning:")
