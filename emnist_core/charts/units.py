"""Charts of units that have no place in the image."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from emnist_core.arrays import Points
from emnist_core.charts.style import GLYPHS, TRAIN, VALIDATION, share_layout


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
