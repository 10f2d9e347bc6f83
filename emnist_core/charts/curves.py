"""Curves over the epochs of a training."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from emnist_core.charts.style import MARKS, NEUTRAL, TRAIN, VALIDATION, add_curve, legend_above, mark_at, share_layout

MOST_POINTS = 600
"""Of a curve per step: about as many as it has pixels."""
EPOCHS = (30, 100, 300)
"""Where the axis of many epochs ends until it goes on."""
LOSSES = (5.0, 10.0, 20.0, 50.0, 100.0, 1e3, 1e4, 1e5)
"""Where the axis of a loss may end; a network of 47 classes that guesses has one of 3.9."""


def curves(
    steps: pd.DataFrame,
    epochs: pd.DataFrame,
    best_epoch: int | None = None,
    of_epochs: int = 1,
    smoothing: float = 0.0,
    is_log: bool = False,
    zoom: str = "",
    height: int = 420,
) -> go.Figure:
    """Accuracy and loss over training: thin lines per logged step, thick ones with markers per epoch.

    The axes hold still while points come: accuracy from 0 to 100 %, the loss from 0, or by powers of ten, to a round
    figure, and the epochs to their last or, of many, to a round number of them.

    Args:
        steps: ``Run.metrics("step")``.
        epochs: ``Run.metrics("epoch")``.
        best_epoch: the epoch whose weights are kept, marked by a line.
        of_epochs: how many epochs it is to be.
        smoothing: how much of a step's point is that of the points before it, in [0, 1).
        is_log: whether the loss grows by powers of ten.
        zoom: what was zoomed into stays as it is for as long as this stays the same.
        height: of the figure, in pixels.
    """
    figure = make_subplots(rows=1, cols=2, subplot_titles=("Accuracy", "Loss"), horizontal_spacing=0.08)
    thinned = thin(steps, smoothing)
    for column, name in enumerate(("accuracy", "loss"), start=1):
        shared: dict[str, Any] = {"row": 1, "col": column, "showlegend": column == 1}
        add_curve(
            figure, thinned["epoch"], thinned[name], "train, per step", TRAIN,
            "epoch %{x:.2f}<br>%{y:.4f}<extra>train, per step</extra>",
            "circle" if len(thinned) == 1 else "", width=1, opacity=0.5, legendgroup="step", **shared,
        )  # fmt: skip
        for kind, field, colour, symbol, dash in (
            ("train", name, TRAIN, "circle", "solid"),
            ("validation", f"validation_{name}", VALIDATION, "diamond", "dot"),
        ):
            hover = f"epoch %{{x}}<br>%{{y:.4f}}<extra>{kind}</extra>"
            add_curve(
                figure, epochs["epoch"], epochs[field], f"{kind}, per epoch", colour, hover, symbol, dash=dash,
                legendgroup=kind, **shared,
            )  # fmt: skip
        mark_at(figure, best_epoch, row=1, col=column)
    best = epochs["validation_accuracy"].cummax()
    figure.add_scatter(
        x=epochs["epoch"],
        y=best,
        name="best so far",
        mode="lines",
        line={"width": 1.5, "color": NEUTRAL, "shape": "hv"},
        hovertemplate="best up to epoch %{x}<br>%{y:.4f}<extra></extra>",
        row=1,
        col=1,
    )
    reached = max(steps["epoch"].max() if len(steps) else 0, epochs["epoch"].max() if len(epochs) else 0)
    figure.update_xaxes(title_text="epoch", range=[0, last_epoch(reached, of_epochs)], uirevision=zoom)
    figure.update_yaxes(tickformat=".0%", range=[0, 1], uirevision=zoom, row=1, col=1)
    losses = pd.concat([thinned["loss"], epochs["loss"], epochs["validation_loss"]]).astype(float).dropna()
    low, high = loss_range(losses, is_log)
    figure.update_yaxes(
        range=[low, high], type="log" if is_log else "linear", uirevision=f"{zoom} {is_log}", row=1, col=2
    )
    # Over the titles of the two plots, with room for a second line where it is narrow.
    figure = legend_above(share_layout(figure, height))
    above = {"margin": {"t": 84}, "legend": {"y": 1 + 33 / (height - 92)}}
    return figure.update_layout(above, dragmode="zoom", uirevision=zoom)


def thin(steps: pd.DataFrame, smoothing: float = 0.0) -> pd.DataFrame:
    """Steps smoothed, and then so few of them that a browser draws them at once: ``epoch, accuracy, loss``.

    Args:
        steps: ``Run.metrics("step")``.
        smoothing: each point is this share of the mean of those before it, of which the first are not drawn to 0 (as
            in Adam and TensorBoard), in [0, 1).
    """
    values = steps[["epoch", "accuracy", "loss"]].astype(float)
    if smoothing:
        values[["accuracy", "loss"]] = values[["accuracy", "loss"]].ewm(alpha=1 - smoothing).mean()
    every = -(-len(values) // MOST_POINTS) or 1
    return values[(len(values) - 1 - values.reset_index().index) % every == 0]  # the newest always


def last_epoch(reached: float, of_epochs: int) -> int:
    """Where the axis of epochs ends: at the last of them, or of many at a round number that is not yet reached."""
    return next((end for end in EPOCHS if reached < end < of_epochs), of_epochs)


def loss_range(losses: pd.Series, is_log: bool = False) -> tuple[float, float]:
    """Between which figures a loss is drawn, as Plotly takes them: for a logarithmic axis, their logarithms.

    It is wide enough for a network of 47 classes that guesses, so that it seldom changes.
    """
    finite = losses[np.isfinite(losses)]
    highest = float(finite.max()) if len(finite) else 0.0
    high = next(figure for figure in LOSSES if highest <= figure or figure == LOSSES[-1])
    if not is_log:
        return 0.0, high
    lowest = float(finite[finite > 0].min()) if (finite > 0).any() else 1.0
    return min(-1.0, float(np.floor(np.log10(lowest)))), float(np.log10(high))


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
        hover = "epoch %{x}: %{y} images<extra></extra>"
        add_curve(figure, frame["epoch"], frame[column], f"{true} read as {read}", colour, hover, symbol)
    mark_at(figure, at)
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
        colour, hover = MARKS[number % len(MARKS)], f"epoch %{{x}}: %{{y:.1%}}<extra>row {row}</extra>"
        add_curve(figure, line["epoch"], line["probability"], f"{number + 1}", colour, hover, width=2)
    mark_at(figure, at)
    figure.update_xaxes(title_text="epoch")
    figure.update_yaxes(title_text="probability of the true class", tickformat=".0%", range=[0, 1.02])
    return legend_above(share_layout(figure, 320))
