"""Every run in one table: find, compare, name, archive and delete them."""

import streamlit as st

from emnist_core import runs
from emnist_core.collection import table
from widgets import page
from widgets.runs import actions, comparison, details, exchange, run_table

page.header(
    "Runs",
    "Tick one to see and describe it, several to compare them. **Look for** accuracies whose intervals overlap: "
    "there the order of the table may be chance.",
)
if picked_next := st.session_state.pop("runs-next", None):
    st.session_state["runs"] = picked_next
with page.errors_in_words():
    rows = table.rows()
    picked = run_table.choose(rows)
    actions.say()
    by_name = {row["name"]: row for row in reversed(rows)}  # of two with a name, the one that is found by it
    chosen = [runs.find(name) for name in picked]
    if chosen:
        actions.show(chosen)
    if len(chosen) == 1:
        details.show(chosen[0], by_name[chosen[0].name])
    elif chosen:
        comparison.show(chosen)
    exchange.show_import()
    actions.show_trash()
