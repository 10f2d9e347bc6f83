"""The confusion matrix."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from emnist_core.charts.style import GLYPHS, HEAT, NEUTRAL, share_layout


def confusion(
    counts: npt.NDArray[np.int64],
    labels: tuple[str, ...],
    shown: Literal["share", "count"] = "share",
    errors_only: bool = False,
) -> go.Figure:
    """A confusion matrix whose cells can be clicked.

    Plotly's heat maps give no selection events, so invisible square markers lie over the cells; each carries
    ``customdata`` of true index, predicted index, count and share of its row.

    Args:
        counts: int64 ``(classes, classes)``, rows true.
        labels: class labels in index order.
        shown: ``"share"`` colours by share of the true class, ``"count"`` by number of images.
        errors_only: hide the diagonal, so that the colour scale is spent on errors.
    """
    classes = len(labels)
    support = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shares = counts / support
    values = (shares if shown == "share" else counts).astype(float)
    if errors_only:
        values = np.where(np.eye(classes, dtype=bool), np.nan, values)
    names = list(labels)
    rows, columns = np.indices(counts.shape)
    values[values == 0] = np.nan
    figure = go.Figure(
        [
            go.Heatmap(
                # The square root brings out rare confusions, which a straight scale leaves as paper.
                z=np.sqrt(values),
                x=names,
                y=names,
                hoverinfo="skip",
                xgap=1,
                ygap=1,
                colorscale=HEAT,
                showscale=False,
                zmin=0,
            ),
            go.Scatter(
                x=[names[i] for i in columns.ravel()],
                y=[names[i] for i in rows.ravel()],
                mode="markers",
                marker={"symbol": "square", "size": 13, "opacity": 0},
                unselected={"marker": {"opacity": 0}},
                selected={"marker": {"opacity": 0}},
                customdata=np.stack([rows, columns, counts, shares], axis=-1).reshape(-1, 4),
                hovertemplate=(
                    "true %{y}, read as %{x}<br>%{customdata[2]:,} images, "
                    "%{customdata[3]:.1%} of the class<extra></extra>"
                ),
                showlegend=False,
            ),
        ]
    )
    axis = {
        "type": "category",
        "tickfont": {"family": GLYPHS, "size": 12},
        "tickangle": 0,
        "dtick": 1,
        "ticks": "",
        "showgrid": False,
        "constrain": "domain",
    }
    figure.update_xaxes(**axis, title_text="read as", side="top", range=[-0.5, classes - 0.5])
    figure.update_yaxes(**axis, title_text="true", range=[classes - 0.5, -0.5], scaleanchor="x")
    for edge in _group_edges(labels):
        figure.add_vline(edge, line={"width": 1, "dash": "dot", "color": NEUTRAL})
        figure.add_hline(edge, line={"width": 1, "dash": "dot", "color": NEUTRAL})
    return share_layout(figure, 760).update_layout(margin={"l": 8, "r": 8, "t": 56, "b": 8}, clickmode="event+select")


def _group_edges(labels: tuple[str, ...]) -> list[float]:
    """Positions between digits, capitals and small letters."""
    kinds = [(label.isdigit(), label.isupper()) for label in labels]
    return [i - 0.5 for i in range(1, len(kinds)) if kinds[i] != kinds[i - 1]]
