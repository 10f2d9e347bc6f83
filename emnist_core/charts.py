"""Tidy frames in, Plotly figures out. No Streamlit here, so tests can read the figures.

Text and grid take their colours from the page's theme. The few colours set here are read as well on paper as on
a blackboard, and are told apart by people who do not see red or green.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

GLYPHS = "Source Code Pro, ui-monospace, monospace"
TRAIN, VALIDATION = "#4c84d8", "#d9772b"
NEUTRAL = "#8a8f98"
HEAT = [[0.0, "rgba(76, 132, 216, 0)"], [0.5, "rgba(60, 116, 205, 0.65)"], [1.0, "rgb(29, 79, 168)"]]
"""From nothing to ink, so that an empty cell is paper in one theme and blackboard in the other."""


def _shared(figure: go.Figure, height: int) -> go.Figure:
    """The template of every chart."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        legend={"orientation": "h", "y": -0.18},
        hoverlabel={"font": {"family": GLYPHS}},
        dragmode=False,
    )
    return figure


def curves(steps: pd.DataFrame, epochs: pd.DataFrame, best_epoch: int | None = None) -> go.Figure:
    """Accuracy and loss over training: thin lines per logged step, thick ones with markers per epoch.

    Args:
        steps: ``Run.metrics("step")``.
        epochs: ``Run.metrics("epoch")``.
        best_epoch: the epoch whose weights are kept, marked by a line.
    """
    figure = make_subplots(rows=1, cols=2, subplot_titles=("Accuracy", "Loss"), horizontal_spacing=0.08)
    for column, name in enumerate(("accuracy", "loss"), start=1):
        shared = {"row": 1, "col": column, "showlegend": column == 1}
        figure.add_scatter(
            x=steps["epoch"],
            y=steps[name],
            name="train, per step",
            mode="lines",
            line={"width": 1, "color": TRAIN},
            opacity=0.5,
            hovertemplate="epoch %{x:.2f}<br>%{y:.4f}<extra>train, per step</extra>",
            legendgroup="step",
            **shared,
        )
        for kind, field, colour, symbol in (
            ("train", name, TRAIN, "circle"),
            ("validation", f"validation_{name}", VALIDATION, "diamond"),
        ):
            figure.add_scatter(
                x=epochs["epoch"],
                y=epochs[field],
                name=f"{kind}, per epoch",
                mode="lines+markers",
                line={"width": 3, "color": colour, "dash": "solid" if kind == "train" else "dot"},
                marker={"symbol": symbol, "size": 8},
                hovertemplate=f"epoch %{{x}}<br>%{{y:.4f}}<extra>{kind}</extra>",
                legendgroup=kind,
                **shared,
            )
        if best_epoch is not None:
            figure.add_vline(
                x=best_epoch, line={"width": 1, "dash": "dash", "color": NEUTRAL}, row=1, col=column
            )
    figure.update_xaxes(title_text="epoch")
    figure.update_yaxes(tickformat=".0%", row=1, col=1)
    return _shared(figure, 380)


def class_counts(counts: npt.NDArray[np.int64], labels: tuple[str, ...]) -> go.Figure:
    """Images of every class as bars."""
    figure = go.Figure(
        go.Bar(
            x=list(labels),
            y=counts,
            marker={"color": TRAIN},
            hovertemplate="%{x}: %{y:,} images<extra></extra>",
        )
    )
    figure.update_xaxes(type="category", tickfont={"family": GLYPHS, "size": 13}, tickangle=0, dtick=1)
    figure.update_yaxes(title_text="images")
    return _shared(figure, 260)


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
    return _shared(figure, 760).update_layout(
        margin={"l": 8, "r": 8, "t": 56, "b": 8}, clickmode="event+select"
    )


def _group_edges(labels: tuple[str, ...]) -> list[float]:
    """Positions between digits, capitals and small letters."""
    kinds = [(label.isdigit(), label.isupper()) for label in labels]
    return [i - 0.5 for i in range(1, len(kinds)) if kinds[i] != kinds[i - 1]]
