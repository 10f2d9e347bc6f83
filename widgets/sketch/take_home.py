"""A model as one file, which reads what is drawn on it wherever it is opened."""

import streamlit as st

from emnist_core import runs
from emnist_core.runs import Run
from emnist_core.take_home import page
from widgets.parts import ranking


def offer() -> None:
    """A button that unfolds into a choice of models and the file to download; nothing where there is no model."""
    shown = runs.shown_runs()
    if not shown:
        return
    with st.popover("Take it home", icon=":material/download:"):
        run: Run = st.selectbox("Model", shown, format_func=ranking.name_of, key="take_home")
        st.download_button(
            "Download the page",
            data=lambda: page.text(run),
            file_name=f"{run.name}.html",
            mime="text/html",
            on_click="ignore",
            help="One file with the model, a canvas and the steps. It opens on any computer or phone, offline.",
        )
