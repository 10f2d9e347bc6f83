"""A run while it is trained and after: its state, the figures that move, its curves."""

from typing import Literal

import streamlit as st

from emnist_core import charts, hosting
from emnist_core.runs import Run, Status
from emnist_core.training import jobs
from widgets import navigation, page
from widgets.parts import figures
from widgets.parts.figures import Figure

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


def _stop(run: Run) -> None:
    """Ask the worker to stop."""
    jobs.stop(run)
    st.session_state["stopping"] = run.name


def _duration(seconds: float | None) -> str:
    """Minutes and seconds."""
    if seconds is None:
        return "–"
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def _show_status(run: Run, status: Status) -> None:
    """The state in one line and the figures that move."""
    icon, colour = BADGES[status.state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(status.state, icon=icon, color=colour)
        st.markdown(f"**{run.name}**")
        if status.is_active:
            asked = run.stop_file.exists() or st.session_state.get("stopping") == run.name
            st.button(
                "Stopping …" if asked else "Stop",
                icon=":material/stop:",
                on_click=_stop,
                args=(run,),
                disabled=asked or hosting.refusal("train") is not None,
            )
    if status.message:
        st.warning(status.message, icon=":material/info:")
    best = "–" if status.validation_accuracy is None else f"{status.validation_accuracy:.2%}"
    speed = "–" if status.images_per_second is None else f"{status.images_per_second:,.0f}"
    clock, seconds = ("Time left", status.seconds_left) if status.is_active else ("Took", status.seconds)
    figures.show(
        Figure("Epoch", f"{status.epoch} of {status.epochs}"),
        Figure("Best on validation", best),
        Figure("Images/s", speed),
        Figure(clock, _duration(seconds)),
    )


def show(run: Run) -> None:
    """Status and curves, drawn again every second for as long as the run is active."""
    with page.errors_in_words():
        status = run.status()
        _show_status(run, status)
        st.plotly_chart(
            charts.curves(run.metrics("step"), run.metrics("epoch"), status.best_epoch),
            key="curves",
            config={"displayModeBar": False},
            alt="Accuracy and loss over the epochs, on training and validation images.",
        )
        if run.recipe.teachers:
            st.caption(
                f"The training loss counts the distance to the answers of {' and '.join(run.recipe.teachers)} too, "
                "validation's does not."
            )
        if status.data is not None:
            st.caption(
                f"{status.data.name}: {status.data.training_images:,} images to train on"
                f"{status.data.of_other_splits()}; the last {status.data.validation_images:,} for "
                f"validation. Trained by {status.device}."
            )
        if run.recipe.batch_norm_images and status.state == "finished":
            st.caption(
                "The best on validation is that of the weights as they are kept, with batch normalisation settled on "
                "unvaried images; the curve is of the epochs, before that."
            )
        if not status.is_active:
            if run.serving_file.exists():
                navigation.link("confusion", "See where it errs", {"run": run.name})
            elif advice := run.how_to_serve():
                st.info(advice, icon=":material/info:")
        if not status.is_active and st.session_state.get("watched_active") == run.name:
            # Its end changes the rest of the page too: the start button, the other pages' runs.
            st.session_state["watched_active"] = None
            st.rerun()
        if status.is_active:
            st.session_state["watched_active"] = run.name
