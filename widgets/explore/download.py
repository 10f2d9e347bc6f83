"""Downloads of what is shown: a row of buttons; a file is made when its button is pressed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from emnist_core.arrays import Images, Rows
from emnist_core.data import Dataset
from emnist_core.data.streaming import gather
from emnist_core.explore import picture

if TYPE_CHECKING:
    import pandas as pd

CHART = {"displaylogo": False, "modeBarButtons": [["toImage"]], "toImageButtonOptions": {"scale": 2}}
"""Plotly's own button for a PNG of a chart, and no other."""

_TYPES = {"csv": "text/csv", "png": "image/png", "npz": "application/octet-stream"}


def offer(name: str, **makers: Callable[[], bytes]) -> None:
    """Offer what is shown as files.

    Args:
        name: the file name without its ending; also the buttons' key.
        makers: by ending (``csv``, ``png``, ``npz``), what makes the file.
    """
    with st.container(horizontal=True):
        for ending, make in makers.items():
            st.download_button(
                ending.upper(),
                make,
                f"{name}.{ending}",
                _TYPES[ending],
                key=f"export-{name}-{ending}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
                help=f"Download what is shown, as {name}.{ending}",
            )


def csv(frame: "pd.DataFrame") -> Callable[[], bytes]:
    """What makes a CSV file of ``frame``."""
    return lambda: frame.to_csv(index=False).encode()


def columns(values: dict[str, npt.ArrayLike]) -> Callable[[], bytes]:
    """What makes a CSV file of columns by name."""

    def make() -> bytes:
        import pandas as pd  # here, so that the gallery does not wait for it

        return pd.DataFrame(values).to_csv(index=False).encode()

    return make


def png(images: Images, columns: int = 12) -> Callable[[], bytes]:
    """What makes a PNG of images ``(N, 28, 28)``."""
    return lambda: picture.contact_sheet(images, columns)


def rows(dataset: Dataset, chosen: Rows) -> dict[str, Callable[[], bytes]]:
    """What makes CSV, PNG and NPZ of some rows of ``dataset``."""
    labels = np.asarray(dataset.split.labels)[dataset.labels[chosen]]

    def images() -> Images:
        return gather(dataset.images, chosen)

    return {
        "csv": columns({"row": chosen, "class": labels}),
        "png": lambda: picture.contact_sheet(images()),
        "npz": lambda: picture.npz(images=images(), labels=dataset.labels[chosen], rows=chosen, classes=labels),
    }
