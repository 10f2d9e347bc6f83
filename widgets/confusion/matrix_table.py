"""The confusion matrix as a table of HTML: on screen at once, where a chart first fetches megabytes of script.

Each cell says in words what it holds, for those who point at it and those who have it read out. Pointing,
clicking and the arrow keys are ``widgets.confusion.matrix_cells``'s.
"""

import html

import numpy as np
import streamlit as st

from emnist_core.arrays import Counts, Rows, Values
from emnist_core.evaluation.matrix import Order, Scale, Shown, colour, difference, order, shares

FAINTEST = 0.06
"""Opacity of the least that is not nothing, so that one image in a cell is seen."""

STYLE = """<style>
.matrix{overflow-x:auto;position:relative}
.matrix>div{container-type:inline-size;min-width:38rem;max-width:50rem}
.matrix table{border-collapse:separate;border-spacing:1px;table-layout:fixed;width:100%;line-height:1}
.matrix :is(th,td){padding:0;overflow:hidden}
.matrix tbody tr{height:calc((100cqw - 3.6rem)/var(--classes) - 1px)}
.matrix th{font:500 clamp(.55rem,calc(68cqw/var(--classes)),.78rem)/1 "Source Code Pro",ui-monospace,monospace;
 overflow:visible;vertical-align:middle;text-align:center;white-space:nowrap;opacity:.8}
.matrix thead th{height:1.5rem;vertical-align:bottom;padding-bottom:.2rem}
.matrix thead th.long{writing-mode:vertical-rl;transform:rotate(180deg);height:3.2rem;text-align:left;padding:0}
.matrix tr>:first-child{width:3.4rem;text-align:right;padding-right:.4rem}
.matrix td{font-size:0;color:transparent;cursor:pointer;
 background:rgb(var(--ink,47 108 222)/calc(var(--v,0)*100%))}
.matrix td.more{--ink:217 104 40}
.matrix td.edge{box-shadow:-1px 0 0 0 #8a8f98}
.matrix tr.edge td{box-shadow:0 -1px 0 0 #8a8f98}.matrix tr.edge td.edge{box-shadow:-1px -1px 0 0 #8a8f98}
.matrix td:hover{outline:1px solid #8a8f98}
.matrix td.chosen{outline:2px solid #d9772b}
.matrix td:focus{outline:3px solid #d9772b}
.matrix th.here{opacity:1;font-weight:800;color:#d9772b}
.matrix output{position:absolute;z-index:2;pointer-events:none;padding:.3rem .55rem;border-radius:.35rem;
 width:max-content;max-width:17rem;font:500 .85rem/1.35 "Source Code Pro",ui-monospace,monospace;color:#f1efe6;
 background:#2b3440}
</style>"""

CLOSED = "<style>.matrix td{cursor:default}</style>"


def show(markup: str, opens: bool = True) -> None:
    """Draw a table of ``confusion`` or ``confusion_difference``, whose cells open if they are listened to."""
    st.html(STYLE + ("" if opens else CLOSED) + markup)


def confusion(
    counts: Counts,
    labels: tuple[str, ...],
    shown: Shown = "share",
    errors_only: bool = False,
    scale: Scale = "root",
    by: Order = "class",
    title: str = "Confusion matrix",
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
    """
    values = shares(counts, shown)
    if errors_only:
        values = np.where(np.eye(len(labels), dtype=bool), 0, values)
    of_class = shares(counts, "share")
    said = {
        (i, j): f"{counts[i, j]:,} image{'' if counts[i, j] == 1 else 's'}, {of_class[i, j]:.1%} of the class"
        for i, j in _places(counts)
    }
    return _table(colour(values, scale), said, labels, order(counts, by), title, edges=by == "class")


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
    """
    strongest = np.nanmax(np.abs(values), initial=1e-9, where=np.isfinite(values))
    opacity = np.clip(np.abs(values) / strongest, FAINTEST, 1)
    begin = _group_edges(labels) if edges else set()

    def cell(row: int, column: int, number: int) -> str:
        names = ["more"] * bool(is_difference and values[row, column] > 0) + ["edge"] * (number in begin)
        named = f' class="{" ".join(names)}"' if names else ""
        seen = "" if np.isnan(values[row, column]) else f' style="--v:{opacity[row, column]:.2g}"'
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
        f'<div class="matrix"><div style="--classes:{len(labels)}"><table tabindex="0" '
        f'aria-label="{html.escape(title, quote=True)}"><thead><tr><th>true↓as→</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div><output hidden></output></div>"
    )


def _group_edges(labels: tuple[str, ...]) -> set[int]:
    """The classes with which capitals and small letters begin."""
    kinds = [(label[0].isdigit(), label[0].isupper()) for label in labels]
    return {i for i in range(1, len(kinds)) if kinds[i] != kinds[i - 1]}
