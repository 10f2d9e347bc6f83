"""One run closely: its figures, what people say of it, and its name."""

from typing import Any

import streamlit as st

from emnist_core.collection import ownership, renaming
from emnist_core.errors import RunError
from emnist_core.evaluation import intervals
from emnist_core.runs import Run, notes
from widgets import navigation
from widgets.parts import figures
from widgets.parts.figures import Figure
from widgets.parts.visitor import visitor
from widgets.runs.actions import attempt
from widgets.runs.run_table import Row


def show(run: Run, row: Row) -> None:
    """The run's figures and links beside the form of its notes."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(row["title"] or run.name, anchor=False)
        _show_figures(row)
        _show_remarks(run, row)
        if run.serving_file.exists():
            navigation.link("confusion", "See where it errs", {"run": run.name})
        navigation.link("train", "See its curves and its recipe", {"run": run.name})
    with right:
        _notes_form(run)
        if not run.is_shipped:
            _name_form(run)


def _show_figures(row: Row) -> None:
    accuracy = Figure("Test accuracy", "–")
    if row["accuracy"] is not None:
        accuracy = Figure(accuracy.name, f"{row['accuracy']:.2%}", f"95 %: {intervals.in_words(*row['interval'])}")
    figures.show(
        accuracy,
        Figure("Parameters", "–" if row["parameters"] is None else f"{row['parameters']:,}"),
        Figure("Trained in", "–" if row["seconds"] is None else f"{row['seconds'] / 60:.1f} min"),
        Figure("On the disk", f"{row['bytes'] / 1e6:.1f} MB"),
        is_small=True,
    )


def _show_remarks(run: Run, row: Row) -> None:
    if row["data"]:
        st.caption(f"Tested on {row['data']}.")
    if row["protocol"]:
        st.caption(f"{row['protocol'][:1].upper()}{row['protocol'][1:]}.")
    said = notes.read_or_none(run)
    if said.imported:
        st.caption(
            f"Imported {said.imported[:10]}: its figures are those of whoever made it, until it is evaluated here."
        )
    if said.former_names:
        st.caption(f"Still found by its former names: {', '.join(said.former_names)}.")
    if taught := renaming.taught_by(run):
        st.caption(f"Learned from it: {', '.join(taught)}.")
    if said.text:
        st.text(said.text)  # and no Markdown, which could fetch a picture from elsewhere


def _notes_form(run: Run) -> None:
    try:
        said = notes.read(run)
    except RunError as error:
        st.warning(str(error), icon=":material/warning:")
        said = notes.Notes()
    refusal = ownership.refusal([run], visitor())
    with st.form(f"notes-of-{run.name}", border=False):
        title, owner = st.columns(2)
        typed: dict[str, Any] = {
            "title": title.text_input("Title", said.title, max_chars=80, key=f"title-of-{run.name}"),
            "owner": owner.text_input("Whose", said.owner, max_chars=80, key=f"owner-of-{run.name}"),
            "tags": st.text_input("Tags", ", ".join(said.tags), help="With commas between.", key=f"tags-of-{run.name}"),
            "text": st.text_area("Notes", said.text, max_chars=2000, height=100, key=f"text-of-{run.name}"),
        }
        if st.form_submit_button("Save notes", icon=":material/save:", disabled=refusal is not None, help=refusal):
            typed["tags"] = [tag for tag in map(str.strip, typed["tags"].split(",")) if tag]
            attempt([run], notes.change, run, **typed)
            st.rerun()


def _name_form(run: Run) -> None:
    refusal = ownership.refusal([run], visitor())
    with st.form(f"name-of-{run.name}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of its folder", run.name, max_chars=80, key=f"folder-of-{run.name}")
        if st.form_submit_button("Rename", icon=":material/edit:", disabled=refusal is not None, help=refusal):
            attempt([run], _rename, run, name.strip())
            st.rerun()


def _rename(run: Run, name: str) -> None:
    taught = renaming.taught_by(run)
    renamed = renaming.rename(run, name)
    st.session_state["runs-next"] = [renamed.name]
    told = f"{run.name} is now called {renamed.name}, and is found by both names."
    if taught:
        told += f" {', '.join(taught)} learned from it and still find it."
    st.session_state["runs-done"] = told
