"""The form of a recipe: what to train, on what, and how."""

from typing import Any, get_args

import streamlit as st

from emnist_core import data
from emnist_core.errors import EmnistError
from emnist_core.models import MODELS
from emnist_core.recipe import DEFAULT_LEARNING_RATES, Augmentation, Mixing, Optimizer, Prior, Recipe, Schedule
from emnist_core.splits import SPLITS
from emnist_core.training import distillation, extra_images
from widgets.parts import pickers


def fill(recipe: Recipe) -> None:
    """Put a recipe into the form; called before the form is drawn."""
    spec, optimizer = recipe.spec, recipe.optimizer
    state = {
        "model": recipe.model,
        "split": recipe.split,
        "optimizer": optimizer,
        "schedule": recipe.schedule,
        f"rate-{optimizer}": recipe.peak_learning_rate,
        "batch": recipe.batch_size,
        "epochs": recipe.epochs,
        "augmentation": recipe.augmentation,
        "train-images": recipe.train_images,
        f"dropout-{recipe.model}": spec.dropout if recipe.dropout is None else recipe.dropout,
        f"l2-{recipe.model}": spec.l2 if recipe.l2 is None else recipe.l2,
        "decay": recipe.weight_decay,
        "smoothing": recipe.label_smoothing,
        "prior": recipe.prior,
        "mixing": recipe.mixing,
        "validation": recipe.validation_share,
        "seed": recipe.seed,
        f"teacher-{recipe.model}-{recipe.split}": None,
        f"further-{recipe.split}": [],
    }
    st.session_state.update(state)


def choose_recipe() -> dict[str, Any]:
    """The form's settings, not yet validated."""
    model = st.selectbox(
        "Model", list(MODELS), key=_default("model", "lenet5"), bind="query-params",
        format_func=lambda name: f"{MODELS[name].title} · {MODELS[name].parameters:,} parameters",
        help="The network. More weights can hold more, and learn by heart sooner.",
    )  # fmt: skip
    st.caption(MODELS[model].summary)
    split = pickers.choose_split([name for name in SPLITS if _is_trainable(name)])
    kind = pickers.choose_dataset_kind(split, "train")
    if kind == "sample":
        st.caption("Trains on the bundled sample of handwriting fonts, not on EMNIST.")
    first, second = st.columns(2)
    optimizer = first.selectbox(
        "Optimizer", get_args(Optimizer), key="optimizer", bind="query-params",
        help="How a step is made of a gradient. Watch how early the loss falls: Adam asks for the least care, SGD for "
        "a good rate.",
    )  # fmt: skip
    schedule = second.selectbox(
        "Schedule", get_args(Schedule), key="schedule", bind="query-params",
        help="How the learning rate changes: cosine sinks to nothing, one-cycle rises first. Watch the last epochs, "
        "where short steps settle what long ones left open.",
    )  # fmt: skip
    rate = first.number_input(
        "Learning rate", 0.0, 10.0, key=_default(f"rate-{optimizer}", DEFAULT_LEARNING_RATES[optimizer]),
        format="%.4f", step=0.001,
        help="How far a step goes; at first Keras's own for the optimizer, with a schedule its peak. Too high and the "
        "loss jumps or stays at guessing, too low and it hardly moves.",
    )  # fmt: skip
    batch_size = second.number_input(
        "Batch size", 1, 8192, key=_default("batch", 128), bind="query-params",
        help="Images a step looks at. Small batches make more and noisier steps an epoch; watch how the thin line "
        "trembles.",
    )  # fmt: skip
    epochs = first.number_input(
        "Epochs", 1, 1000, key=_default("epochs", 8), bind="query-params",
        help="How often every image is seen. Watch for the epoch after which validation gets no better.",
    )  # fmt: skip
    augmentation = second.selectbox(
        "Augmentation", get_args(Augmentation), key="augmentation", bind="query-params",
        help="Small random rotations, shifts and shears; elastic bends strokes as well. Never flips. Training looks "
        "worse with it, and validation better if there are epochs enough.",
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
    settings["train_images"] = st.number_input(
        "Training images", 1, 1_000_000, None, key="train-images", placeholder="all",
        help="Train on only so many of the first images. Watch the gap between the curves grow as they become fewer.",
    )  # fmt: skip
    if MODELS[model].dropout is not None:
        settings["dropout"] = st.slider(
            "Dropout", 0.0, 0.9, key=_default(f"dropout-{model}", MODELS[model].dropout),
            help="Share of values that are left out at random while it trains, so that none is relied upon. With much "
            "of it training looks worse than validation.",
        )  # fmt: skip
    settings["l2"] = st.number_input(
        "L2 on convolution kernels", 0.0, 1.0, key=_default(f"l2-{model}", MODELS[model].l2),
        format="%.5f", step=0.0001,
        help="Large weights cost loss, so that they stay small. Watch the loss: it counts this too, and is above zero "
        "even where every answer is right.",
    )  # fmt: skip
    if optimizer == "adamw":
        settings["weight_decay"] = st.number_input(
            "Weight decay", 0.0, 1.0, key=_default("decay", 0.004), format="%.4f",
            help="Every step makes weights this much smaller, times the learning rate. It holds the gap between the "
            "curves down.",
        )  # fmt: skip
    settings["label_smoothing"] = st.slider(
        "Label smoothing", 0.0, 0.5, key="smoothing",
        help="Share of the answer to be learned that is spread over all classes, so that the network is never quite "
        "sure. The loss stays higher; see Confusion's reliability.",
    )  # fmt: skip
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
        settings |= _validation_and_prior()
    else:
        teacher = teachers[settings["teachers"]].recipe
        settings |= {"validation_share": teacher.validation_share, "prior": teacher.prior}
    settings["seed"] = st.number_input(
        "Seed", 0, 2**31 - 1, key=_default("seed", 1),
        help="Of first weights, order and dropout. Train twice with two seeds: a difference smaller than theirs is "
        "chance.",
    )  # fmt: skip
    return settings


def _validation_and_prior() -> dict[str, Any]:
    """What a teacher would settle."""
    share = st.slider(
        "Validation share", 0.02, 0.5, key=_default("validation", 1 / 6),
        help="The last rows of the training part are held out, and tell what it reads that it has not seen.",
    )  # fmt: skip
    prior = st.selectbox(
        "Prior", get_args(Prior), key="prior",
        help="With data, it learns how frequent each class is and says F rather than f when in doubt; with even, it "
        "answers as if all were equally frequent.",
    )  # fmt: skip
    return {"validation_share": share, "prior": prior}


def _default(key: str, value: Any) -> str:
    """The key of a widget, with a value where it has none: as a default of its own, a preset's would be a second."""
    if key not in st.session_state and key not in st.query_params:
        st.session_state[key] = value
    return key


def _is_trainable(split: str) -> bool:
    """Whether there is a training part of the split, fetched or in the sample."""
    try:
        data.load(split, "train")
    except EmnistError:
        return False
    return True
