"""How many images there are of every class: bars that are on the screen as soon as the page is."""

import html

import streamlit as st

from emnist_core.data import Dataset
from emnist_core.explore import picture
from widgets import assets
from widgets.explore import download
from widgets.explore.state import Selection

STYLE = assets.css(__file__)


def show(selected: Selection, dataset: Dataset) -> None:
    """Draw the bars. They are plain HTML: Plotly alone keeps a browser busy for longer than the rest of the page."""
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
