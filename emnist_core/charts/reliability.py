"""Whether confidence can be taken at its word, and what answering only when sure brings."""

import pandas as pd
import plotly.graph_objects as go

from emnist_core.charts.style import NEUTRAL, TRAIN, VALIDATION, legend_above, share_layout


def reliability(table: pd.DataFrame) -> go.Figure:
    """Accuracy against confidence, with intervals; on the diagonal a model is as sure as it is right.

    Args:
        table: ``evaluation.calibration.reliability``.
    """
    figure = go.Figure(
        [
            go.Scatter(
                x=[0, 1],
                y=[0, 1],
                mode="lines",
                line={"dash": "dash", "width": 1, "color": NEUTRAL},
                name="as sure as right",
                hoverinfo="skip",
            ),
            go.Scatter(
                x=table["confidence"],
                y=table["accuracy"],
                error_y={
                    "array": table["accuracy_high"] - table["accuracy"],
                    "arrayminus": table["accuracy"] - table["accuracy_low"],
                    "color": NEUTRAL,
                    "thickness": 1,
                },
                mode="lines+markers",
                marker={"size": 9, "color": TRAIN},
                line={"color": TRAIN},
                customdata=table["n"],
                hovertemplate="confidence %{x:.1%}<br>right %{y:.1%}<br>n = %{customdata:,}<extra></extra>",
                name="this run",
            ),
        ]
    )
    figure.update_xaxes(title_text="confidence", range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(title_text="accuracy", range=[0, 1.02], tickformat=".0%")
    return legend_above(share_layout(figure, 400))


def reject(curve: pd.DataFrame) -> go.Figure:
    """Accuracy against the share of images answered.

    Args:
        curve: ``evaluation.calibration.reject_curve``.
    """
    figure = go.Figure(
        go.Scatter(
            x=curve["answered"],
            y=curve["accuracy"],
            mode="lines",
            line={"color": VALIDATION, "width": 3},
            customdata=curve[["threshold", "n"]],
            hovertemplate=(
                "answers %{x:.1%}, right %{y:.2%}<br>"
                "confidence from %{customdata[0]:.1%}, n = %{customdata[1]:,}<extra></extra>"
            ),
        )
    )
    figure.update_xaxes(title_text="share of images answered, the surest first", range=[0, 1.01], tickformat=".0%")
    figure.update_yaxes(title_text="accuracy of the answers", tickformat=".1%")
    return legend_above(share_layout(figure, 400))
