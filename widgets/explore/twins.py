"""Images of the test part that stand in the training part too, and images shared by EMNIST's splits."""

from collections.abc import Hashable

import numpy as np
import pandas as pd
import streamlit as st

from emnist_core import charts, data
from emnist_core.data import Dataset
from emnist_core.data.streaming import gather
from emnist_core.errors import DataError
from emnist_core.explore import duplicates, picture
from emnist_core.explore.jobs import Job
from widgets.explore import download, job_button
from widgets.explore.state import Selection
from widgets.parts import figures, tiles
from widgets.parts.figures import Figure

SHOWN = 24


def show(selected: Selection) -> None:
    """Draw the section."""
    st.markdown(
        "Every test image beside the training image most like it. **Look for** pairs that no eye can tell apart: "
        "a figure on such test images measures memory. Most are single strokes, and half of those bear two labels."
    )
    try:
        test, train = selected.load("test"), selected.load("train")
    except DataError as error:
        st.info(f"Both parts are needed. {error}", icon=":material/info:")
    else:
        job = Job(
            "duplicates", selected.split.name, "test", selected.dataset_kind, test.sha256[:8] + train.sha256[:8]
        )  # fmt: skip
        frame = job_button.result(
            job,
            "Look for near-duplicates",
            f"{min(len(test), duplicates.MOST_TEST):,} test images are compared with {len(train):,}: "
            "from seconds to a few minutes.",
        )
        if frame is not None:
            _pairs(selected, test, train, frame)
    _shared()


def _pairs(selected: Selection, test: Dataset, train: Dataset, frame: pd.DataFrame) -> None:
    limit = st.slider(
        "Nearly the same up to a difference of", 0.0, 0.2, duplicates.NEAR, 0.01, key="near", bind="query-params",
        width=340, help="Root mean square difference of ink over the 784 pixels, where 1 is ink against paper.",
    )  # fmt: skip
    if selected.chosen is not None:
        frame = frame[frame["test_label"] == selected.chosen]
    near = frame[(frame["difference"] <= limit) | frame["is_exact"]]
    two_labels = near[near["test_label"] != near["train_label"]]
    figures.show(
        Figure("Test images looked up", f"{len(frame):,}"),
        Figure("Exactly in train", f"{int(frame['is_exact'].sum()):,}"),
        Figure("Nearly in train", f"{len(near) - int(near['is_exact'].sum()):,}"),
        Figure("… under another label", f"{len(two_labels):,}"),
    )
    only = st.toggle("Only those with two labels", key="two-labels", bind="query-params")
    shown = (two_labels if only else near).head(SHOWN)
    labels = selected.split.labels
    if len(shown) == 0:
        st.write("There is no such pair.")
    tiles.groups([_pair(test, train, labels, row) for row in shown.to_dict("records")])
    st.caption(f"Left the test image, right the training image; {len(shown)} of {len(near):,} pairs, nearest first.")
    st.plotly_chart(
        charts.spread(frame["difference"].to_numpy(), limit, "difference from the nearest training image"),
        key="differences",
        config=download.CHART,
        alt="Histogram of the difference between test images and their nearest training images.",
    )
    _download(selected, test, train, near)


def _pair(test: Dataset, train: Dataset, labels: tuple[str, ...], row: dict[Hashable, int]) -> list[tiles.Tile]:
    return [
        tiles.Tile(test.images[row["test_row"]], labels[row["test_label"]], note=f"test row {row['test_row']}"),
        tiles.Tile(train.images[row["train_row"]], labels[row["train_label"]], note=f"train row {row['train_row']}"),
    ]


def _download(selected: Selection, test: Dataset, train: Dataset, near: pd.DataFrame) -> None:
    def images(most: int) -> np.ndarray:
        """Test and training image in turn, uint8 ``(2 · pairs, 28, 28)``."""
        some = near.head(most)
        sides = [
            gather(dataset.images, some[f"{dataset.part}_row"].to_numpy()) for dataset in (test, train)
        ]  # fmt: skip
        return np.stack(sides, axis=1).reshape(-1, 28, 28)

    download.offer(
        f"twins-{selected.split.name}",
        csv=download.csv(near),
        png=lambda: picture.contact_sheet(images(SHOWN)),
        npz=lambda: picture.npz(images=images(2000), **{name: near[name].head(2000) for name in near.columns}),
    )


def _shared() -> None:
    """How many images the parts on this machine share."""
    st.subheader("Images shared by the parts on this machine", anchor=False)
    st.markdown(
        "EMNIST's splits are separate draws of the same 814,255 images, so a model trained on one has seen test "
        "images of another. **Look for** a training part that shares images with the test part you judge by."
    )
    installed = data.installed()
    here = installed[installed["images"] > 0]
    datasets = [data.load(str(split), part, "emnist") for split, part in zip(here["split"], here["part"], strict=True)]
    if len(datasets) < 2:
        st.write("Fetch two parts of EMNIST, and what they share is counted here.")
        return
    with st.spinner("Counting …"):
        frame = duplicates.overlaps(datasets)
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "shared": st.column_config.NumberColumn("different images in both", format="localized"),
            "share": st.column_config.NumberColumn("of the smaller part", format="percent"),
        },
    )
    download.offer("shared-images", csv=download.csv(frame))
