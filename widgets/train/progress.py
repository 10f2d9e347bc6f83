"""What a training makes of single characters and of all classes, after every epoch so far."""

import html

import numpy as np
import streamlit as st

from emnist_core.data import library
from emnist_core.evaluation import epochs
from emnist_core.evaluation.epochs import Epochs
from emnist_core.runs import Run
from widgets.parts import answer_table, matrix, tiles

CHOSEN = ("f", "F", "g", "q", "9", "0", "O", "1")
"""Whose answers are watched to begin with, where the split has them: look-alikes beside one another."""
MOST_CHARACTERS = 12
MOST_EPOCHS = 7


def show_characters(run: Run) -> None:
    """An image of each chosen character, and a row an epoch with what was read then, the newest on top."""
    history = _history(run)
    if history is None:
        return
    dataset = library.with_hash(run.recipe.split, "train", history.data_sha256)
    if dataset is None:
        st.info("The images that it was trained on are not here to be shown.", icon=":material/info:")
        return
    labels = [label for label in history.labels if label in {history.labels[true] for true in np.unique(history.true)}]
    key = f"watched-{run.recipe.split}"
    watched = st.multiselect(
        "Characters", labels, [label for label in CHOSEN if label in labels] or labels[: len(CHOSEN)],
        key=key, max_selections=MOST_CHARACTERS,
        help="The first validation image of each, which the network is never trained on.",
    )  # fmt: skip
    indices = [int(np.flatnonzero(history.true == history.labels.index(label))[0]) for label in watched]
    if indices:
        images = [tiles.picture(dataset.images[history.rows[index]], 2) for index in indices]
        written = [f"<b>{html.escape(label)}</b>" for label in watched]
        rows = [answer_table.row("", images), answer_table.row("written", written)]
        st.html(answer_table.markup([*rows, *(_row(history, number, indices) for number in _shown(history.numbers))]))


def show_confusion(run: Run) -> None:
    """The confusion matrix of the validation images after the newest epoch."""
    history = _history(run)
    if history is None:
        return
    newest = history.numbers[-1]
    share = (history.predicted(newest) == history.true).mean()
    st.markdown(f"After epoch {newest}: **{share:.2%}** of {len(history.true):,} validation images right.")
    title = f"Validation after epoch {newest}: rows are what was written, columns what was read"
    matrix.show(matrix.confusion(history.confusion(newest), history.labels, title=title, opens=False))


def _history(run: Run) -> Epochs | None:
    """What the run kept of its epochs; where there is nothing, a word on why."""
    history = epochs.load(run)
    if history is None:
        st.info("There is something to see here once an epoch is over.", icon=":material/hourglass_empty:")
    return history


def _shown(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """The newest epochs, the last of them first, and the very first."""
    newest = numbers[::-1][:MOST_EPOCHS]
    return newest if numbers[0] in newest else (*newest[:-1], numbers[0])


def _row(history: Epochs, number: int, indices: list[int]) -> str:
    """What was read after an epoch."""
    read, sure = history.predicted(number)[indices], history.confidence(number)[indices]
    cells = [
        answer_table.answer(history.labels[label], float(probability), history.labels[history.true[index]])
        for label, probability, index in zip(read, sure, indices, strict=True)
    ]
    return answer_table.row(f"epoch {number}", cells)
