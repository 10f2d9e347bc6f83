"""What every model makes of one image, and the way to its layers."""

import streamlit as st

from emnist_core import runs
from emnist_core.arrays import Pixels
from widgets import navigation
from widgets.parts import pickers, ranking, still_training


def show(image: Pixels) -> None:
    """The top five of each model that is shown, the shipped ones first."""
    still_training.renew(_rank, image)


def lead_on(image: Pixels) -> None:
    """The way to the layers of each model; the image is kept for it."""
    st.session_state["sketched"] = image
    navigation.link("architecture", "Layer by layer", {"look": "Last sketch"})


def _rank(image: Pixels) -> None:
    shown = runs.shown_runs()
    if shown:
        ranking.show(image, shown)
    else:
        st.info(pickers.NO_RUN)
