"""What can be done with the picked runs together, and having back what was deleted."""

from collections.abc import Callable, Sequence

import streamlit as st

from emnist_core.collection import ownership, renaming, table, trash
from emnist_core.errors import EmnistError
from emnist_core.runs import Run, notes
from widgets.parts.visitor import visitor
from widgets.runs import exchange


def show(runs: Sequence[Run]) -> None:
    """The buttons for the picked runs."""
    refusal = ownership.refusal(runs, visitor())
    if refusal:
        st.caption(f":material/lock: {refusal}")
    archived = all(notes.read_or_none(run).archived for run in runs)
    own = [run for run in runs if not run.is_shipped]
    with st.container(horizontal=True, gap="small"):
        _button("Show on Sketch and Home", "visibility", refusal, runs, _mark, {"shown": True, "archived": False})
        _button("Hide there", "visibility_off", refusal, runs, _mark, {"shown": False})
        name, icon = ("Unarchive", "unarchive") if archived else ("Archive", "archive")
        _button(name, icon, refusal, runs, _mark, {"archived": not archived})
        _button("Delete", "delete", refusal or (None if own else "What ships stays."), own, _delete)
        if len(runs) == 1:
            exchange.offer_zip(runs[0])


def _button(
    label: str, icon: str, refusal: str | None, runs: Sequence[Run], act: Callable[..., object], *arguments: object
) -> None:
    st.button(
        label, icon=f":material/{icon}:", disabled=refusal is not None, help=refusal,
        on_click=attempt, args=(runs, act, runs, *arguments),
    )  # fmt: skip


def attempt(runs: Sequence[Run], act: Callable[..., object], *arguments: object, **named: object) -> None:
    """Do what a visitor asked for with ``runs``, where they may; what is in the way is said on the page."""
    st.session_state.pop("runs-refused", None)
    st.session_state.pop("runs-done", None)
    try:
        ownership.ensure_allowed(runs, visitor())
        act(*arguments, **named)
    except EmnistError as error:
        st.session_state["runs-refused"] = str(error)


def _mark(runs: Sequence[Run], marks: dict[str, bool]) -> None:
    for run in runs:
        notes.change(run, **marks)


def _delete(runs: Sequence[Run]) -> None:
    told = []
    for run in runs:
        taught = renaming.taught_by(run)
        until = trash.delete(run).until
        lasting = f"{until:%d %B}".lstrip("0")
        told.append(f"{run.name} is deleted; it can be had back below until {lasting}.")
        if taught:
            told.append(f"{', '.join(taught)} learned from it and cannot be trained again without it.")
    st.session_state["runs-done"] = " ".join(told)


def say() -> None:
    """What came of the last click."""
    if refused := st.session_state.get("runs-refused"):
        st.error(refused, icon=":material/error:")
    if done := st.session_state.get("runs-done"):
        st.success(done, icon=":material/check:")


def show_trash() -> None:
    """The deleted runs that can be had back."""
    trash.empty()
    deleted = trash.deleted_runs()
    if not deleted:
        return
    with st.expander(
        f"Deleted runs ({len(deleted)})", icon=":material/delete:", expanded="runs-done" in st.session_state
    ):
        megabytes = sum(table.bytes_taken(Run(one.path)) for one in deleted) / 1e6
        st.caption(
            f"Each is kept for {trash.KEPT.days} days and goes for good when this page is opened after that; together "
            f"they take {megabytes:.1f} MB."
        )
        for one in deleted:
            with st.container(horizontal=True, vertical_alignment="center"):
                run = Run(one.path)
                st.button(
                    "Undo", icon=":material/undo:", key=f"undo-{one.path.name}",
                    disabled=ownership.refusal([run], visitor()) is not None,
                    on_click=attempt, args=([run], trash.restore, one),
                )  # fmt: skip
                st.markdown(f"`{one.name}`, deleted {one.when:%Y-%m-%d %H:%M} UTC")
        everything = [Run(one.path) for one in deleted]
        st.button(
            "Delete all for good", icon=":material/delete_forever:",
            disabled=ownership.refusal(everything, visitor()) is not None,
            on_click=attempt, args=(everything, trash.purge, deleted),
        )  # fmt: skip
