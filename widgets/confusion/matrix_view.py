"""The confusion matrix with its controls, and the images of the cell that is looked at."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from emnist_core.data import Dataset
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.matrix import TITLES, sort_indices
from widgets import navigation
from widgets.parts import clicks, evaluations, gallery, matrix, matrix_cells, pickers

SHOWN = {"share": "share of the class written", "predicted": "share of the class read", "count": "counts"}
SCALES = {"root": "square root", "log": "logarithm", "straight": "straight"}
ORDERS = {"class": "class", "error": "most errors", "similar": "likeness"}


@st.fragment
def show_matrix(evaluation: Evaluation, is_large: bool = False) -> None:
    """The matrix with its controls; the large one of chosen classes only, where some are."""
    settings = _settings(evaluation.labels if is_large else ())
    title = f"Confusion matrix of {evaluation.run_name}: rows are what was written, columns what was read"
    counts = evaluation.confusion
    matrix.show(matrix.confusion(counts, evaluation.labels, title=title, is_large=is_large, **settings))


def _settings(labels: Sequence[str]) -> dict[str, Any]:
    """What cells show, how colour grows, how classes are ordered and which of ``labels``, from the controls."""
    with st.container(horizontal=True, vertical_alignment="center"):
        errors_only = st.toggle("Errors only", value=True, key="errors", bind="query-params")
        with st.popover("How it is drawn", icon=":material/tune:"):
            shown = pickers.choose_one("Cells show", SHOWN, key="cells")
            scale = pickers.choose_one("Colour by", SCALES, key="scale")
            by = pickers.choose_one("Classes by", ORDERS, key="order")
        only = labels and st.multiselect(
            "Only these classes", labels, key="only", bind="query-params", placeholder="all classes",
            label_visibility="collapsed",
        )  # fmt: skip
    return {"shown": shown, "errors_only": errors_only, "scale": scale, "by": by, "only": only}


@st.fragment
def show_chosen(evaluation: Evaluation, dataset: Dataset | None) -> None:
    """The cell in the two select boxes, and its images; a click on another draws only this again."""
    clicks.listen()
    true, predicted = matrix_cells.choose_cell(evaluation.labels)
    with st.container(key=matrix_cells.IMAGES):
        if true is None or predicted is None:
            st.write("Click a cell, or choose a class that was written and what it was read as.")
        else:
            _show_images(evaluation, dataset, true, predicted)


def _show_images(evaluation: Evaluation, dataset: Dataset | None, true: int, predicted: int) -> None:
    """The images of a cell, sorted; a tile bears the labels of single classes also where some are merged."""
    indices = evaluation.cell(true, predicted)
    support = int(evaluation.confusion[true].sum())
    names = evaluation.labels[true], evaluation.labels[predicted]
    st.subheader(f"{len(indices)} of {support} images of `{names[0]}` read as `{names[1]}`", anchor=False)
    if true != predicted and evaluation.ungrouped is evaluation:
        there = {"pair_run": evaluation.run_name, "pair_data": evaluation.title, "a": names[0], "b": names[1]}
        navigation.link("pair", "Compare the two in the Pair lab", there)
    if dataset is None:
        evaluations.without_images(evaluation)
        return
    if len(indices) == 0:
        st.write("No image is in this cell.")
        return
    by = st.selectbox(
        "Sorted", list(TITLES), key="sort", bind="query-params", format_func=TITLES.__getitem__, width=230
    )
    page = gallery.page_of(len(indices))
    gallery.show(evaluation.ungrouped, dataset, sort_indices(evaluation, indices, by, dataset.images)[page])
    st.caption("Any image opens its own page: why it was read so, and whom it resembles.")
