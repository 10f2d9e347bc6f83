"""How alike classes are, and the capital and small form of a letter."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from emnist_core.arrays import Values
from emnist_core.charts.style import GLYPHS, HEAT, NEUTRAL, TRAIN, VALIDATION, share_layout


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


def letter_cases(frame: pd.DataFrame, merged: str) -> go.Figure:
    """How alike the capital and the small form of every letter are, those that are merged in their own colour.

    Args:
        frame: ``explore.likeness.letter_cases``.
        merged: the letters that ByMerge makes one class.
    """
    figure = go.Figure()
    is_merged = frame["letter"].isin(list(merged))
    for chosen, title, colour in ((is_merged, "one class in ByMerge and Balanced", TRAIN),
                                  (~is_merged, "two classes", VALIDATION)):  # fmt: skip
        some = frame[chosen]
        figure.add_bar(
            x=[f"{letter}{letter.lower()}" for letter in some["letter"]],
            y=some["correlation"],
            name=title,
            marker={"color": colour},
            customdata=some[["capitals", "smalls"]],
            hovertemplate="%{x}: correlation %{y:.2f}<br>%{customdata[0]:,} capitals, %{customdata[1]:,} small"
            "<extra></extra>",
        )
    order = [f"{letter}{letter.lower()}" for letter in frame["letter"]]
    figure.update_xaxes(
        type="category", categoryorder="array", categoryarray=order, dtick=1, tickangle=0,
        tickfont={"family": GLYPHS, "size": 12},
    )  # fmt: skip
    figure.update_yaxes(title_text="correlation", zerolinecolor=NEUTRAL)
    return share_layout(figure, 320)
