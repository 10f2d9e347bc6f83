"""One image in all its aspects: answers of every run, resemblance."""

from collections.abc import Sequence

import streamlit as st

from emnist_core.arrays import Pixels
from emnist_core.data import Dataset
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.explain.resemblance import most_alike, training_part
from emnist_core.runs import Run
from widgets.parts import pickers, ranking, tiles


def answers(image: Pixels, labels: Sequence[str], runs: Sequence[Run]) -> None:
    """Every run's five most probable labels."""
    ranking.show(image, [run for run in runs if run.split.labels == tuple(labels)])


def resemblance(image: Pixels, run: Run, dataset: Dataset, classes: Sequence[int]) -> None:
    """The nearest training images of each of some classes."""
    train = training_part(dataset)
    if train is None:
        st.info(
            f"The training part of {dataset.split.title} is not on this machine: "
            f"`python -m emnist_core fetch {dataset.split.name}` brings it.",
            icon=":material/image_not_supported:",
        )
        return
    space = pickers.choose_space()
    for chosen in classes:
        label = dataset.split.labels[chosen]
        found = most_alike(image, train, chosen, run=run if space == "features" else None)
        if not found:
            st.write(f"The training part has no `{label}`.")
            continue
        st.markdown(f"Nearest training images of `{label}`, from {found[0][1]:.2f} away")
        tiles.grid([tiles.Tile(train.images[row], label, note=f"row {row}") for row, _ in found])


def verdict(evaluation: Evaluation, index: int) -> str:
    """What the run made of it, in a line."""
    true, read = evaluation.labels[evaluation.true[index]], evaluation.labels[evaluation.predicted[index]]
    sure, row = tiles.percent(float(evaluation.confidence[index])), int(evaluation.rows[index])
    if true == read:
        return f"Row {row:,}: a `{true}`, and {evaluation.run_name} reads it so with {sure}."
    return f"Row {row:,}: labelled `{true}`, read as `{read}` by {evaluation.run_name} with {sure}."
