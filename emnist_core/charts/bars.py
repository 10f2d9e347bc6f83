"""Bars: how values are spread, how alike the two forms of a letter are, what units answer."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from emnist_core.arrays import Points, Values
from emnist_core.charts.style import GLYPHS, NEUTRAL, TRAIN, VALIDATION, share_layout


def spread(values: Values, limit: float, title: str) -> go.Figure:
    """How values are spread, with a line at the ``limit`` beyond which they count."""
    counts, edges = np.histogram(values, bins=60)
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges) * 0.92,
            marker={"color": TRAIN},
            hovertemplate="%{x:.3f}: %{y:,} images<extra></extra>",
        )
    )
    figure.add_vline(limit, line={"color": VALIDATION, "width": 2, "dash": "dash"})
    figure.update_xaxes(title_text=title)
    figure.update_yaxes(title_text="images")
    return share_layout(figure, 220)


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


def units(values: Points, labels: Sequence[str] | None = None) -> go.Figure:
    """Activations of a dense layer as bars, float32 ``(units,)``, by the units' numbers or by class labels."""
    figure = go.Figure(
        go.Bar(
            x=list(range(1, len(values) + 1)) if labels is None else list(labels),
            y=values,
            marker={"color": np.where(values < 0, TRAIN, VALIDATION)},
            hovertemplate=("unit %{x}" if labels is None else "%{x}") + ": %{y:.3g}<extra></extra>",
        )
    )
    if labels is None:
        figure.update_xaxes(title_text="unit")
    else:
        figure.update_xaxes(type="category", tickfont={"family": GLYPHS}, tickangle=0)
    figure.update_yaxes(title_text="activation" if labels is None else "probability")
    return share_layout(figure, 260)
