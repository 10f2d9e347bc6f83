"""The confusion matrix with its controls, and the cell that is looked at beside it."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from emnist_core.data import Dataset
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.grouped import by_merge, merge_classes
from emnist_core.evaluation.groups import AMBIGUOUS, holding, kinds_of, parse, table
from emnist_core.splits import SPLITS
from widgets.confusion import cell_gallery, matrix_cells, matrix_table
from widgets.parts import clicks, pickers

SHOWN = {"share": "share of the true class", "predicted": "share of the read class", "count": "counts"}
SCALES = {"root": "square root", "log": "logarithm", "straight": "straight"}
ORDERS = {"class": "class", "error": "most errors", "similar": "likeness"}
KINDS = {"0-9": "digits", "A-Z": "capitals", "a-z": "small letters"}
GROUPS = (" ".join(AMBIGUOUS), *AMBIGUOUS)


def choose_groups(whole: Evaluation) -> Callable[[Evaluation], Evaluation]:
    """What takes the classes together that the person names, in this evaluation and in others with its classes."""
    is_merged = _is_seen_as_bymerge(whole)
    seen = by_merge(whole) if is_merged else whole
    written = st.selectbox(
        "Taken together",
        GROUPS,
        index=None,
        key="groups",
        bind="query-params",
        accept_new_options=True,
        placeholder="nothing: every class for itself",
        help="Classes that count as one, e.g. `0O 1IL`: labels side by side, groups with a space between. "
        "The accuracy is recomputed from the same answers.",
    )
    groups, kinds = parse(written or "", seen.labels), _choose_kinds(seen)

    _, labels = table(seen.labels, groups, kinds)
    for key in ("true", "pred"):
        chosen = st.session_state.get(key, st.query_params.get(key))
        if chosen is not None and (name := holding(labels, chosen)) not in (None, chosen):
            st.session_state[key] = name

    def together(evaluation: Evaluation) -> Evaluation:
        return merge_classes(by_merge(evaluation) if is_merged else evaluation, groups, kinds)

    return together


def _is_seen_as_bymerge(whole: Evaluation) -> bool:
    """Whether the person wants the 62 classes of ByClass seen as the 47 of ByMerge; asked for those only."""
    return whole.labels == SPLITS["byclass"].labels and st.toggle(
        "Seen as ByMerge",
        key="merged",
        bind="query-params",
        help="The 15 letters whose two cases have one shape count as one class each. The accuracy is recomputed "
        "from the same answers.",
    )


def _choose_kinds(seen: Evaluation) -> list[str]:
    """The kinds of class that are one row and column each."""
    kinds = kinds_of(seen.labels)
    if not kinds:
        return []
    return st.pills(
        "Collapsed", kinds, selection_mode="multi", key="kinds", bind="query-params", format_func=KINDS.__getitem__,
        help="Digits, capitals (with the small letters that are merged into them) or small letters as one class "
        "each. A class that is in one of these is in no other group.",
    )  # fmt: skip


def show_cell(true: str, predicted: str) -> None:
    """Go to a cell."""
    st.session_state["true"], st.session_state["pred"] = true, predicted
    st.session_state["page"] = 1


def show(evaluation: Evaluation, whole: Evaluation, dataset: Dataset | None) -> None:
    """The matrix with its cell beside it; a click draws only the cell anew."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_matrix(evaluation)
    with right:
        show_chosen(evaluation, whole, dataset)


@st.fragment
def show_matrix(evaluation: Evaluation) -> None:
    """The matrix with its controls."""
    settings = _settings()
    title = f"Confusion matrix of {evaluation.run_name}: rows are true, columns are read"
    matrix_table.show(matrix_table.confusion(evaluation.confusion, evaluation.labels, title=title, **settings))


@st.fragment
def show_chosen(evaluation: Evaluation, whole: Evaluation, dataset: Dataset | None) -> None:
    """The cell in the two select boxes, and its images."""
    clicks.listen()
    cell = choose_cell(evaluation.labels)
    if cell is not None:
        cell_gallery.show(evaluation, whole, dataset, *cell)


def _settings() -> dict[str, Any]:
    """What cells show, how colour grows and how classes are ordered, from the controls."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = st.segmented_control(
            "Cells show", list(SHOWN), default="share", key="cells", bind="query-params", required=True,
            format_func=SHOWN.__getitem__,
        )  # fmt: skip
        errors_only = st.toggle("Errors only", value=True, key="errors", bind="query-params")
    with st.container(horizontal=True):
        scale = st.segmented_control(
            "Colour by", list(SCALES), default="root", key="scale", bind="query-params", required=True,
            format_func=SCALES.__getitem__,
        )  # fmt: skip
        by = st.segmented_control(
            "Classes by", list(ORDERS), default="class", key="order", bind="query-params", required=True,
            format_func=ORDERS.__getitem__,
        )  # fmt: skip
    return {
        "shown": shown or "share",
        "errors_only": errors_only,
        "scale": scale or "root",
        "by": by or "class",
    }


def choose_cell(labels: Sequence[str]) -> tuple[int, int] | None:
    """The cell that is chosen, as indices; None, with a word on how to choose, while a select box is empty."""
    first, second = st.columns(2)
    with first:
        true = pickers.choose_label(labels, "true", "True class", holding(labels, "f"))
    with second:
        predicted = pickers.choose_label(labels, "pred", "Read as", holding(labels, "F"))
    matrix_cells.listen(show_cell, None if true is None or predicted is None else (labels[true], labels[predicted]))
    if true is None or predicted is None:
        st.write("Click a cell, or choose a true class and what it was read as.")
        return None
    return true, predicted
