"""Curves over the epochs of a training."""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from emnist_core.charts.style import MARKS, NEUTRAL, TRAIN, VALIDATION, legend_above, share_layout


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
            figure.add_vline(x=best_epoch, line={"width": 1, "dash": "dash", "color": NEUTRAL}, row=1, col=column)
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
