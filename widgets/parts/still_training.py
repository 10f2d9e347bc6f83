"""A model that still trains, among those that are asked: told as such, and asked anew as it learns."""

from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

from emnist_core.errors import RunError
from emnist_core.runs import Run
from emnist_core.training import slot

SECONDS_BETWEEN_LOOKS = 2.0
Given = ParamSpec("Given")


def note(run: Run) -> str:
    """What is told behind the name of a run whose training goes on; empty for any other."""
    if run.is_shipped:
        return ""
    try:
        status = run.status()
    except RunError:
        return ""
    return f", still training: epoch {status.served_epoch}" if status.is_active and status.served_epoch else ""


def renew(show: Callable[Given, None], *arguments: Given.args, **options: Given.kwargs) -> None:
    """Draw what models answer; while a training goes on, draw it anew now and then, with its newest weights."""
    with st.container(key=f"live-{show.__name__.strip('_')}"):
        if slot.running() is None:
            show(*arguments, **options)
        else:
            st.fragment(show, run_every=SECONDS_BETWEEN_LOOKS)(*arguments, **options)
