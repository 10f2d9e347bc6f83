"""What all charts share: colours, the face of labels, the layout.

Text and grid take their colours from the page's theme. The few set here are read as well on paper as on
a blackboard, and are told apart by people who do not see red or green.
"""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from emnist_core.arrays import Values

GLYPHS = "Source Code Pro, ui-monospace, monospace"
TRAIN, VALIDATION = "#4c84d8", "#d9772b"
NEUTRAL = "#8a8f98"
MARKS = (TRAIN, VALIDATION, "#3f9b6f", "#b06ac9", "#a88a1f", "#cf5f86", "#3a9aa6", "#8a7264")
"""Colours for a few single images that a chart follows, so that each has that of its tile."""
HEAT = [[0.0, "rgba(76, 132, 216, 0)"], [0.5, "rgba(62, 122, 220, 0.6)"], [1.0, "rgb(47, 108, 222)"]]
"""From nothing to ink, so that an empty cell is paper in one theme and blackboard in the other."""


def share_layout(figure: go.Figure, height: int) -> go.Figure:
    """The template of every chart."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        legend={"orientation": "h", "y": -0.18},
        hoverlabel={"font": {"family": GLYPHS}},
        dragmode=False,
    )
    return figure


def legend_above(figure: go.Figure) -> go.Figure:
    """The legend over the chart, where it meets no axis title however low or narrow the chart is."""
    return figure.update_layout(legend={"y": 1.0, "yanchor": "bottom", "x": 0, "xanchor": "left"})


def add_curve(
    figure: go.Figure, x: Values | pd.Series, y: Values | pd.Series, name: str, colour: str, hover: str,
    symbol: str = "", width: float = 3, dash: str = "solid", **more: Any,
) -> None:  # fmt: skip
    """Add a curve, with a ``symbol`` at each of its points where one is given; ``more`` as Plotly's ``add_scatter``."""
    looks = {"mode": "lines+markers" if symbol else "lines", "marker": {"symbol": symbol or "circle", "size": 8}}
    line = {"color": colour, "width": width, "dash": dash}
    figure.add_scatter(x=x, y=y, name=name, line=line, hovertemplate=hover, **looks | more)


def mark_at(figure: go.Figure, at: float | None, **place: int) -> None:
    """Mark where on the horizontal axis one looks by a dashed line; ``place`` is a subplot's ``row`` and ``col``."""
    if at is not None:
        figure.add_vline(at, line={"width": 1, "dash": "dash", "color": NEUTRAL}, **place)
