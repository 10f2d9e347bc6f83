"""Charts of two classes."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from emnist_core.arrays import Points, Probabilities
from emnist_core.charts.style import NEUTRAL, TRAIN, VALIDATION, add_curve, legend_above, share_layout

COLOURS = (TRAIN, VALIDATION)
MARGIN = {"l": 56, "r": 24}
"""Beside the chart of leanings, so that a slider above it can be as long as its axis."""


def leaning(frame: pd.DataFrame, classes: tuple[int, int], names: tuple[str, str], at: float) -> go.Figure:
    """How many images of each class lean how far, with a line where one looks.

    Args:
        frame: ``evaluation.pair.leaning``.
        classes, names: the two class indices and their labels.
        at: the point looked at, in [0, 1].
    """
    figure = go.Figure(
        [
            go.Histogram(
                x=frame.loc[frame["true"] == label, "lean"],
                xbins={"start": 0, "end": 1.0001, "size": 0.05},
                name=f"{name}",
                marker={"color": colour, "pattern": {"shape": shape}},
                opacity=0.75,
                hovertemplate="%{x}: %{y} images<extra>" + name + "</extra>",
            )
            for label, name, colour, shape in zip(classes, names, COLOURS, ("", "/"), strict=True)
        ]
    )
    figure.add_vline(at, line={"width": 2, "color": NEUTRAL})
    title = f"probability of {names[0]} between the two"
    figure.update_xaxes(title_text=title, tickformat=".0%", range=[0, 1])
    figure.update_yaxes(title_text="images", automargin=False)
    figure.update_xaxes(automargin="height")
    return legend_above(share_layout(figure, 320)).update_layout(barmode="overlay", margin=MARGIN)


def plane(
    points: Points,
    frame: pd.DataFrame,
    classes: tuple[int, int],
    names: tuple[str, str],
    ringed: int | None = None,
) -> go.Figure:
    """The images of two classes as points; a cross is one read wrongly. ``customdata`` is the row.

    Args:
        points: float ``(N, 2)``, in the order of ``frame``.
        frame: ``evaluation.pair.leaning``.
        classes, names: the two class indices and their labels.
        ringed: the row whose point gets a ring around it.
    """
    figure = go.Figure()
    for label, name, colour in zip(classes, names, COLOURS, strict=True):
        for right, symbol in ((True, "circle"), (False, "x")):
            here = ((frame["true"] == label) & (frame["right"] == right)).to_numpy()
            figure.add_scatter(
                x=points[here, 0],
                y=points[here, 1],
                customdata=frame.loc[here, "row"],
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 6 if right else 9, "opacity": 0.75},
                name=f"{name}, {'right' if right else 'wrong'}",
                hovertemplate=f"{name}, row %{{customdata}}<extra></extra>",
            )
    here = (frame["row"] == ringed).to_numpy()
    if here.any():
        ring = {"color": NEUTRAL, "symbol": "circle-open", "size": 20, "line": {"width": 3}}
        figure.add_scatter(
            x=points[here, 0], y=points[here, 1], mode="markers", marker=ring, hoverinfo="skip", name=f"row {ringed}"
        )
    figure.update_xaxes(showticklabels=False, zeroline=False)
    figure.update_yaxes(showticklabels=False, zeroline=False)
    return legend_above(share_layout(figure, 520))


def along(probabilities: Probabilities, classes: tuple[int, int], names: tuple[str, str]) -> go.Figure:
    """Probabilities along a morph: float ``(steps, all classes)`` → a line a class, and one for all others."""
    share = np.linspace(0, 1, len(probabilities))
    figure = go.Figure()
    rest = 1 - probabilities[:, list(classes)].sum(axis=1)
    lines = [*((probabilities[:, c], n, k) for c, n, k in zip(classes, names, COLOURS, strict=True))]
    for (values, name, colour), dash in zip(
        [*lines, (rest, "any other", NEUTRAL)], ("solid", "dash", "dot"), strict=True
    ):
        hover = f"%{{x:.0%}} of the way: %{{y:.1%}}<extra>{name}</extra>"
        add_curve(figure, share, values, name, colour, hover, dash=dash)
    figure.update_xaxes(title_text=f"from {names[0]} to {names[1]}", tickformat=".0%")
    figure.update_yaxes(title_text="probability", tickformat=".0%", range=[0, 1.02])
    return legend_above(share_layout(figure, 320))


def by_training_images(frame: pd.DataFrame) -> go.Figure:
    """How often either class was taken for the other, over the number of images trained on, with intervals.

    Args:
        frame: ``evaluation.pair.by_training_images``.
    """
    figure = go.Figure()
    looks = zip(COLOURS, ("circle", "diamond"), strict=True)
    for ((true, read), line), (colour, symbol) in zip(frame.groupby(["true", "read"], sort=False), looks, strict=False):
        name = f"{true} read as {read}"
        add_curve(
            figure, line["images"], line["share"], name, colour,
            "%{customdata[0]}, trained on %{x:,}: %{customdata[1]} of %{customdata[2]}, %{y:.1%}"
            f"<extra>{name}</extra>",
            symbol,
            error_y={"array": line["high"] - line["share"], "arrayminus": line["share"] - line["low"]},
            customdata=line[["run", "errors", "n"]],
        )  # fmt: skip
    used = sorted(frame["images"].unique())
    # A logarithm, since it takes a multiple of the images to make a difference.
    figure.update_xaxes(
        title_text="images trained on", type="log", tickvals=used, ticktext=[f"{images:,}" for images in used]
    )
    figure.update_yaxes(title_text="share of the class", tickformat=".0%", rangemode="tozero")
    return legend_above(share_layout(figure, 360))


def shares(frame: pd.DataFrame, name: str) -> go.Figure:
    """Accuracies with intervals, a row each: ``frame`` has ``name``, ``accuracy, low, high, n``."""
    figure = go.Figure(
        go.Scatter(
            x=frame["accuracy"],
            y=frame[name],
            error_x={"array": frame["high"] - frame["accuracy"], "arrayminus": frame["accuracy"] - frame["low"]},
            mode="markers",
            marker={"size": 12, "color": TRAIN},
            customdata=frame["n"],
            hovertemplate="%{y}: %{x:.1%}, n = %{customdata:,}<extra></extra>",
        )
    )
    figure.add_vline(0.5, line={"width": 1, "dash": "dash", "color": NEUTRAL}, annotation_text="a coin")
    figure.update_xaxes(title_text="right between the two", tickformat=".0%")
    figure.update_yaxes(type="category", autorange="reversed")
    return share_layout(figure, 120 + 40 * len(frame))
