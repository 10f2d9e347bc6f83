"""The EMNIST laboratory: ``streamlit run app.py``."""

from pathlib import Path

import streamlit as st

st.set_page_config(
    page_title="EMNIST laboratory", page_icon=Path(__file__).with_name("widgets") / "icon.png", layout="wide"
)

st.navigation(
    [
        st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("pages/explore.py", title="Explore", icon=":material/grid_view:"),
        st.Page("pages/train.py", title="Train", icon=":material/show_chart:"),
        st.Page("pages/confusion.py", title="Confusion", icon=":material/apps:"),
        st.Page("pages/pair.py", title="Pair lab", icon=":material/compare:"),
        st.Page("pages/image.py", title="Image", icon=":material/image:", visibility="hidden"),
        st.Page("pages/sketch.py", title="Sketch", icon=":material/draw:"),
    ],
    position="top",
).run()
