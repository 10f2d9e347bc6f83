"""The bundled sample beside EMNIST."""

import numpy as np
import streamlit as st

from emnist_core import data
from emnist_core.data.streaming import gather
from emnist_core.errors import DataError
from emnist_core.explore import likeness, picture, selection
from widgets.explore import download
from widgets.explore.state import Selection
from widgets.parts import tiles

EACH = 3


def show(selected: Selection) -> None:
    """Draw the section."""
    st.markdown(
        "The sample is drawn with handwriting fonts and made into images as EMNIST was. **Look for** what fonts do "
        "not have: slips, ink that skips, and one letter written in five ways."
    )
    try:
        sample = data.load(selected.split.name, selected.part, "sample")
    except DataError as error:
        st.info(str(error), icon=":material/info:")
        return
    try:
        real = data.load(selected.split.name, selected.part, "emnist")
    except DataError as error:
        st.info(f"{error} Until then there is the sample alone.", icon=":material/info:")
        _table({"sample": sample})
        return
    _table({"sample": sample, "EMNIST": real})
    alike = likeness.correlations_between(sample, real)
    st.caption(
        f"The mean images of a class correlate by {alike['correlation'].median():.2f} in the median; least alike: "
        + ", ".join(f"`{row['label']}` {row['correlation']:.2f}" for row in alike.head(5).to_dict("records"))
        + "."
    )
    labels = selected.split.labels
    chosen = list(alike["label"]) if selected.chosen is None else [labels[selected.chosen]]
    st.markdown("#### Left the sample, right EMNIST; the least alike classes first")
    each = EACH if selected.chosen is None else 24
    sides = {name: [_draw(one, labels.index(name), each) for one in (sample, real)] for name in chosen}
    tiles.groups(
        [
            [tiles.Tile(image, name, note=place) for place, images in zip(("sample", "EMNIST"), pair, strict=True)
             for image in images]
            for name, pair in sides.items()
        ],
        scale=1.5,
    )  # fmt: skip
    images = np.concatenate([image for pair in sides.values() for image in pair])
    download.offer(
        f"beside-{selected.split.name}-{selected.part}",
        csv=download.csv(alike),
        png=download.png(images, 2 * each),
        npz=lambda: picture.npz(images=images, classes=list(sides)),
    )


def _draw(dataset: data.Dataset, label: int, count: int) -> np.ndarray:
    rows = selection.draw(selection.matching(dataset, label), count, seed=2)
    return gather(dataset.images, rows)


def _table(datasets: dict[str, data.Dataset]) -> None:
    frame = likeness.pixel_measures(datasets)
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "mean": st.column_config.NumberColumn("mean of all pixels", format="%.1f"),
            "deviation": st.column_config.NumberColumn("standard deviation", format="%.1f"),
            "dark": st.column_config.NumberColumn("pixels over 127", format="percent"),
            "longer_side": st.column_config.NumberColumn("longer side, pixels", format="%.1f"),
        },
    )
