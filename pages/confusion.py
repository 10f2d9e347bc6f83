"""The confusion matrix of a run: click a cell and see the very images behind it."""

from typing import Any

import streamlit as st

from emnist_core import runs
from emnist_core.evaluation import reported
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.intervals import wilson
from widgets import page
from widgets.confusion import downloads, matrix_view, model_comparison, pair_table, reliability, suspects
from widgets.parts import epoch_by_epoch, evaluations, figures, pickers, plain_table
from widgets.parts.figures import Figure

VIEWS = ("Matrix", "Two runs", "Reliability", "Label errors", "Over training", "Take away")
BY_SINGLE_CLASS = ("Label errors", "Over training")


def show_figures(evaluation: Evaluation) -> None:
    """The figures that sum it up, accuracy with its interval."""
    right = int(evaluation.confusion.trace())
    low, high = wilson(right, evaluation.n)
    figures.show(
        Figure("Accuracy", f"{evaluation.accuracy:.2%}", f"95 %: {low:.2%} – {high:.2%}"),
        Figure("Top 5", f"{evaluation.top5:.2%}"),
        Figure("Macro F1", f"{evaluation.macro_f1:.4f}"),
        Figure("Wrong", f"{evaluation.n - right:,} of {evaluation.n:,}"),
    )


def show_pairs(evaluation: Evaluation) -> None:
    """The most confused pairs, each a click away."""
    st.subheader("Most confused pairs", anchor=False)
    pairs = evaluation.confused_pairs
    with st.container(horizontal=True):
        pair: Any  # a row of the frame
        for pair in pairs.head(8).itertuples():
            st.button(
                f"{pair.pair}  ({pair.errors})",
                key=f"pair-{pair.pair}",
                on_click=matrix_view.show_cell,
                args=(pair.first, pair.second)
                if pair.first_as_second >= pair.second_as_first
                else (pair.second, pair.first),
            )
        if {"f", "F"} <= set(evaluation.labels):
            star = ":material/star:"
            st.button("f / F", icon=star, key="pair-f-F", on_click=matrix_view.show_cell, args=("f", "F"))


def show_tables(evaluation: Evaluation) -> None:
    """All that is confused often, and every class with its counts beside those the report published."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Pairs in figures", anchor=False)
        pair_table.show(evaluation.confused_pairs.head(100))
    with right:
        st.subheader("Every class", anchor=False)
        table = reported.beside(evaluation.per_class, evaluation.labels, evaluation.split)
        plain_table.show(table, dict.fromkeys(("precision", "recall", "f1"), "{:.4f}".format))
        if "wrong in the report" in table:
            st.caption(reported.SOURCE)


page.header(
    "Confusion",
    "Rows are what was written, columns what the model read; off the diagonal it was wrong. **Look for** "
    "pairs that light up on both sides of the diagonal, f and F above all, then click the cell and judge "
    "for yourself: could you tell?",
)
with page.errors_in_words():
    available = runs.servable_runs()
    if not available:
        st.info("There is no trained run yet. Train one on the Train page.")
        st.stop()
    left, middle, right = st.columns([2, 4, 3])
    with left:
        run = pickers.choose_run(available)
    with middle:
        whole, dataset = evaluations.choose(run)
    with right:
        together = matrix_view.choose_groups(whole)
        evaluation = together(whole)
    show_figures(evaluation)
    evaluations.say_what_was_left_out(whole)
    if evaluation.is_sample:
        st.info("These figures are of the **bundled sample** (fonts), not of EMNIST.", icon=":material/info:")
    view = st.segmented_control(
        "View", list(VIEWS), default="Matrix", key="view", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    if view in BY_SINGLE_CLASS and evaluation.labels != whole.labels:
        st.caption("This view is by single class: what is taken together above does not change it.")
    if view == "Two runs":
        model_comparison.show(whole, together, dataset, available)
    elif view == "Reliability":
        reliability.show(evaluation)
    elif view == "Label errors":
        suspects.show(whole, dataset, available)
    elif view == "Over training":
        epoch_by_epoch.show(run)
    elif view == "Take away":
        downloads.show(evaluation, dataset)
    else:
        matrix_view.show(evaluation, whole, dataset)
        show_pairs(evaluation)
        show_tables(evaluation)
