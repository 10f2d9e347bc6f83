"""A recipe as something to take along: a TOML file, a command line, a script of plain Keras."""

import streamlit as st

from emnist_core.errors import EmnistError
from emnist_core.recipe import Recipe
from emnist_core.training.recipe_text import to_command, to_toml
from emnist_core.training.script import to_script

LONGEST_NAME = 60


def show(recipe: Recipe, name: str, key: str) -> None:
    """The recipe in its three forms, to copy and to download.

    Args:
        recipe: the settings.
        name: what the files are called.
        key: tells the buttons from those of another recipe on the page.
    """
    stem = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in name)[:LONGEST_NAME]
    st.markdown("On a machine that has this laboratory:")
    st.code(to_command(recipe), language=None, wrap_lines=True)
    with st.container(horizontal=True):
        st.download_button(
            "Recipe, TOML",
            to_toml(recipe, name),
            f"{stem}.toml",
            "application/toml",
            key=f"toml-{key}",
            icon=":material/download:",
            on_click="ignore",
            help=f"python -m emnist_core train --recipe {stem}.toml",
        )
        try:
            script = to_script(recipe, stem)
        except EmnistError as error:
            st.caption(f"Not as a script: {error}")
        else:
            st.download_button(
                "Script of plain Keras",
                script,
                f"{stem}.py",
                "text/x-python",
                key=f"script-{key}",
                icon=":material/download:",
                on_click="ignore",
                help="Trains it from NIST's files or an .npz, without this laboratory.",
            )
