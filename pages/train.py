"""Choose a network and a recipe, start training, watch it learn, stop when it is enough."""

import time
from contextlib import suppress
from typing import Any

import streamlit as st

from emnist_core import hosting, runs
from emnist_core.errors import EmnistError
from emnist_core.recipe import Recipe
from emnist_core.runs import Run, space
from emnist_core.training import jobs, preparation, slot
from widgets import page
from widgets.parts import pickers, take_along
from widgets.parts.visitor import visitor
from widgets.train import controls, presets, run_view
from widgets.train.recipe_form import choose_recipe

SECONDS_BETWEEN_LOOKS = 1.0
# A look at a run that was under way when another was started brings the choice of before back with it.
SECONDS_OF_OLD_CHOICES = 2.0


def say_beforehand(settings: dict[str, Any]) -> None:
    """What is worth knowing of a training before it starts; what makes no sense is refused when it is to start."""
    with suppress(EmnistError):
        for remark in preparation.remarks(Recipe.parse(settings)):
            st.caption(f":material/info: {remark}")


def start(settings: dict[str, Any], name: str | None = None) -> None:
    """Start the worker and watch its run, or keep the sentence that says why not."""
    try:
        run = jobs.start(Recipe.parse(settings), name, visitor())
    except EmnistError as error:
        st.session_state["refused"] = str(error)
    else:
        st.session_state.pop("refused", None)
        st.session_state["started"] = run.name, time.monotonic()
    st.rerun()


def choose_started(every: list[Run], busy: Run | None) -> None:
    """Watch what was just started, or what trains where nothing else, or something that is gone, was asked for."""
    names = [run.name for run in every]
    name, since = st.session_state.get("started", ("", 0.0))
    if name in names and time.monotonic() - since < SECONDS_OF_OLD_CHOICES:
        st.session_state["run"] = name
    elif busy is not None and st.session_state.get("run", st.query_params.get("run")) not in names:
        st.session_state["run"] = busy.name


page.header(
    "Train",
    "**Look for** the gap between the curves: when training goes on rising and validation does not, the network "
    "learns by heart.",
)
if "is_awake" not in st.session_state:
    st.session_state["is_awake"] = True
    jobs.wake()
with page.errors_in_words():
    busy = slot.running()
refusal = hosting.refusal("train")
preset = presets.choose(refusal, is_shown=busy is None)
if preset is not None:
    start(preset.recipe.model_dump(), presets.run_name(preset))
with st.container(key="training"):
    left, right = st.columns([1, 2], gap="large")
with left, page.errors_in_words():
    above = st.container()
    settings = choose_recipe()
    say_beforehand(settings)
    if refusal:
        st.info(refusal, icon=":material/lock:")
    # Not a callback: its arguments would be the settings of the last rerun, without a field just left by this click.
    if above.button(
        "Start training",
        key="start",
        type="primary",
        icon=":material/play_arrow:",
        disabled=refusal is not None,
        help=refusal or (f"It waits until {busy.name} is done." if busy else None),
        width="stretch",
    ):
        start(settings)
    if "refused" in st.session_state:
        st.error(st.session_state["refused"], icon=":material/error:")
    controls.show_queue()
    with suppress(EmnistError):  # Start says what is wrong with them
        recipe = Recipe.parse(settings)
        with st.popover("Take these settings along", icon=":material/download:", width="stretch"):
            take_along.show(recipe, recipe.model, "form")
    st.caption(f":material/hard_drive: {space.in_words()}")
with right:
    every = runs.list_runs()
    if not every:
        st.info("Nothing was trained yet.")
        st.stop()
    choose_started(every, busy)
    run = pickers.choose_run(every, label="Watch", is_labelled=False)
    with page.errors_in_words():
        is_under_way = run.status().is_under_way
    st.fragment(run_view.show, run_every=SECONDS_BETWEEN_LOOKS if is_under_way else None)(run)
    with st.expander("Recipe, to take along"), page.errors_in_words():
        take_along.show(run.recipe, run.name, "run")
        st.json(run.recipe.model_dump())
