"""Curves over the epochs of a training."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from emnist_core.charts.style import MARKS, TRAIN, VALIDATION, add_curve, legend_above, mark_at, share_layout


def curves(steps: pd.DataFrame, epochs: pd.DataFrame, best_epoch: int | None = None) -> go.Figure:
    """Accuracy and loss over training: thin lines per logged step, thick ones with markers per epoch.

    Args:
        steps: ``Run.metrics("step")``.
        epochs: ``Run.metrics("epoch")``.
        best_epoch: the epoch whose weights are kept, marked by a line.
    """
    figure = make_subplots(rows=1, cols=2, subplot_titles=("Accuracy", "Loss"), horizontal_spacing=0.08)
    for column, name in enumerate(("accuracy", "loss"), start=1):
        shared: dict[str, Any] = {"row": 1, "col": column, "showlegend": column == 1}
        add_curve(
            figure, steps["epoch"], steps[name], "train, per step", TRAIN,
            "epoch %{x:.2f}<br>%{y:.4f}<extra>train, per step</extra>", "", width=1, opacity=0.5, legendgroup="step",
            **shared,
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
    figure.update_xaxes(title_text="epoch")
    figure.update_yaxes(tickformat=".0%", row=1, col=1)
    # Over the titles of the two plots, with room for a second line where it is narrow.
    return legend_above(share_layout(figure, 420)).update_layout(margin={"t": 84}, legend={"y": 1.1})


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
