"""Images of an evaluation as tiles that link to their own pages, a page at a time."""

from collections.abc import Iterable

import streamlit as st

from emnist_core.data import Dataset
from emnist_core.evaluation.evaluation import Evaluation
from widgets.parts import clicks, tiles

PAGE_SIZE = 60


def page_of(count: int, key: str = "page", size: int = PAGE_SIZE) -> slice:
    """Which of ``count`` images are on the page that is chosen; asked for only where there are several pages."""
    pages = max(-(-count // size), 1)
    if not 1 <= st.session_state.get(key, 1) <= pages:
        st.session_state[key] = 1  # another cell or layer, with fewer images
    number = st.pagination(pages, key=key, bind="query-params") if pages > 1 else 1
    return slice((number - 1) * size, number * size)


def show(evaluation: Evaluation, dataset: Dataset, indices: Iterable[int], scale: float = 2) -> None:
    """Draw the images at ``indices`` of an evaluation, each with a link to its page."""
    tiles.grid([tile(evaluation, dataset, int(index)) for index in indices], scale)


def tile(evaluation: Evaluation, dataset: Dataset, index: int) -> tiles.Tile:
    """The tile of one of the images that count, with a link to its page, which is known by the row of the data."""
    row = int(evaluation.rows[index])
    return tiles.Tile(
        dataset.images[index],
        evaluation.labels[evaluation.true[index]],
        evaluation.labels[evaluation.predicted[index]],
        float(evaluation.confidence[index]),
        f"row {row}",
        clicks.address("image", of=evaluation.run_name, on=evaluation.title, row=row),
    )
