"""Every part of every split: where it comes from, what of it is here, how large it is, how to fetch it."""

import streamlit as st

from emnist_core import hosting
from emnist_core.data import fetch_task, library, sources
from emnist_core.data.progress import Progress
from emnist_core.splits import Split
from widgets.explore import download
from widgets.explore.state import Selection

SOURCES = ("", *sources.SERVERS[1:])
"""The mirror that ``EMNIST_URL`` names or NIST, and others that need nothing on this machine; what other tools have
left is found by the command line."""


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
    _fetch_button(selected.split)
    st.caption(
        "Or from a folder or a zip archive with EMNIST's files: "
        f"`python -m emnist_core fetch {selected.split.name} --from FOLDER`"
    )
    frame = library.parts()
    st.dataframe(
        frame,
        hide_index=True,
        height=500,
        column_config={
            "published": st.column_config.NumberColumn("images published", format="localized"),
            "images": st.column_config.NumberColumn("images here", format="localized"),
            "megabytes": st.column_config.NumberColumn("MB here, or to be", format="%.1f"),
            "name": "what is here",
            "source": "fetched from",
            "fetched": st.column_config.DatetimeColumn("on", format="YYYY-MM-DD"),
        },
        column_order=["split", "part", "classes", "published", "images", "megabytes", "name", "source", "fetched"],
    )
    download.offer("files", csv=download.csv(frame))


def _fetch_button(split: Split) -> None:
    """One button that brings a split of EMNIST, or how far that is and a way to stop it."""
    if refusal := hosting.refusal("fetch"):
        st.info(refusal, icon=":material/lock:")
        return
    running = fetch_task.find(split.name)
    if running is not None and running.is_running:
        _under_way(split)
        return
    if running is not None and running.error:
        st.error(running.error, icon=":material/error:")
        if running.other and st.button(
            f"Fetch it from {sources.title_of(running.other)} instead", key="fetch-other", icon=":material/alt_route:"
        ):
            fetch_task.send(split.name, running.other)
            st.rerun()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.selectbox(
            "From",
            SOURCES,
            key="fetch_from",
            width=230,
            format_func=lambda name: sources.title_of(sources.chosen(name)),
        )
        if st.button(
            f"Fetch {split.title}", key="fetch", type="primary", icon=":material/download:",
            help="Both parts, checked, into the cache on the machine that runs this page.",
        ):  # fmt: skip
            fetch_task.send(split.name, source)
            st.rerun()


@st.fragment(run_every=0.5)
def _under_way(split: Split) -> None:
    """Asked again twice a second, without the rest of the page."""
    running = fetch_task.find(split.name)
    if running is None or not running.is_running:
        st.rerun()
        return
    progress = running.progress
    st.progress(_share(progress), _words(split, progress))
    if st.button("Cancel", key="cancel-fetch"):
        running.cancel()


def _share(progress: Progress | None) -> float:
    if progress is None or not progress.bytes_total:
        return 0.0
    return min(1.0, progress.bytes_done / progress.bytes_total)


def _words(split: Split, progress: Progress | None) -> str:
    if progress is None:
        return f"Asking for {split.title} …"
    of = f" of {progress.bytes_total / 1e6:,.1f}" if progress.bytes_total else ""
    words = [f"{progress.bytes_done / 1e6:,.1f}{of} MB"]
    if progress.bytes_per_second:
        words.append(f"{progress.bytes_per_second / 1e6:,.1f} MB/s")
    if progress.seconds_left is not None:
        words.append(f"{progress.seconds_left:.0f} s left")
    return f"{', '.join(words)}: {progress.doing}"
