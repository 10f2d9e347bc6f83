"""The student report's three tables, row by row, each with our figure beside the report's; and our own network's."""

import streamlit as st

from emnist_core.sweeps import results
from widgets import page
from widgets.experiments import views
from widgets.parts import pickers

page.header(
    "Experiments",
    "Three tables of the student report that this laboratory rebuilds, its own settings trained again; then our own "
    "network, and what each part of its recipe earns. **Look for** how little the choice of Adam's settings matters, "
    "and where Adadelta stays.",
)
with page.errors_in_words():
    sweeps = {sweep.title: sweep for sweep in (*results.report(), *results.ours())}
    sweep = sweeps[pickers.choose_one("Table", list(sweeps), key="table", is_named=False)]
    left, right = st.columns([3, 2], gap="large")
    with right:
        row = views.choose_row(sweep)
        found = results.find(row)
        views.show_figures(row, found)
    with left:
        views.show_table(sweep, row)
        views.say_how(sweep)
    if found is not None:
        views.show_closely(found)
