"""A run taken along as a zip, and one brought in a zip."""

import io

import streamlit as st

from emnist_core import hosting
from emnist_core.collection import packing, unpacking
from emnist_core.errors import EmnistError
from emnist_core.runs import Run
from widgets.parts.visitor import visitor


def offer_zip(run: Run) -> None:
    """A button that looks whether the run is whole, and then another that fetches it."""
    if not st.button("Export", icon=":material/folder_zip:", help="As a zip, with its models, curves and evaluations."):
        return
    try:
        packing.ensure_packable(run)
    except EmnistError as error:
        st.session_state["runs-refused"] = str(error)
        return
    st.download_button(
        f"Download {run.name}.zip", lambda: _zip(run), f"{run.name}.zip", "application/zip",
        icon=":material/download:", type="primary", on_click="ignore",
    )  # fmt: skip


def _zip(run: Run) -> bytes:
    target = io.BytesIO()
    packing.pack(run, target)
    return target.getvalue()


def show_import() -> None:
    """The zip to bring, the name to give it, and what is said of it."""
    with st.expander("Import a run", icon=":material/drive_folder_upload:"):
        if refusal := hosting.refusal("import"):
            st.info(refusal, icon=":material/lock:")
            return
        with st.form("import", border=False, clear_on_submit=True):
            file = st.file_uploader("A zip that Export wrote", type="zip", key="runs-zip")
            name = st.text_input("Name", key="runs-zip-name", placeholder="as it was", max_chars=80)
            is_asked = st.form_submit_button("Import", icon=":material/drive_folder_upload:")
        st.caption(
            "Names, sizes and checksums are looked at before anything is unpacked, and nothing in it is executed. Its "
            "figures are those of whoever made it, until you evaluate it."
        )
        if is_asked and file is not None:
            _import(file, name.strip() or None)
            st.rerun()


def _import(file: io.BytesIO, name: str | None) -> None:
    st.session_state.pop("runs-done", None)
    st.session_state.pop("runs-refused", None)
    try:
        hosting.ensure_allowed("import")
        with st.spinner("Looking into the zip …"):
            run = unpacking.unpack(file, name, visitor())
    except EmnistError as error:
        st.session_state["runs-refused"] = str(error)
        return
    st.session_state["runs-next"] = [run.name]
    st.session_state["runs-done"] = f"{run.name} is imported."
