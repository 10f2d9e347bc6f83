"""The confusion matrix as a table of HTML: on screen at once, where a chart first fetches megabytes of script.

Each cell says in words what it holds, for those who point at it and those who have it read out. Pointing,
clicking and the arrow keys are ``widgets.parts.matrix_cells``'s.
"""

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from emnist_core.arrays import Counts, Rows, Values
from emnist_core.evaluation.matrix import Order, Scale, Shown, colour, difference, order, shares
from widgets import assets

FAINTEST = 0.06
"""Opacity of the least that is not nothing, so that one image in a cell is seen."""

STYLE = assets.css(__file__)


def show(markup: str) -> None:
    """Draw a table of ``confusion`` or ``confusion_difference``, whose cells open if they are listened to."""
    st.html(STYLE + markup)


def confusion(
    counts: Counts,
    labels: tuple[str, ...],
    shown: Shown = "share",
    errors_only: bool = False,
    scale: Scale = "root",
    by: Order = "class",
    title: str = "Confusion matrix",
    only: Sequence[str] = (),
    is_large: bool = False,
    opens: bool = True,
) -> str:
    """A confusion matrix as HTML.

    Args:
        counts: int64 ``(classes, classes)``, rows true.
        labels: class labels in index order.
        shown: what a cell's colour is of; see ``evaluation.matrix.shares``.
        errors_only: hide the diagonal, so that the colour scale is spent on errors.
        scale: how colour grows; see ``evaluation.matrix.colour``.
        by: in which order the classes stand; see ``evaluation.matrix.order``.
        title: what the table is, for those who have it read out.
        only: the labels of the classes that are shown; all of them where it is empty.
        is_large: as wide as the page, with counts in the cells: to be read from the back of a room.
        opens: whether cells look as if they open.
    """
    values = shares(counts, shown)
    if errors_only:
        values = np.where(np.eye(len(labels), dtype=bool), 0, values)
    places = order(counts, by)
    if only:
        is_shown = np.isin(labels, only)
        places = places[is_shown[places]]
        values = np.where(is_shown & is_shown[:, np.newaxis], values, 0)
    of_class = shares(counts, "share")
    said = {
        (i, j): f"{counts[i, j]:,} image{'' if counts[i, j] == 1 else 's'}, {of_class[i, j]:.1%} of the class"
        for i, j in _places(counts)
    }
    looks = f"{' data-large' * is_large}{' data-closed' * (not opens)}"
    written = counts if is_large else None
    return _table(colour(values, scale), said, labels, places, title, by == "class", written=written, looks=looks)


def confusion_difference(first: Counts, second: Counts, labels: tuple[str, ...], title: str) -> str:
    """The first matrix less the second as HTML, cell by cell, without the diagonal.

    Orange: the first has more images there; blue: fewer. Colour grows with the square root.
    """
    gap = np.where(np.eye(len(labels), dtype=bool), 0, difference(first, second)).astype(float)
    said = {(i, j): f"{first[i, j]:,}, and {second[i, j]:,} by the second" for i, j in _places(first + second)}
    values = np.where(gap == 0, np.nan, np.sign(gap) * np.sqrt(np.abs(gap)))
    return _table(values, said, labels, np.arange(len(labels)), title, is_difference=True)


def _places(counts: Counts) -> list[tuple[int, int]]:
    """Row and column of the cells that hold images."""
    return [(int(i), int(j)) for i, j in np.argwhere(counts)]


def _table(
    values: Values,
    said: dict[tuple[int, int], str],
    labels: tuple[str, ...],
    places: Rows,
    title: str,
    edges: bool = True,
    is_difference: bool = False,
    written: Counts | None = None,
    looks: str = "",
) -> str:
    """Cells whose colour is their value's share of the largest.

    Args:
        values: float ``(classes, classes)``, NaN where nothing is to be seen.
        said: what a cell holds, in words, by row and column.
        labels: class labels in index order.
        places: the classes in the order in which they stand.
        title: what the table is.
        edges: draw lines between digits, capitals and small letters.
        is_difference: values above 0 are orange, those below blue; otherwise all are blue.
        written: numbers that are written into the cells whose colour is seen.
        looks: attributes by which the style sheet knows a kind of table.
    """
    strongest = np.nanmax(np.abs(values), initial=1e-9, where=np.isfinite(values))
    opacity = np.clip(np.abs(values) / strongest, FAINTEST, 1)
    begin = _group_edges([labels[i] for i in places]) if edges else set()

    def cell(row: int, column: int, number: int) -> str:
        names = ["more"] * bool(is_difference and values[row, column] > 0) + ["edge"] * (number in begin)
        named = f' class="{" ".join(names)}"' if names else ""
        if np.isnan(values[row, column]):
            return f"<td{named}>{said.get((row, column), '')}</td>"
        seen = f' style="--v:{opacity[row, column]:.2g}"'
        if written is not None:
            seen += f' data-n="{written[row, column]}"'
        return f"<td{named}{seen}>{said.get((row, column), '')}</td>"

    head = "".join(
        f"<th scope=col{' class=long' * (len(name) > 2)}>{name}</th>"
        for name in (html.escape(labels[i]) for i in places)
    )
    body = "".join(
        f"<tr{' class=edge' * (number in begin)}><th scope=row>{html.escape(labels[row])}</th>"
        + "".join(cell(row, column, across) for across, column in enumerate(places))
        + "</tr>"
        for number, row in enumerate(places)
    )
    return (
        f'<div class="matrix"{looks}><div style="--classes:{len(places)}"><table tabindex="0" '
        f'aria-label="{html.escape(title, quote=True)}"><thead><tr><th>written↓<br>read→</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div><output hidden></output></div>"
    )


def _group_edges(labels: Sequence[str]) -> set[int]:
    """The classes with which capitals and small letters begin."""
    kinds = [(label[0].isdigit(), label[0].isupper()) for label in labels]
    return {i for i in range(1, len(kinds)) if kinds[i] != kinds[i - 1]}
