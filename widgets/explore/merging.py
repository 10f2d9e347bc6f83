"""ByClass, ByMerge and Balanced: which letters are one class, and why."""

import numpy as np
import streamlit as st

from emnist_core import charts, data
from emnist_core.data import Dataset
from emnist_core.errors import DataError
from emnist_core.explore import likeness, picture, selection, statistics
from emnist_core.splits import MERGE_REASON, MERGED_LETTERS, SPLITS, Part
from widgets.explore import download
from widgets.explore.state import Selection
from widgets.parts import tiles

EACH = 3
PARTS: tuple[Part, ...] = ("train", "test")


def show(selected: Selection) -> None:
    """Draw the section."""
    st.markdown(
        f"{MERGE_REASON} Merged: `{' '.join(MERGED_LETTERS)}`. ByClass keeps all 62 classes; ByMerge has the same "
        "images in 47, and Balanced as many of each of the 47."
    )
    dataset = _byclass()
    if dataset is None:
        _without_case(selected)
        return
    by_class = statistics.of(dataset)
    frame = likeness.letter_cases(by_class, dataset.split.labels)
    st.markdown(
        "**Look for** where the two colours meet: the authors merged 15 letters, and likeness alone would have "
        "drawn the line a little elsewhere (F is as like f as M is like m)."
    )
    st.plotly_chart(
        charts.letter_cases(frame, MERGED_LETTERS),
        key="letter-cases",
        config=download.CHART,
        alt="Bars of how alike the mean capital and the mean small form of every letter are.",
    )
    st.caption(f"Correlation of mean images, {dataset.name}, {dataset.part} part, n = {len(dataset):,}.")
    shown: list[np.ndarray] = []
    for title, letters in selection.letter_groups():
        st.markdown(f"#### {title}")
        forms = [np.concatenate(selection.both_forms(dataset, letter, EACH)) for letter in letters]
        tiles.groups([tiles.labelled(dataset, rows) for rows in forms], scale=1.5)
        shown += forms
    made = download.rows(dataset, np.concatenate(shown))
    download.offer("letter-cases", **made | {"csv": download.csv(frame)})


def _byclass() -> Dataset | None:
    """ByClass, where a part of it is on this machine."""
    for part in PARTS:
        try:
            return data.load("byclass", part, "emnist")
        except DataError:
            continue
    return None


def _without_case(selected: Selection) -> None:
    """The merged classes as they are, when nothing here tells capital from small."""
    st.info(
        "Capital and small side by side need ByClass, the one split that keeps them apart: "
        "`python -m emnist_core fetch byclass`. The sample cannot show them: its merged letters have "
        "lost their case, too.",
        icon=":material/info:",
    )
    split = selected.split if "O" in selected.split.labels and selected.split.name != "byclass" else SPLITS["balanced"]
    dataset = selected.load() if split is selected.split else data.load("balanced", "test")
    rows = selection.merged_forms(dataset, MERGED_LETTERS, EACH)
    st.markdown(
        "**Look for** classes that hold two shapes all the same: a capital L and a small l, a capital J and a dotted j."
    )
    st.caption(f"The merged classes in {dataset.name}, each with capital and small forms as one.")
    tiles.groups([tiles.labelled(dataset, some) for some in rows], scale=1.5)
    if rows:
        images = dataset.images[np.concatenate(rows)]
        download.offer("merged", png=download.png(images), npz=lambda: picture.npz(images=images))
