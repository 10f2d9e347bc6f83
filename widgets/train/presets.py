"""Presets: trainings that one click starts, and the prediction that each is there to test."""

from datetime import datetime

import streamlit as st

from emnist_core.runs import Run
from emnist_core.sweeps import presets
from emnist_core.sweeps.spec import Row
from widgets.train import recipe_form


def choose(refusal: str | None, is_shown: bool) -> Row | None:
    """A button for each preset; gives the one that was just pressed, whose recipe then stands in the form.

    Args:
        refusal: why visitors may start none here, or None.
        is_shown: whether there are any: what a training needs on the screen is its curves.
    """
    if is_shown:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown("**Start in one click**", width="content")
            for preset in presets.presets():
                st.button(
                    preset.title,
                    key=f"preset-{preset.name}",
                    icon=":material/bolt:",
                    help=refusal or preset.prediction,
                    disabled=refusal is not None,
                    on_click=_press,
                    args=(preset,),
                )
    pressed: Row | None = st.session_state.pop("preset", None)
    return pressed


def _press(preset: Row) -> None:
    st.session_state["preset"] = preset
    recipe_form.fill(preset.recipe)


def run_name(preset: Row) -> str:
    """What a run of the preset is called: by its name and the time."""
    return f"{preset.name}-{datetime.now():%Y%m%d-%H%M%S}"


def prediction(run: Run) -> str | None:
    """What is to be predicted of the run and watched for, in Markdown, where its recipe is a preset's."""
    preset = presets.preset_of(run.recipe)
    return None if preset is None else f"**Predict:** {preset.prediction}  \n**Watch for:** {preset.watch}"
