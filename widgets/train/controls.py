"""What can be done with a run: pause, stop, resume it, let it learn more, or change its place in the queue."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from emnist_core import hosting
from emnist_core.errors import EmnistError
from emnist_core.runs import Run, Status
from emnist_core.training import jobs, queue
from widgets import page
from widgets.parts.visitor import visitor

BADGES: dict[str, tuple[str, Literal["blue", "green", "orange", "red"]]] = {
    "queued": (":material/schedule:", "blue"),
    "starting": (":material/hourglass_top:", "blue"),
    "training": (":material/play_circle:", "blue"),
    "saving": (":material/save:", "blue"),
    "paused": (":material/pause_circle:", "orange"),
    "finished": (":material/check_circle:", "green"),
    "stopped": (":material/stop_circle:", "orange"),
    "failed": (":material/error:", "red"),
    "lost": (":material/error:", "red"),
}
MORE_EPOCHS = 10
Act = Callable[[], None]


def show(run: Run, status: Status) -> None:
    """The run's state, what it is busy with, and a button for each thing that can be done with it now."""
    icon, colour = BADGES[status.state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(status.state, icon=icon, color=colour)
        st.markdown(f"**{run.name}**")
        if status.state in ("starting", "saving") and status.doing:
            st.markdown(f"{status.doing} …")
        if run.is_shipped or not is_in_hand(status):
            return
        if status.state == "queued":
            _show_turn(run)
        elif status.is_active:
            _show_stop(run)
        else:
            _show_resume(run, status)


def is_in_hand(status: Status) -> bool:
    """Whether this visitor may do something with a run that stands so: on a hosted app with their own alone."""
    return hosting.refusal("train") is None and not (hosting.is_hosted() and status.visitor != visitor())


def _show_turn(run: Run) -> None:
    waiting = [other.path for other in queue.waiting()]
    place, last = waiting.index(run.path) + 1 if run.path in waiting else 1, len(waiting)
    st.markdown(f"turn **{place}** of {last}")
    if last > 1:
        _button("earlier", "Earlier", ":material/arrow_upward:", lambda: jobs.move(run, -1, visitor()), place == 1)
        _button("later", "Later", ":material/arrow_downward:", lambda: jobs.move(run, 1, visitor()), place == last)
    _button("cancel", "Cancel", ":material/close:", lambda: jobs.cancel(run, visitor()))


def _show_stop(run: Run) -> None:
    asked = run.asked or (st.session_state.get("asked") if st.session_state.get("asked_of") == run.name else None)
    pause, stop = ("Pausing …" if asked == "pause" else "Pause"), ("Stopping …" if asked == "stop" else "Stop")

    def ask(what: Literal["pause", "stop"]) -> None:
        (jobs.pause if what == "pause" else jobs.stop)(run, visitor())
        st.session_state.update(asked=what, asked_of=run.name)

    _button(
        "pause", pause, ":material/pause:", lambda: ask("pause"), is_off=bool(asked),
        tip="Leaves it as it is after this step; Resume goes on from there.",
    )  # fmt: skip
    _button(
        "stop", stop, ":material/stop:", lambda: ask("stop"), is_off=bool(asked),
        tip="Ends it after this step and makes the serving model of what it learned.",
    )  # fmt: skip


def _show_resume(run: Run, status: Status) -> None:
    st.session_state.pop("asked_of", None)
    if status.state != "finished":
        _button("resume", "Resume", ":material/play_arrow:", lambda: jobs.resume(run, visitor()))
    elif run.checkpoint_file.exists():
        _button(
            "more", f"{MORE_EPOCHS} more epochs", ":material/add:", lambda: jobs.resume(run, visitor(), MORE_EPOCHS),
            tip="It goes on from where it ended. A schedule is stretched over all epochs, so its rate rises again.",
        )  # fmt: skip


def _button(key: str, label: str, icon: str, act: Act, is_off: bool = False, tip: str | None = None) -> None:
    def clicked() -> None:
        st.session_state["is_changed"] = True
        try:
            act()
        except EmnistError as error:
            st.session_state["refused"] = str(error)
        else:
            st.session_state.pop("refused", None)

    st.button(label, key=key, icon=icon, on_click=clicked, disabled=is_off, help=tip)


def is_changed() -> bool:
    """Whether something was just done with a run, which the whole page is to show; told once."""
    return bool(st.session_state.pop("is_changed", False))


def show_queue() -> None:
    """The runs that wait, in their order."""
    with page.errors_in_words():
        waiting = queue.waiting()
        names = [f"{place}. {run.name}{_whose(run)}" for place, run in enumerate(waiting, 1)]
    if names:
        st.markdown("**Waiting for their turn**  \n" + "  \n".join(names))


def _whose(run: Run) -> str:
    return ", yours" if run.status().visitor == visitor() else ""
