"""A picture of one character, from a file."""

import streamlit as st

from emnist_core.ink.conversion import Ink
from emnist_core.ink.decoding import FORMATS
from emnist_core.ink.picture import read_picture


def show() -> Ink | None:
    """The uploaded picture's ink, uint8 ``(H, W)``, or None before there is one.

    Raises:
        ImageError: when the file is no picture of one character.
    """
    file = st.file_uploader(
        "A picture of one character",
        key="picture",
        help=f"A photograph, a scan or a drawing saved as one of {', '.join(FORMATS)}; dark on light or light on "
        "dark. It is read on the server that runs this page and kept nowhere.",
    )
    if file is None:
        return None
    picture = read_picture(file.getvalue())
    for note in picture.notes:
        st.caption(f":material/info: {note}")
    return picture.ink
