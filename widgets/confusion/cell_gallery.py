"""The images of one cell of a confusion matrix, sorted, a page at a time, each a link to its own page."""

import streamlit as st

from emnist_core.data import Dataset
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.lookup import title_of
from emnist_core.evaluation.sorting import TITLES, sort_indices
from widgets.parts import clicks, evaluations, tiles

PAGE_SIZE = 60


def show(evaluation: Evaluation, whole: Evaluation, dataset: Dataset | None, true: int, predicted: int) -> None:
    """Draw the gallery.

    Args:
        evaluation: what the matrix shows, perhaps with classes taken together.
        whole: the same with every class for itself, whose labels the tiles bear.
        dataset: the images, where they are here.
        true, predicted: indices into ``evaluation.labels``.
    """
    rows = evaluation.cell(true, predicted)
    support = int(evaluation.confusion[true].sum())
    names = evaluation.labels[true], evaluation.labels[predicted]
    st.markdown(f"#### {len(rows)} of {support} images of `{names[0]}` read as `{names[1]}`")
    if dataset is None:
        evaluations.without_images(whole)
        return
    if len(rows) == 0:
        st.write("No image is in this cell.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.selectbox(
            "Sorted", list(TITLES), key="sort", bind="query-params", format_func=TITLES.__getitem__, width=230
        )
        number = page_number(len(rows))
    rows = sort_indices(evaluation, rows, by, dataset.images)[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    tiles.grid([tile(whole, dataset, int(row)) for row in rows])
    st.caption("Any image opens its own page: why it was read so, and whom it resembles.")


def page_number(images: int) -> int:
    """Which page of ``images`` to show; asked for only where there are several."""
    pages = -(-images // PAGE_SIZE)
    if pages == 1:
        return 1
    if not 1 <= st.session_state.get("page", 1) <= pages:
        st.session_state["page"] = 1  # another cell, with fewer images
    return int(st.number_input(f"Page of {pages}", 1, pages, key="page", bind="query-params", width=130))


def tile(whole: Evaluation, dataset: Dataset, place: int) -> tiles.Tile:
    """The tile of one of the images that count, with a link to its page, which is known by the row of the data."""
    row = int(whole.rows[place])
    return tiles.Tile(
        dataset.images[place],
        whole.labels[whole.true[place]],
        whole.labels[whole.predicted[place]],
        float(whole.confidence[place]),
        f"row {row}",
        clicks.address("image", of=whole.run_name, on=title_of(whole), row=row),
    )
