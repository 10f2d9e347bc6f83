"""Charts over the epochs of a training."""

import pandas as pd
import plotly.graph_objects as go

from emnist_core.charts.style import MARKS, NEUTRAL, TRAIN, VALIDATION, legend_above, share_layout


def pair_errors(frame: pd.DataFrame, names: tuple[str, str], at: int | None = None) -> go.Figure:
    """How often one class was read as the other after every epoch.

    Args:
        frame: ``Epochs.pair_errors``.
        names: the labels of the two classes.
        at: the epoch looked at, marked by a line.
    """
    figure = go.Figure()
    for column, (true, read), colour, symbol in (
        ("first_as_second", names, TRAIN, "circle"),
        ("second_as_first", names[::-1], VALIDATION, "diamond"),
    ):
        figure.add_scatter(
            x=frame["epoch"],
            y=frame[column],
            name=f"{true} read as {read}",
            mode="lines+markers",
            line={"color": colour, "width": 3},
            marker={"symbol": symbol, "size": 8},
            hovertemplate="epoch %{x}: %{y} images<extra></extra>",
        )
    if at is not None:
        figure.add_vline(at, line={"width": 1, "dash": "dash", "color": NEUTRAL})
    figure.update_xaxes(title_text="epoch")
    figure.update_yaxes(title_text="validation images", rangemode="tozero")
    return legend_above(share_layout(figure, 320))


def followed(frame: pd.DataFrame, at: int | None = None) -> go.Figure:
    """The probability of the true class of some images over epochs, numbered and coloured as their tiles are.

    Args:
        frame: ``Epochs.followed``.
        at: the epoch looked at, marked by a line.
    """
    figure = go.Figure()
    for number, (row, line) in enumerate(frame.groupby("row", sort=False)):
        figure.add_scatter(
            x=line["epoch"],
            y=line["probability"],
            name=f"{number + 1}",
            mode="lines",
            line={"color": MARKS[number % len(MARKS)], "width": 2},
            hovertemplate=f"epoch %{{x}}: %{{y:.1%}}<extra>row {row}</extra>",
        )
    if at is not None:
        figure.add_vline(at, line={"width": 1, "dash": "dash", "color": NEUTRAL})
    figure.update_xaxes(title_text="epoch")
    figure.update_yaxes(title_text="probability of the true class", tickformat=".0%", range=[0, 1.02])
    return legend_above(share_layout(figure, 320))
