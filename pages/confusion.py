"""The confusion matrix of a run: click a cell and see the very images behind it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from widgets import page
from widgets.confusion import (
    class_groups,
    downloads,
    matrix_view,
    model_comparison,
    reliability,
    summary,
    suspects,
)
from widgets.parts import epoch_by_epoch, evaluations, pickers

VIEWS = ("Matrix", "Two runs", "Reliability", "Label errors", "Epoch by epoch", "Download")
BY_SINGLE_CLASS = ("Label errors", "Epoch by epoch")
LOOK_FOR = (
    "Written down, read across: off the diagonal the model was wrong. **Look for** pairs that light up on both sides "
    "of it, f and F above all, then click the cell and judge for yourself: could you tell?"
)


def choose_view(place: DeltaGenerator) -> tuple[str, bool]:
    """The view, and whether the matrix is to be read from the back of a room."""
    with place, st.container(horizontal=True, vertical_alignment="center"):
        view = pickers.choose_one("View", VIEWS, key="view", is_named=False)
        return view, view == "Matrix" and st.toggle("Large", key="large", bind="query-params")


is_large = st.session_state.get("large", st.query_params.get("large") == "true")
page.header("Confusion", "" if is_large else LOOK_FOR)
with page.errors_in_words():
    available = pickers.servable_runs()
    first = st.container()  # the large matrix, before all that is chosen
    left, middle, right, rightmost = st.columns([4, 8, 5, 5], vertical_alignment="bottom")
    with left:
        run = pickers.choose_run(available)
    with middle:
        single, dataset = evaluations.choose(run)
    with right:
        merge = class_groups.choose(single)
    evaluation = merge(single)
    with rightmost:
        evaluations.say_what_it_is_of(single)
        if evaluation.labels != single.labels:
            st.caption(f"{len(single.labels)} classes are counted as {len(evaluation.labels)}.")
    view, is_large = choose_view(first if is_large else st.container())
    if view in BY_SINGLE_CLASS and evaluation.labels != single.labels:
        st.caption("This view is by single class: what is merged above does not change it.")
    if view == "Matrix":
        left, right = (first, st.container()) if is_large else st.columns([3, 2], gap="large")
        with left:
            matrix_view.show_matrix(evaluation, is_large)
        with right:
            summary.show_figures(evaluation, is_small=True)
            matrix_view.show_chosen(evaluation, dataset)
        summary.show_pairs(evaluation)
        summary.show_tables(evaluation)
    else:
        summary.show_figures(evaluation)
    if view == "Two runs":
        model_comparison.show(single, merge, dataset, available)
    elif view == "Reliability":
        reliability.show(evaluation)
    elif view == "Label errors":
        suspects.show(single, dataset, available)
    elif view == "Epoch by epoch":
        epoch_by_epoch.show(run)
    elif view == "Download":
        downloads.show(evaluation, dataset)
