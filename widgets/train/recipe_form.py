"""The form of a recipe: what to train, on what, and how."""

from typing import Any, get_args

import streamlit as st

from emnist_core import data
from emnist_core.errors import EmnistError
from emnist_core.models import MODELS
from emnist_core.recipe import DEFAULT_LEARNING_RATES, Augmentation, Mixing, Optimizer, Schedule
from emnist_core.splits import SPLITS
from emnist_core.training import distillation, extra_images
from widgets.parts import pickers


def choose_recipe() -> dict[str, Any]:
    """The form's settings, not yet validated."""
    model = st.selectbox(
        "Model", list(MODELS), index=list(MODELS).index("lenet5"), key="model", bind="query-params",
        format_func=lambda name: f"{MODELS[name].title} · {MODELS[name].parameters:,} parameters",
    )  # fmt: skip
    st.caption(MODELS[model].summary)
    split = pickers.choose_split([name for name in SPLITS if _is_trainable(name)])
    kind = pickers.choose_dataset_kind(split, "train")
    if kind == "sample":
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
    with st.expander("More settings"):
        settings = _more_settings(model, split, kind, optimizer)
    return settings | {
        "model": model,
        "split": split,
        "dataset_kind": kind,
        "optimizer": optimizer,
        "schedule": schedule,
        "learning_rate": rate,
        "batch_size": batch_size,
        "epochs": epochs,
        "augmentation": augmentation,
    }


def _more_settings(model: str, split: str, kind: str, optimizer: str) -> dict[str, Any]:
    """What most trainings leave as it is."""
    settings: dict[str, Any] = {}
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
    teachers = {run.name: run for run in distillation.candidates(model, split)}
    settings["teachers"] = st.selectbox(
        "Teacher", list(teachers), index=None, key=f"teacher-{model}-{split}", placeholder="nobody",
        help="A run whose answers are learned as well as the labels. It sees the images too, so that a step takes "
        "longer. Validation share and prior are then the teacher's.",
    )  # fmt: skip
    parts = extra_images.candidates(split) if kind == "emnist" else []
    if parts:
        settings["extra_images"] = st.multiselect(
            "Extra images", parts, key=f"further-{split}", placeholder="of no other split",
            help="Images of other splits join the training rows, unless they are among this split's own, test part "
            "included; letters whose case is not known only with a teacher to tell it. Whoever trains on a test "
            "part cannot be tested on it.",
        )  # fmt: skip
    if settings["teachers"] is None:
        settings["validation_share"] = st.slider(
            "Validation share", 0.02, 0.5, 1 / 6, key="validation", help="The last rows of the training part."
        )
    else:
        teacher = teachers[settings["teachers"]].recipe
        settings |= {"validation_share": teacher.validation_share, "prior": teacher.prior}
    settings["seed"] = st.number_input("Seed", 0, 2**31 - 1, 1, key="seed")
    return settings


def _is_trainable(split: str) -> bool:
    """Whether there is a training part of the split, fetched or in the sample."""
    try:
        data.load(split, "train")
    except EmnistError:
        return False
    return True
