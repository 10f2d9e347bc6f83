"""What an evaluation comes to: its figures, its most confused pairs, and every class."""

import streamlit as st

from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.figures import REPORTED_SOURCE, beside_the_report
from emnist_core.evaluation.intervals import in_words
from widgets.parts import figures, matrix_cells, plain_table
from widgets.parts.figures import Figure


def show_figures(evaluation: Evaluation, is_small: bool = False) -> None:
    """The figures that sum it up, accuracy with its interval."""
    figures.show(
        Figure("Accuracy", f"{evaluation.accuracy:.2%}", f"95 %: {in_words(*evaluation.interval)}"),
        Figure("Wrong", f"{evaluation.wrong:,} of {evaluation.n:,}"),
        Figure("Top 5", f"{evaluation.top5:.2%}"),
        Figure("Macro F1", f"{evaluation.macro_f1:.4f}"),
        is_small=is_small,
    )


def show_pairs(evaluation: Evaluation) -> None:
    """The most confused pairs, each a click away, in the direction that happens more often."""
    st.subheader("Most confused pairs", anchor=False)
    with st.container(horizontal=True):
        for pair in evaluation.confused_pairs.head(8).to_dict("records"):
            cell = (pair["first"], pair["second"])
            if pair["first_as_second"] < pair["second_as_first"]:
                cell = cell[::-1]
            name = f"{pair['pair']}  ({pair['errors']})"
            st.button(name, key=f"pair-{pair['pair']}", on_click=matrix_cells.show_cell, args=cell)
        if {"f", "F"} <= set(evaluation.labels):
            star = ":material/star:"
            st.button("f / F", icon=star, key="pair-f-F", on_click=matrix_cells.show_cell, args=("f", "F"))


def show_tables(evaluation: Evaluation) -> None:
    """All that is confused often, and every class with its counts beside those the report published."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Pairs in figures", anchor=False)
        plain_table.show_pairs(evaluation.confused_pairs.head(100))
    with right:
        st.subheader("Every class", anchor=False)
        table = beside_the_report(evaluation.per_class, evaluation.labels, evaluation.split)
        plain_table.show(table, dict.fromkeys(("precision", "recall", "f1"), "{:.4f}".format))
        if "wrong in the report" in table:
            st.caption(REPORTED_SOURCE)
