"""Thousands of images as points in a plane, and how values are spread."""

import colorsys

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from emnist_core.charts.style import GLYPHS, NEUTRAL, TRAIN, VALIDATION, share_layout


def atlas(frame: pd.DataFrame, labels: tuple[str, ...], chosen: int | None = None, text: str = NEUTRAL) -> go.Figure:
    """A map of images, whose points can be selected; each class's label stands in its middle.

    ``customdata`` of a point is its place in ``frame`` and its row in the data.

    Args:
        frame: ``explore.atlas.atlas``.
        labels: class labels in index order.
        chosen: the class to bring out; the others turn grey.
        text: the colour of the labels, which lie on the points.
    """
    colours = class_colours(len(labels))
    classes = frame["label"].to_numpy()
    figure = go.Figure(
        go.Scatter(
            x=frame["x"],
            y=frame["y"],
            mode="markers",
            marker={
                "size": 6 if chosen is None else np.where(classes == chosen, 8, 4),
                "color": [colours[label] if chosen is None else _shade(label == chosen) for label in classes],
                "opacity": 0.55,
            },
            text=np.array(labels)[classes],
            customdata=np.column_stack([np.arange(len(frame)), frame["row"]]),
            hovertemplate="%{text}, row %{customdata[1]}<extra></extra>",
        )
    )
    for label, middle in frame.groupby("label")[["x", "y"]].median().iterrows():
        figure.add_annotation(
            x=middle["x"], y=middle["y"], text=f"<b>{labels[int(str(label))]}</b>", showarrow=False,
            font={"family": GLYPHS, "size": 20, "color": text}, opacity=1 if chosen in (None, label) else 0.35,
        )  # fmt: skip
    for axes in (figure.update_xaxes, figure.update_yaxes):
        axes(showticklabels=False, showgrid=False, zeroline=False, title_text="")
    return share_layout(figure, 640).update_layout(dragmode="lasso", margin={"t": 8})


def class_colours(count: int) -> list[str]:
    """As many colours as classes, neighbours far apart in hue; of middling lightness, for paper and blackboard."""
    hues = [(0.6 + index * 0.618034) % 1 for index in range(count)]
    mixed = [colorsys.hls_to_rgb(hue, (0.44, 0.56)[index % 2], 0.62) for index, hue in enumerate(hues)]
    return ["#" + "".join(f"{round(255 * part):02x}" for part in colour) for colour in mixed]


def _shade(is_chosen: bool) -> str:
    return VALIDATION if is_chosen else NEUTRAL


def spread(values: npt.NDArray[np.float64], limit: float, title: str) -> go.Figure:
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
