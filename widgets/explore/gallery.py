"""Images at random, by class and ink, and how many there are of every class."""

import html

import streamlit as st

from emnist_core.data import Dataset
from emnist_core.explore import picture, selection
from widgets import assets
from widgets.explore import download
from widgets.explore.state import Selection
from widgets.parts import tiles

STYLE = assets.css(__file__)
SHOWN = 60


def show(selected: Selection) -> None:
    """Draw the section."""
    dataset = selected.load()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw = st.number_input(
            "Draw", 1, 10_000, 1, key="draw", bind="query-params", width=110, help="Another number, other images."
        )
        ink = st.slider(
            "Ink, % of full", *selection.EVERY, selection.EVERY, key="ink", bind="query-params", width=220,
            help="The mean intensity of an image: thin or small characters have little ink, bold ones much.",
        )  # fmt: skip
    fitting = selection.matching(dataset, selected.chosen, ink)
    rows = selection.draw(fitting, SHOWN, draw)
    if len(rows) == 0:
        st.write("No image of this class is here." if ink == selection.EVERY else "No image has so much ink.")
    else:
        st.caption(f"{len(rows)} of {len(fitting):,} images, drawn at random.")
    tiles.grid(tiles.labelled(dataset, rows))
    if len(rows):
        download.offer(f"gallery-{selected.split.name}-{selected.part}", **download.rows(dataset, rows))
    _counts(selected, dataset)


def _counts(selected: Selection, dataset: Dataset) -> None:
    """Bars of how many images every class has: plain HTML, on the screen as soon as the page is, as Plotly is not."""
    st.subheader("Images per class", anchor=False)
    counts = dataset.class_counts()
    labels = selected.split.labels
    most = max(int(counts.max()), 1)
    bars = "".join(
        f'<li title="{html.escape(label)}: {count:,} images"><i style="--share:{count / most:.4f}"></i>'
        f"{html.escape(label)}</li>"
        for label, count in zip(labels, counts.tolist(), strict=True)
    )
    st.html(f'{STYLE}<div class="counts"><ol role="list" aria-label="Images of every class">{bars}</ol></div>')
    present = counts[counts > 0]
    st.caption(
        f"{len(present)} of {len(counts)} classes have images, from {present.min():,} to {present.max():,}; "
        f"in all {counts.sum():,}."
    )
    download.offer(
        f"counts-{selected.split.name}-{selected.part}",
        csv=download.columns({"class": labels, "images": counts}),
        png=lambda: picture.bars(counts, labels),
    )
