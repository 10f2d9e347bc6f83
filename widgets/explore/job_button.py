"""A button for what takes long, how far it is, and its result."""

import pandas as pd
import streamlit as st

from emnist_core.explore.jobs import Job
from widgets import page


def result(job: Job, label: str, takes: str) -> pd.DataFrame | None:
    """What ``job`` computed; until then the button that starts it, or that it is at work.

    Args:
        job: what is asked for.
        label: what the button says.
        takes: how long it takes, in words.
    """
    frame = job.frame()
    if frame is None:
        if job.state() == "running":
            _at_work(job)
        else:
            _offer(job, label, takes)
    return frame


def _offer(job: Job, label: str, takes: str) -> None:
    if job.state() == "failed":
        st.error(job.error() or "It could not be computed.", icon=":material/error:")
    if st.button(label, key=f"start-{job.kind}", type="primary", icon=":material/play_arrow:"):
        with page.errors_in_words():
            job.start()
        st.rerun()
    st.caption(f"{takes} It is computed beside the page, once, and kept.")


@st.fragment(run_every=1.0)
def _at_work(job: Job) -> None:
    """Asked again every second, without the rest of the page."""
    if job.state() != "running":
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/hourglass_top: At work for {job.seconds():.0f} s. You may leave; it goes on.")
        if st.button("Cancel", key=f"cancel-{job.kind}"):
            job.cancel()
            st.rerun()
