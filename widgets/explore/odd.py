"""Odd images out: far from the others of their class."""

import streamlit as st

from emnist_core import charts
from emnist_core.explore import statistics
from emnist_core.explore.jobs import Job
from widgets.explore import download, job_button
from widgets.explore.state import Selection
from widgets.parts import figures, tiles
from widgets.parts.figures import Figure

SHOWN = 60


def show(selected: Selection) -> None:
    """Draw the section."""
    dataset = selected.load()
    st.markdown(
        "The images farthest from the mean of their class. **Look for** wrong labels, characters cut off or run "
        "together, and hands that write a letter as nobody else does."
    )
    job = Job("outliers", selected.split.name, selected.part, selected.dataset_kind, dataset.sha256)
    frame = job_button.result(job, "Look for odd images", "It takes seconds, or a minute for all of ByClass.")
    if frame is None:
        return
    limit = st.slider(
        "Odd from", 1.0, 5.0, statistics.ODD, 0.1, key="odd", bind="query-params", width=340,
        help="Distance from the mean of the class beyond its median, in interquartile ranges of the class.",
    )  # fmt: skip
    if selected.chosen is not None:
        frame = frame[frame["label"] == selected.chosen]
    odd = frame[frame["oddity"] >= limit]
    figures.show(
        Figure("Images", f"{len(frame):,}"),
        Figure("Odd", f"{len(odd):,}"),
        Figure("Share", f"{len(odd) / max(len(frame), 1):.2%}"),
    )
    rows = odd["row"].to_numpy()
    if len(rows) == 0:
        st.write("No image is so odd.")
    tiles.grid(tiles.labelled(dataset, rows[:SHOWN]))
    st.caption(f"{min(SHOWN, len(rows))} of {len(rows):,}, the oddest first.")
    st.plotly_chart(
        charts.spread(
            frame["oddity"].to_numpy(),
            limit,
            "oddity: distance from the class's mean beyond its median, in interquartile ranges",
        ),
        key="oddities",
        config=download.CHART,
        alt="Histogram of how far images are from the mean of their class.",
    )
    if len(rows):
        made = download.rows(dataset, rows[:1000])
        download.offer(f"odd-{selected.split.name}-{selected.part}", **made | {"csv": download.csv(odd)})
