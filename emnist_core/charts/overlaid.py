"""Curves of several trainings over each other."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from emnist_core.charts.style import MARKS, add_curve, legend_above, share_layout

SYMBOLS = ("circle", "diamond", "square", "cross", "triangle-up", "x", "star", "hexagon")
ROOM = 0.02
"""Of accuracy, left above and below what is shown close up."""


def overlaid(
    names: Sequence[str], validation: Sequence[pd.DataFrame], training: Sequence[pd.DataFrame], by: str, close: bool
) -> go.Figure:
    """Accuracy on validation images and on training images, a colour and a sign a run.

    Args:
        names: what each run is called.
        validation, training: a frame for each run with ``accuracy`` in [0, 1] and the columns to choose ``by`` from.
        by: the column along the horizontal axis: ``"epoch"``, ``"step"`` or ``"minutes"``.
        close: whether the axes begin where the worst run's last accuracy is near, and not at 0.
    """
    figure = make_subplots(
        rows=1, cols=2, subplot_titles=("On validation images", "On training images"), horizontal_spacing=0.08
    )
    for number, name in enumerate(names):
        colour, symbol = MARKS[number % len(MARKS)], SYMBOLS[number % len(SYMBOLS)]
        for column, frame in enumerate((validation[number], training[number]), start=1):
            hover = f"{by} %{{x:.4g}}<br>%{{y:.2%}}<extra>{name}</extra>"
            add_curve(
                figure, frame[by], frame["accuracy"], name, colour, hover, symbol if column == 1 else "", width=2,
                legendgroup=name, showlegend=column == 1, row=1, col=column,
            )  # fmt: skip
    figure.update_xaxes(title_text=by, rangemode="tozero")
    for column, frames in enumerate((validation, training), start=1):
        figure.update_yaxes(tickformat=".0%", range=_range(frames) if close else [0, 1], row=1, col=column)
    return legend_above(share_layout(figure, 420)).update_layout(margin={"t": 84}, legend={"y": 1.1})


def _range(frames: Sequence[pd.DataFrame]) -> list[float]:
    """From a little below the latter half of the worst curve to a little above the best."""
    accuracies = [frame["accuracy"].dropna() for frame in frames]
    lowest = min((values.iloc[len(values) // 2 :].min() for values in accuracies if len(values)), default=0.0)
    highest = max((values.max() for values in accuracies if len(values)), default=1.0)
    return [max(0.0, lowest - ROOM), min(1.0, highest + ROOM)]
