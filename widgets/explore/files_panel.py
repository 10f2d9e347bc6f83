"""Every part of every split: where it comes from, what of it is here, how large it is, how to fetch it."""

import streamlit as st

from emnist_core.explore import inventory
from widgets.explore import download, fetch_button
from widgets.explore.state import Selection


def show(selected: Selection) -> None:
    """Draw the panel."""
    st.markdown(
        "All six splits are draws of the 814,255 characters of NIST Special Database 19 "
        "([EMNIST](https://www.nist.gov/itl/products-and-services/emnist-dataset), arXiv:1702.05373). **Look for** the "
        "split you need: Balanced is 90 MB here, ByClass 640 MB."
    )
    st.caption(
        f"{selected.split.title}: {selected.split.summary} Published with {selected.split.train:,} training and "
        f"{selected.split.test:,} test images."
    )
    fetch_button.show(selected.split)
    st.caption(
        "Or from a folder or a zip archive with EMNIST's files: "
        f"`python -m emnist_core fetch {selected.split.name} --from FOLDER`"
    )
    frame = inventory.parts()
    st.dataframe(
        frame,
        hide_index=True,
        height=500,
        column_config={
            "published": st.column_config.NumberColumn("images published", format="localized"),
            "here": st.column_config.NumberColumn("images here", format="localized"),
            "megabytes": st.column_config.NumberColumn("MB here, or to be", format="%.1f"),
            "name": "what is here",
            "source": "fetched from",
            "fetched": st.column_config.DatetimeColumn("on", format="YYYY-MM-DD"),
        },
        column_order=["split", "part", "classes", "published", "here", "megabytes", "name", "source", "fetched"],
    )
    download.offer("files", csv=download.csv(frame))
