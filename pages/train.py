"""Choose a network and a recipe, start training, watch it learn, stop when it is enough."""

from typing import Any, Literal, get_args

import streamlit as st

from emnist_core import charts, data, hosting, runs
from emnist_core.errors import EmnistError
from emnist_core.models import MODELS
from emnist_core.recipe import DEFAULT_LEARNING_RATES, Augmentation, Mixing, Optimizer, Recipe, Schedule
from emnist_core.runs import Run, Status
from emnist_core.splits import SPLITS
from emnist_core.training import distillation, extra_images, jobs
from widgets import navigation, page
from widgets.parts import figures, pickers
from widgets.parts.figures import Figure

SECONDS_BETWEEN_LOOKS = 1.0
# About as many as batch normalisation's averages need, which keep 0.99 of what they were at every step; LeNet-5 v2 on
# EMNIST validated at 9 % after 352 steps and at 75 % after 528.
STEPS_TO_SETTLE = 600
BADGES: dict[str, tuple[str, Literal["blue", "green", "orange", "red"]]] = {
    "starting": (":material/hourglass_top:", "blue"),
    "training": (":material/play_circle:", "blue"),
    "saving": (":material/save:", "blue"),
    "finished": (":material/check_circle:", "green"),
    "stopped": (":material/stop_circle:", "orange"),
    "failed": (":material/error:", "red"),
    "lost": (":material/error:", "red"),
}


def choose_recipe() -> dict[str, Any]:
    """The form's settings, not yet validated."""
    model = st.selectbox(
        "Model", list(MODELS), index=list(MODELS).index("lenet5"), key="model", bind="query-params",
        format_func=lambda name: f"{MODELS[name].title} · {MODELS[name].parameters:,} parameters",
    )  # fmt: skip
    st.caption(MODELS[model].summary)
    split = pickers.choose_split([name for name in SPLITS if trainable(name)])
    source = pickers.choose_dataset_kind(split, "train")
    if source == "sample":
        st.caption("Trains on the bundled sample of handwriting fonts, not on EMNIST.")
    first, second = st.columns(2)
    optimizer = first.selectbox("Optimizer", get_args(Optimizer), key="optimizer", bind="query-params")
    schedule = second.selectbox("Schedule", get_args(Schedule), key="schedule", bind="query-params")
    rate = first.number_input(
        "Learning rate", 0.0, 10.0, DEFAULT_LEARNING_RATES[optimizer], format="%.4f", step=0.001,
        key=f"rate-{optimizer}", help="At first, Keras's own for the optimizer; with a schedule, its peak.",
    )  # fmt: skip
    batch_size = second.number_input("Batch size", 1, 8192, 128, key="batch", bind="query-params")
    epochs = first.number_input("Epochs", 1, 1000, 8, key="epochs", bind="query-params")
    augmentation = second.selectbox(
        "Augmentation", get_args(Augmentation), key="augmentation", bind="query-params",
        help="Small random rotations, shifts and shears; elastic bends strokes as well. Never flips.",
    )  # fmt: skip
    settings: dict[str, Any] = {}
    with st.expander("More settings"):
        if MODELS[model].dropout is not None:
            settings["dropout"] = st.slider("Dropout", 0.0, 0.9, MODELS[model].dropout, key=f"dropout-{model}")
        settings["l2"] = st.number_input(
            "L2 on convolution kernels",
            0.0,
            1.0,
            MODELS[model].l2,
            format="%.5f",
            step=0.0001,
            key=f"l2-{model}",
        )
        if optimizer == "adamw":
            settings["weight_decay"] = st.number_input("Weight decay", 0.0, 1.0, 0.004, format="%.4f", key="decay")
        settings["label_smoothing"] = st.slider("Label smoothing", 0.0, 0.5, 0.0, key="smoothing")
        settings["mixing"] = st.selectbox(
            "Mixing", get_args(Mixing), key="mixing",
            help="mixup lays two images over each other, cutmix puts a part of one into another; the answer to be "
            "learned is shared as the image is.",
        )  # fmt: skip
        guides = {run.name: run for run in distillation.candidates(model, split)}
        settings["teachers"] = st.selectbox(
            "Teacher", list(guides), index=None, key=f"teacher-{model}-{split}", placeholder="nobody",
            help="A run whose answers are learned as well as the labels. It sees the images too, so that a step takes "
            "longer. Validation share and prior are then the teacher's.",
        )  # fmt: skip
        parts = extra_images.candidates(split) if source == "emnist" else []
        if parts:
            settings["extra_images"] = st.multiselect(
                "Further images", parts, key=f"further-{split}", placeholder="of no other split",
                help="Images of other splits join the training rows, unless they are among this split's own, test part "
                "included; letters whose case is not known only with a teacher to tell it. Whoever trains on a test "
                "part cannot be tested on it.",
            )  # fmt: skip
        if settings["teachers"] is None:
            settings["validation_share"] = st.slider(
                "Validation share", 0.02, 0.5, 1 / 6, key="validation", help="The last rows of the training part."
            )
        else:
            guide = guides[settings["teachers"]].recipe
            settings |= {"validation_share": guide.validation_share, "prior": guide.prior}
        settings["seed"] = st.number_input("Seed", 0, 2**31 - 1, 1, key="seed")
    return settings | {
        "model": model,
        "split": split,
        "source": source,
        "optimizer": optimizer,
        "schedule": schedule,
        "learning_rate": rate,
        "batch_size": batch_size,
        "epochs": epochs,
        "augmentation": augmentation,
    }


def say_what_is_too_short(settings: dict[str, Any]) -> None:
    """Warn of a training that batch normalisation will not have settled in."""
    spec = MODELS[settings["model"]]
    every = len(data.load(settings["split"], "train", settings["source"]))
    images = every - round(every * settings["validation_share"])
    steps = -(-images // max(settings["batch_size"], 1)) * settings["epochs"]
    if spec.non_trainable and steps < STEPS_TO_SETTLE and not settings.get("extra_images"):
        st.caption(
            f":material/info: {spec.title} normalises by batch, and validates by averages that need about "
            f"{STEPS_TO_SETTLE:,} steps to settle: before that validation looks far worse than training. These "
            f"settings take {steps:,}; choose smaller batches or more epochs."
        )


def trainable(split: str) -> bool:
    """Whether there is a training part of the split, fetched or in the sample."""
    try:
        data.load(split, "train")
    except EmnistError:
        return False
    return True


def start(settings: dict[str, Any]) -> None:
    """Start the worker, or keep the sentence that says why not."""
    try:
        run = jobs.start(Recipe.parse(settings))
    except EmnistError as error:
        st.session_state["refused"] = str(error)
        return
    st.session_state.pop("refused", None)
    st.session_state["run"] = run.name


def stop(run: Run) -> None:
    """Ask the worker to stop."""
    jobs.stop(run)
    st.session_state["stopping"] = run.name


def duration(seconds: float | None) -> str:
    """Minutes and seconds."""
    if seconds is None:
        return "–"
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def show_status(run: Run, status: Status) -> None:
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
                on_click=stop,
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
        Figure(clock, duration(seconds)),
    )


def watch(run: Run) -> None:
    """Status and curves, drawn anew every second for as long as the run is active."""
    with page.errors_in_words():
        status = run.status()
        show_status(run, status)
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


page.header(
    "Train",
    "Choose a network, start it and watch. **Look for** the gap between the two curves: when training goes on "
    "rising and validation does not, the network learns its examples by heart. Big networks do that sooner.",
)
left, right = st.columns([1, 2], gap="large")
with left, page.errors_in_words():
    busy = jobs.running()
    settings = choose_recipe()
    say_what_is_too_short(settings)
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
    st.fragment(watch, run_every=SECONDS_BETWEEN_LOOKS if is_active else None)(run)
    with st.expander("Recipe"), page.errors_in_words():
        st.json(run.recipe.model_dump())
