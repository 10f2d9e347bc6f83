"""Charts over the classes of a dataset."""

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from emnist_core.charts.style import GLYPHS, TRAIN, share_layout


def class_counts(counts: npt.NDArray[np.int64], labels: tuple[str, ...]) -> go.Figure:
    """Images of every class as bars."""
    figure = go.Figure(
        go.Bar(
            x=list(labels),
            y=counts,
            marker={"color": TRAIN},
            hovertemplate="%{x}: %{y:,} images<extra></extra>",
        )
    )
    figure.update_xaxes(type="category", tickfont={"family": GLYPHS, "size": 13}, tickangle=0, dtick=1)
    figure.update_yaxes(title_text="images")
    return share_layout(figure, 260)
