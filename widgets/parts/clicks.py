"""Clicks on an image, which go to its page without reloading anything.

A link ``<a class="pick" href="image?row=7&…">`` is an address like any other: it can be copied, and opened
in another tab. A plain click on it becomes a step within the app.
"""

from urllib.parse import urlencode

import streamlit as st

from widgets import assets

_component = st.components.v2.component("clicks", js=assets.js(__file__))


def address(page: str, **parameters: str | int) -> str:
    """The address of a page of the app with its URL parameters, relative to any other page."""
    return f"{page}?{urlencode(parameters)}"


def listen(key: str = "clicks") -> None:
    """Listen for clicks on images; call it once on a page, with the key of the listener."""
    _component(key=key, height=1)
