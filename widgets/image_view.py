"""One image in all its aspects: answers of every run, saliency, resemblance."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from emnist_core.data import Dataset
from emnist_core.errors import EmnistError
from emnist_core.evaluation.predictions import Evaluation
from emnist_core.explain.occlusion import occlusion
from emnist_core.explain.resemblance import most_alike, training_part
from emnist_core.recognizer import recognizer
from emnist_core.runs import Run
from widgets import ranking, tiles

SPACES = {"pixels": "pixels", "features": "the model's features"}


def answers(image: np.ndarray, labels: Sequence[str], runs: Sequence[Run]) -> None:
    """Every run's five most probable labels."""
    rows: list[tuple[str, list[dict[str, Any]] | str]] = []
    for run in runs:
        if run.split.labels == tuple(labels):
            title = run.recipe.spec.title if run.is_shipped else run.name
            try:
                rows.append((title, recognizer(run).top(image)))
            except EmnistError as error:
                rows.append((title, str(error)))
    ranking.show(rows)


def saliency(image: np.ndarray, run: Run, classes: Sequence[int]) -> None:
    """What in the image speaks for each of some classes, by occlusion."""
    labels = run.split.labels
    maps = occlusion(recognizer(run), image, tuple(classes))
    with st.container(horizontal=True):
        for chosen, heat in zip(classes, maps, strict=True):
            with st.container(width=190):
                tiles.grid([tiles.Tile(image, heat=heat, note=f"what speaks for {labels[chosen]}")], scale=6)
                st.caption(f"for `{labels[chosen]}`: at most {tiles.percent(float(np.abs(heat).max()))}")
    st.caption(
        "Each place was covered with a 5×5 patch of paper. Orange: without it the class becomes less probable, it "
        "speaks for the class. Blue: it speaks against. The fullest colour is the change named below the image."
    )


def resemblance(image: np.ndarray, run: Run, dataset: Dataset, classes: Sequence[int]) -> None:
    """The nearest training images of each of some classes."""
    train = training_part(dataset)
    if train is None:
        st.info(
            f"The training part of {dataset.split.title} is not on this machine: "
            f"`python -m emnist_core fetch {dataset.split.name}` brings it.",
            icon=":material/image_not_supported:",
        )
        return
    space = st.segmented_control(
        "Near in", list(SPACES), default="pixels", key="space", bind="query-params", required=True,
        format_func=SPACES.__getitem__,
    )  # fmt: skip
    for chosen in classes:
        label = dataset.split.labels[chosen]
        found = most_alike(image, train, chosen, run=run if space == "features" else None)
        if not found:
            st.write(f"The training part has no `{label}`.")
            continue
        st.markdown(f"Nearest training images of `{label}`, from {found[0][1]:.2f} away")
        tiles.grid([tiles.Tile(train.images[row], label, note=f"row {row}") for row, _ in found])


def verdict(evaluation: Evaluation, row: int) -> str:
    """What the run made of it, in a line."""
    true, read = evaluation.labels[evaluation.true[row]], evaluation.labels[evaluation.predicted[row]]
    sure = tiles.percent(float(evaluation.confidence[row]))
    if true == read:
        return f"Row {row:,}: a `{true}`, and {evaluation.run_name} reads it so with {sure}."
    return f"Row {row:,}: labelled `{true}`, read as `{read}` by {evaluation.run_name} with {sure}."


def classes_of_interest(evaluation: Evaluation, row: int) -> tuple[int, int]:
    """The true class, and what it was or could have been taken for: the most probable other one."""
    true = int(evaluation.true[row])
    others = evaluation.probabilities[row].copy()
    others[true] = -1
    return true, int(others.argmax())
