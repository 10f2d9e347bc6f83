"""A run while it is trained and after: its state, the figures that move, its curves."""

import streamlit as st

from emnist_core import charts
from emnist_core.runs import Run, Status
from widgets import assets, navigation, page
from widgets.parts import figures, pickers
from widgets.parts.figures import Figure
from widgets.train import controls, curves, presets, progress

VIEWS = {"curves": "Curves", "characters": "Characters", "confusion": "Confusion"}
STYLE = assets.css(__file__)


def _duration(seconds: float | None) -> str:
    """Minutes and seconds."""
    if seconds is None:
        return "–"
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def _show_status(run: Run, status: Status) -> None:
    """The state in one line, what it is busy with, and the figures that move."""
    controls.show(run, status)
    if status.message:
        st.warning(status.message, icon=":material/info:")
    best = "–" if status.validation_accuracy is None else f"{status.validation_accuracy:.2%}"
    speed = "–" if status.images_per_second is None else f"{status.images_per_second:,.0f}"
    clock, seconds = (
        ("Time left", status.seconds_left) if status.is_active or not status.step else ("Took", status.seconds)
    )
    figures.show(
        Figure("Epoch", f"{status.epoch} of {status.epochs}"),
        Figure("Best on validation", best),
        Figure("Images/s", speed),
        Figure(clock, _duration(seconds)),
        is_small=True,
    )


def _show_curves(run: Run, status: Status) -> None:
    """The curves, and how they are looked at."""
    steps, epochs = run.metrics("step"), run.metrics("epoch")
    chart = st.container()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        smoothing = st.slider(
            "Smoothing", 0.0, 0.98, 0.6, 0.02, key="curve-smoothing", width=260,
            help="How much of the thin line is carried over from the steps before: at 0 it shows each batch's chance.",
        )  # fmt: skip
        is_log = st.toggle(
            "Loss by powers of ten",
            key="log-loss",
            help="Shows whether a small loss still falls: where it is straight, each epoch takes away the same share.",
        )
        rate = float(steps["learning_rate"].iloc[-1]) if len(steps) else run.recipe.peak_learning_rate
        st.markdown(f"Learning rate **{rate:.2g}**" + (f", on {status.device}" if status.device else ""))
    panels = charts.live_curves(steps, epochs, status.epochs or run.recipe.epochs, smoothing, is_log)
    with chart:
        curves.show(panels, status.best_epoch, run.name)


def _say_what_it_learns_from(run: Run, status: Status) -> None:
    """The data, and what a curve does not show."""
    if run.recipe.teachers:
        st.caption(
            f"The training loss counts the distance to the answers of {' and '.join(run.recipe.teachers)} too, "
            "validation's does not."
        )
    if status.data is not None:
        st.caption(
            f"{status.data.name}: {status.data.training_images:,} images to train on"
            f"{status.data.of_other_splits()}; the last {status.data.validation_images:,} for validation. Drag over a "
            "part of a curve to see it larger; a double click shows all."
        )
    if run.recipe.batch_norm_images and status.state == "finished":
        st.caption(
            "The best on validation is that of the weights as they are kept, with batch normalisation settled on "
            "unvaried images; the curve is of the epochs, before that."
        )


def _lead_on(run: Run, status: Status) -> None:
    """Where to go next; its end changes the rest of the page too: the start button, the other pages' runs."""
    if status.is_active or status.state == "queued":
        st.session_state["watched_active"] = run.name
        return
    if run.serving_file.exists():
        navigation.link("confusion", "See where it errs", {"run": run.name})
    elif advice := run.how_to_serve():
        st.info(advice, icon=":material/info:")
    if st.session_state.get("watched_active") == run.name:
        st.session_state["watched_active"] = None
        st.rerun()


def show(run: Run) -> None:
    """Status and curves, drawn again every second for as long as the run is active."""
    if controls.is_changed():
        st.rerun()
    st.html(STYLE)
    with st.container(key="live"), page.errors_in_words():
        status = run.status()
        _show_status(run, status)
        told = presets.prediction(run)
        is_before = status.state in ("queued", "starting")
        if told and is_before:
            st.markdown(told)
        view = pickers.choose_one("Watch its", VIEWS, key="progress", is_named=False)
        if view == "curves":
            _show_curves(run, status)
        elif view == "characters":
            progress.show_characters(run)
        else:
            progress.show_confusion(run)
        if told and not is_before:
            st.markdown(told)
        _say_what_it_learns_from(run, status)
        _lead_on(run, status)
