"""A button for what takes long, how far it is, and its result."""

import pandas as pd
import streamlit as st

from emnist_core import hosting
from emnist_core.explore import queue, result_cache
from emnist_core.explore.jobs import Job
from widgets import page
from widgets.parts.visitor import visitor


def result(job: Job, label: str, takes: str) -> pd.DataFrame | None:
    """What ``job`` computed; until then the button that starts it, or that it is waiting or at work.

    Args:
        job: what is asked for.
        label: what the button says.
        takes: how long it takes, in words.
    """
    frame = job.frame()
    if frame is None:
        if queue.state(job) in ("waiting", "running"):
            _under_way(job)
        else:
            _offer(job, label, takes)
    return frame


def _offer(job: Job, label: str, takes: str) -> None:
    if queue.state(job) == "failed":
        st.error(job.error() or "It could not be computed.", icon=":material/error:")
    if refusal := hosting.refusal("compute"):
        st.info(refusal, icon=":material/lock:")
        return
    if st.button(label, key=f"start-{job.kind}", type="primary", icon=":material/play_arrow:"):
        with page.errors_in_words():
            queue.start(job, visitor())
        st.rerun()
    st.caption(
        f"{takes} It is computed beside the page, once, and kept. {queue.AT_ONCE} computations run at a time, and a "
        f"visitor may have {queue.SHARE} under way; of more than {result_cache.LIMIT >> 20} MB of results, those go "
        "that were not looked at for longest."
    )


@st.fragment(run_every=1.0)
def _under_way(job: Job) -> None:
    """Asked again every second, without the rest of the page."""
    queue.start_next()
    state = queue.state(job)
    if state not in ("waiting", "running"):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        if state == "running":
            st.markdown(f":material/hourglass_top: At work for {queue.seconds(job):.0f} s. You may leave; it goes on.")
        else:
            st.markdown(f":material/hourglass_empty: Waiting; {queue.ahead(job)} before it. You may leave.")
        if st.button("Cancel", key=f"cancel-{job.kind}"):
            queue.cancel(job)
            st.rerun()
