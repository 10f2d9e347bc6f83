"""Choose a network and a recipe, start training, watch it learn, stop when it is enough."""

from contextlib import suppress
from typing import Any

import streamlit as st

from emnist_core import hosting, runs
from emnist_core.errors import EmnistError
from emnist_core.recipe import Recipe
from emnist_core.runs import space
from emnist_core.training import jobs, preparation, slot
from widgets import page
from widgets.parts import pickers
from widgets.train import run_view
from widgets.train.recipe_form import choose_recipe

SECONDS_BETWEEN_LOOKS = 1.0


def say_beforehand(settings: dict[str, Any]) -> None:
    """What is worth knowing of a training before it starts; what makes no sense is refused when it is to start."""
    with suppress(EmnistError):
        for remark in preparation.remarks(Recipe.parse(settings)):
            st.caption(f":material/info: {remark}")


def start(settings: dict[str, Any]) -> None:
    """Start the worker, or keep the sentence that says why not."""
    try:
        run = jobs.start(Recipe.parse(settings))
    except EmnistError as error:
        st.session_state["refused"] = str(error)
        return
    st.session_state.pop("refused", None)
    st.session_state["run"] = run.name


page.header(
    "Train",
    "Choose a network, start it and watch. **Look for** the gap between the two curves: when training goes on "
    "rising and validation does not, the network learns its examples by heart. Big networks do that sooner.",
)
left, right = st.columns([1, 2], gap="large")
with left, page.errors_in_words():
    busy = slot.running()
    settings = choose_recipe()
    say_beforehand(settings)
    if refusal := hosting.refusal("train"):
        st.info(refusal, icon=":material/lock:")
    # Not a callback: its arguments would be the settings of the last rerun, without a field just left by this click.
    if st.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        disabled=busy is not None or refusal is not None,
        help=f"{busy.name} is training." if busy else refusal,
        width="stretch",
    ):
        start(settings)
        st.rerun()
    if "refused" in st.session_state:
        st.error(st.session_state["refused"], icon=":material/error:")
    st.caption(f":material/hard_drive: {space.in_words()}")
with right:
    every = runs.list_runs()
    if not every:
        st.info("Nothing was trained yet.")
        st.stop()
    if busy is not None and "run" not in st.session_state and "run" not in st.query_params:
        st.session_state["run"] = busy.name
    run = pickers.choose_run(every, label="Watch")
    with page.errors_in_words():
        is_active = run.status().is_active
    st.fragment(run_view.show, run_every=SECONDS_BETWEEN_LOOKS if is_active else None)(run)
    with st.expander("Recipe"), page.errors_in_words():
        st.json(run.recipe.model_dump())
