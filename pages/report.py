"""The student report's three tables, row by row, each with our figure beside the report's."""

import streamlit as st

from emnist_core import experiments
from widgets import experiments as views
from widgets import page

page.header(
    "The report",
    "Three tables of the student report that this laboratory rebuilds, its own settings trained again. **Look for** "
    "how little the choice of Adam's settings matters, where Adadelta stays, and what the largest network makes of it.",
)
with page.errors_in_words():
    sweeps = {sweep.title: sweep for sweep in experiments.report()}
    title = st.segmented_control(
        "Table", list(sweeps), default=next(iter(sweeps)), key="table", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    sweep = sweeps[title]
    left, right = st.columns([3, 2], gap="large")
    with right:
        row = views.choose_row(sweep)
        found = experiments.find(row)
        views.show_figures(row, found)
    with left:
        views.show_table(sweep, row)
        st.caption(
            "*report*: the accuracy it published, on the official rows. *ours*: test accuracy at the epoch that is "
            "best on validation; the test part chooses nothing. The same recipes run again with "
            f"`python -m emnist_core sweep recipes/{sweep.name}.toml`."
        )
    if found is not None:
        views.show_closely(found)
