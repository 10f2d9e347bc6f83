"""The map of images: what is alike lies together; what is selected is shown."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from emnist_core import charts
from emnist_core.arrays import Images, Indices
from emnist_core.data import Dataset
from emnist_core.data.streaming import gather
from emnist_core.explore import atlas as atlases
from emnist_core.explore import picture
from emnist_core.explore.jobs import Job
from widgets import assets
from widgets.explore import download, job_button
from widgets.explore.state import Selection
from widgets.parts import pickers, tiles

SIZES = (1000, 2000, 3000, 5000)
SHOWN = 96
KEY = "atlas"
PEEK_SIDE = 112
"""Width of the image beside the pointer, in pixels of the screen; ``image_map.css`` has it, too."""
TAKES = {"tsne": "t-SNE takes from seconds for 1,000 images to a minute or two for 5,000.",
         "umap": "UMAP takes about a minute, most of it to compile itself."}  # fmt: skip

_peek = st.components.v2.component(
    "peek", html=f'{assets.css(__file__)}<div class="peek"><i></i><b></b></div>', js=assets.js(__file__)
)


def show(selected: Selection) -> None:
    """Draw the section."""
    dataset = selected.load()
    st.markdown(
        "Every point is an image. **Look for** islands that hold two labels, and for points far from their own "
        "kind: pick two classes out, as 9 and q, and see where they meet. Point at one to see it; circle some with "
        "the lasso to see them all."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = pickers.choose_one("Map", atlases.METHODS, key="map")
        most = st.selectbox("Images", SIZES, index=1, key="points", bind="query-params", width=130)
        picked = _pick_classes(selected)
    missing = atlases.lacks(method)
    if missing:
        st.info(missing, icon=":material/extension:")
        return
    job = Job(method, selected.split.name, selected.part, selected.dataset_kind, dataset.sha256, most)
    if method == "pca":  # there at once; the first time it takes a second
        with st.spinner("Laying out the map …"):
            frame: pd.DataFrame | None = job.done()
    else:
        frame = job_button.result(job, f"Make the {atlases.METHODS[method]} map", TAKES.get(method, ""))
    if frame is not None:
        _draw(selected, dataset, frame, method, picked)


def _pick_classes(selected: Selection) -> list[int]:
    """The classes to bring out, in the URL; the one of the page's own box is the first of them."""
    labels = selected.split.labels
    names = st.multiselect(
        "Pick out classes", labels, key="picked", bind="query-params", placeholder="all, each in its colour",
        max_selections=len(charts.PICKED), width=330, help="The others turn grey.",
    )  # fmt: skip
    chosen = [] if selected.chosen is None else [selected.chosen]
    return list(dict.fromkeys([*chosen, *(labels.index(name) for name in names)]))


def _draw(
    selected: Selection, dataset: Dataset, frame: pd.DataFrame, method: atlases.Method, picked: list[int]
) -> None:
    labels = selected.split.labels
    images = gather(dataset.images, frame["row"].to_numpy())
    left, right = st.columns([3, 2], gap="large")
    with left:
        event = st.plotly_chart(
            charts.atlas(frame, labels, picked),
            key=KEY,
            on_select="rerun",
            selection_mode=("points", "lasso", "box"),
            config={
                "displaylogo": False,
                "modeBarButtons": [["toImage"], ["lasso2d", "select2d", "zoom2d", "pan2d", "resetScale2d"]],
            },
            alt=f"Map of {len(frame):,} images by {atlases.METHODS[method]}; every point is labelled with its class.",
        )
        _show_under_pointer(images)
    with right:
        _selected(selected, dataset, frame, places_of(event["selection"]["points"], len(frame)))
    download.offer(
        f"map-{method}-{selected.split.name}-{selected.part}",
        csv=download.csv(frame.assign(**{"class": np.array(labels)[frame["label"]]})),
        png=download.png(images, 50),
        npz=lambda: picture.npz(images=images, classes=labels, **{name: frame[name] for name in frame.columns}),
    )


def _show_under_pointer(images: Images) -> None:
    """Show the image of the point under the pointer; ``customdata`` of a point is the image's place and its row."""
    columns = int(np.ceil(np.sqrt(len(images))))
    _peek(
        key=f"{KEY}-peek",
        data={"sheet": tiles.sheet(images, columns), "columns": columns, "side": PEEK_SIDE, "key": KEY},
        height=1,
    )


def places_of(points: Sequence[Mapping[str, Any]], count: int) -> Indices:
    """The places of selected points in a map of ``count``; those of a map that was there before are none of it."""
    places = {place for point in points for place in list(point.get("customdata") or [])[:1] if isinstance(place, int)}
    return np.array(sorted(place for place in places if 0 <= place < count), np.int64)


def _selected(selected: Selection, dataset: Dataset, frame: pd.DataFrame, places: Indices) -> None:
    """The images that were selected, or how to select some."""
    if len(places) == 0:
        st.markdown("#### Nothing is selected")
        st.write("Circle points with the lasso, or click one: their images come here.")
        return
    labels = selected.split.labels
    some = frame.iloc[places]
    found = some["label"].value_counts()
    st.markdown(f"#### {len(some):,} selected")
    st.caption(", ".join(f"`{labels[int(str(label))]}` {count:,}" for label, count in found.head(12).items()))
    rows = some["row"].to_numpy()
    tiles.grid(tiles.labelled(dataset, rows[:SHOWN]), scale=1.5)
    if len(rows) > SHOWN:
        st.caption(f"The first {SHOWN} are shown; the files hold all.")
    download.offer(f"selected-{selected.split.name}-{selected.part}", **download.rows(dataset, rows))
