"""Maps: thousands of images as points in a plane, and how alike every two classes are."""

import colorsys
from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from emnist_core.arrays import Rows, Values
from emnist_core.charts.style import GLYPHS, HEAT, MARKS, NEUTRAL, TRAIN, VALIDATION, share_layout

SHAPES = ("circle", "diamond", "square", "triangle-up", "cross", "star")
PICKED = tuple(zip((VALIDATION, TRAIN, *MARKS[2:6]), SHAPES, strict=True))
"""Colours and shapes of classes that are picked out, in the order in which they were picked."""


def atlas(frame: pd.DataFrame, labels: tuple[str, ...], picked: Sequence[int] = ()) -> go.Figure:
    """A map of images, whose points can be selected; each class's label stands in its middle.

    ``customdata`` of a point is its place in ``frame`` and its row in the data.

    Args:
        frame: ``explore.atlas.atlas``.
        labels: class labels in index order.
        picked: classes to bring out, each in a colour and a shape of its own; the others turn grey.
    """
    classes = frame["label"].to_numpy()
    figure = go.Figure()
    if picked:
        others = np.flatnonzero(~np.isin(classes, picked))
        _add_points(figure, frame, labels, others, "all others", {"size": 4, "color": NEUTRAL, "opacity": 0.3})
        for chosen, (colour, symbol) in zip(picked, cycle(PICKED), strict=False):
            marker = {"size": 8, "color": colour, "symbol": symbol, "opacity": 0.8}
            _add_points(figure, frame, labels, np.flatnonzero(classes == chosen), labels[chosen], marker)
    else:
        colours = class_colours(len(labels))
        marker = {"size": 6, "color": [colours[label] for label in classes], "opacity": 0.55}
        _add_points(figure, frame, labels, np.arange(len(frame)), "", marker)
    for label, middle in frame.groupby("label")[["x", "y"]].median().iterrows():
        figure.add_annotation(
            x=middle["x"], y=middle["y"], text=f"<b>{labels[int(str(label))]}</b>", showarrow=False,
            font={"family": GLYPHS, "size": 20}, opacity=1 if not picked or label in picked else 0.5,
        )  # fmt: skip
    for axes in (figure.update_xaxes, figure.update_yaxes):
        axes(showticklabels=False, showgrid=False, zeroline=False, title_text="")
    legend = {"y": 0, "yanchor": "top", "x": 0}  # below the points: above them are the chart's buttons
    return share_layout(figure, 560).update_layout(
        dragmode="lasso", showlegend=bool(picked), margin={"t": 8}, legend=legend
    )


def _add_points(
    figure: go.Figure, frame: pd.DataFrame, labels: tuple[str, ...], places: Rows, name: str, marker: dict[str, Any]
) -> None:
    """Add the points at ``places`` of ``frame``."""
    some = frame.iloc[places]
    figure.add_scatter(
        x=some["x"], y=some["y"], mode="markers", name=name, marker=marker,
        text=np.array(labels)[some["label"]],
        customdata=np.column_stack([places, some["row"]]).tolist(),  # an array comes back as a dict
        hovertemplate="%{text}, row %{customdata[1]}<extra></extra>",
    )  # fmt: skip


def class_colours(count: int) -> list[str]:
    """As many colours as classes, neighbours far apart in hue; of middling lightness, for paper and blackboard."""
    hues = [(0.6 + index * 0.618034) % 1 for index in range(count)]
    mixed = [colorsys.hls_to_rgb(hue, (0.44, 0.56)[index % 2], 0.62) for index, hue in enumerate(hues)]
    return ["#" + "".join(f"{round(255 * part):02x}" for part in colour) for colour in mixed]


def likeness(values: Values, labels: tuple[str, ...], name: str, is_distance: bool = False) -> go.Figure:
    """A map of classes by classes; the darker, the more alike, and colour is spent on the more alike half.

    Args:
        values: ``(classes, classes)``, NaN where a class has no images; the diagonal is left out.
        labels: class labels in index order.
        name: what a value is called.
        is_distance: whether small values mean alike.
    """
    shown = np.where(np.eye(len(labels), dtype=bool), np.nan, values)
    colours = [str(colour) for _, colour in HEAT]
    heat = go.Heatmap(
        z=shown,
        x=list(labels),
        y=list(labels),
        colorscale=colours[::-1] if is_distance else colours,
        **_half(shown, is_distance),
        xgap=1,
        ygap=1,
        hoverongaps=False,
        colorbar={"title": {"text": name, "side": "right"}, "thickness": 12, "outlinewidth": 0},
        hovertemplate="%{y} and %{x}: " + name + " %{z:.3f}<extra></extra>",
    )
    figure = go.Figure(heat)
    axis = {"type": "category", "tickangle": 0, "dtick": 1, "ticks": "", "showgrid": False, "constrain": "domain"}
    axis["tickfont"] = {"family": GLYPHS, "size": 12 if len(labels) < 50 else 9}
    figure.update_xaxes(**axis, side="top")
    figure.update_yaxes(**axis, autorange="reversed", scaleanchor="x")
    return share_layout(figure, 720)


def _half(values: Values, is_low: bool) -> dict[str, float]:
    """Plotly's limits of colour: the lower half of the values that are there, or the upper half."""
    present = values[np.isfinite(values)]
    if len(present) == 0:
        return {}
    low, middle, high = np.quantile(present, (0, 0.5, 1))
    return {"zmin": float(low if is_low else middle), "zmax": float(middle if is_low else high)}
