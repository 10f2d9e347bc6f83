"""The confusion matrix, and the difference of two."""

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from emnist_core.charts.style import DIVERGING, GLYPHS, HEAT, NEUTRAL, share_layout
from emnist_core.evaluation.matrix import Order, Scale, Shown, colour, order, shares

Counts = npt.NDArray[np.int64]


def confusion(
    counts: Counts,
    labels: tuple[str, ...],
    shown: Shown = "share",
    errors_only: bool = False,
    scale: Scale = "root",
    by: Order = "class",
) -> go.Figure:
    """A confusion matrix whose cells can be clicked.

    Each cell carries ``customdata`` of true index, predicted index, count and share of its row, which pointing
    at it tells. Clicks are ``widgets.clicks``'s.

    Args:
        counts: int64 ``(classes, classes)``, rows true.
        labels: class labels in index order.
        shown: what a cell's colour is of; see ``evaluation.matrix.shares``.
        errors_only: hide the diagonal, so that the colour scale is spent on errors.
        scale: how colour grows; see ``evaluation.matrix.colour``.
        by: in which order the classes stand; see ``evaluation.matrix.order``.
    """
    values = shares(counts, shown)
    if errors_only:
        values = np.where(np.eye(len(labels), dtype=bool), 0, values)
    rows, columns = np.indices(counts.shape)
    told = np.stack([rows, columns, counts, shares(counts, "share")], axis=-1)
    hover = "true %{y}, read as %{x}<br>%{customdata[2]:,} images, %{customdata[3]:.1%} of the class<extra></extra>"
    heat = {"colorscale": HEAT, "zmin": 0}
    return _cells(colour(values, scale), told, labels, order(counts, by), heat, hover, edges=by == "class")


def confusion_difference(first: Counts, second: Counts, labels: tuple[str, ...]) -> go.Figure:
    """The first matrix less the second, cell by cell, without the diagonal; cells can be clicked.

    Orange: the first has more images there; blue: fewer. ``customdata`` is true index, predicted index and
    the images of the first and of the second.
    """
    gap = np.where(np.eye(len(labels), dtype=bool), 0, first - second).astype(float)
    rows, columns = np.indices(first.shape)
    told = np.stack([rows, columns, first, second], axis=-1)
    hover = "true %{y}, read as %{x}<br>%{customdata[2]} images, and %{customdata[3]} by the second<extra></extra>"
    limit = max(float(np.sqrt(np.abs(gap)).max()), 1.0)
    heat = {"colorscale": DIVERGING, "zmin": -limit, "zmax": limit}
    shown = np.where(gap == 0, np.nan, np.sign(gap) * np.sqrt(np.abs(gap)))
    return _cells(shown, told, labels, np.arange(len(labels)), heat, hover)


def _cells(
    z: npt.NDArray[np.float64],
    told: npt.NDArray[np.float64],
    labels: tuple[str, ...],
    places: npt.NDArray[np.int64],
    heat: dict[str, object],
    hover: str,
    edges: bool = True,
) -> go.Figure:
    """Cells coloured by ``z`` that carry ``told``, the classes in the order of ``places``."""
    names = [labels[i] for i in places]
    classes, corner = len(names), np.ix_(places, places)
    figure = go.Figure(
        go.Heatmap(
            z=z[corner],
            x=names,
            y=names,
            xgap=1,
            ygap=1,
            showscale=False,
            customdata=told[corner],
            hovertemplate=hover,
            **heat,
        )
    )
    axis = {
        "type": "category",
        "tickfont": {"family": GLYPHS, "size": 12 if classes < 50 else 10},
        "tickangle": 0,
        "dtick": 1,
        "ticks": "",
        "showgrid": False,
        "constrain": "domain",
    }
    figure.update_xaxes(**axis, title_text="read as", side="top", range=[-0.5, classes - 0.5])
    figure.update_yaxes(**axis, title_text="true", range=[classes - 0.5, -0.5], scaleanchor="x")
    for edge in _group_edges(labels) if edges else []:
        figure.add_vline(edge, line={"width": 1, "dash": "dot", "color": NEUTRAL})
        figure.add_hline(edge, line={"width": 1, "dash": "dot", "color": NEUTRAL})
    return share_layout(figure, 760).update_layout(margin={"l": 8, "r": 8, "t": 56, "b": 8})


def _group_edges(labels: tuple[str, ...]) -> list[float]:
    """Positions between digits, capitals and small letters."""
    kinds = [(label[0].isdigit(), label[0].isupper()) for label in labels]
    return [i - 0.5 for i in range(1, len(kinds)) if kinds[i] != kinds[i - 1]]
