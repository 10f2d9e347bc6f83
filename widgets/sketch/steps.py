"""The conversion of ink to an EMNIST image, step by step."""

import streamlit as st

from emnist_core.ink.conversion import Conversion
from widgets.parts import tiles

SIDE = 144  # seven stand side by side on a desk


def show(conversion: Conversion) -> None:
    """Every step with its picture."""
    st.subheader("How it becomes an EMNIST image", anchor=False)
    with st.container(horizontal=True):
        for number, step in enumerate(conversion.steps, start=1):
            with st.container(width=SIDE + 20):
                tiles.grid([tiles.Tile(step.image, note=step.title)], scale=SIDE / max(step.image.shape))
                st.caption(f"**{number}. {step.title}** {step.explanation}")
