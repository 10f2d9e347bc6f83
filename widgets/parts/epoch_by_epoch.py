"""A scrubber over the epochs of a training: the matrix, the pairs and some images as they were then."""

import streamlit as st

from emnist_core import charts
from emnist_core.data import library
from emnist_core.evaluation import epochs, figures
from emnist_core.evaluation.epochs import Epochs
from emnist_core.runs import Run
from widgets.parts import matrix, matrix_cells, plain_table, tiles

PROBES = len(charts.MARKS)
PLAIN = {"displayModeBar": False}


def open_epochs(run: Run) -> Epochs | None:
    """What the run kept of its epochs; where there is nothing, a word on why."""
    history = epochs.load(run)
    if history is None:
        st.info(
            f"{run.name} was trained before epochs were kept, or has none yet. Train it again on the Train page: "
            "every training keeps its answers to the validation images after each epoch.",
            icon=":material/history:",
        )
    return history


@st.fragment
def show(run: Run) -> None:
    """The scrubber and what it moves."""
    history = open_epochs(run)
    if history is None:
        return
    number = _scrubber(history)
    answers = history.predicted(number)
    share = (answers == history.true).mean()
    st.markdown(f"After epoch {number}: **{share:.2%}** of {len(history.true):,} validation images right.")
    left, right = st.columns([3, 2], gap="large")
    with left:
        title = f"Errors on validation after epoch {number}: rows are what was written, columns what was read"
        matrix.show(matrix.confusion(history.confusion(number), history.labels, errors_only=True, title=title))
    with right:
        true, predicted = matrix_cells.choose_cell(history.labels)
        with st.container(key=matrix_cells.IMAGES):
            if true is not None and predicted is not None:
                _show_cell(run, history, number, true, predicted)
    st.subheader(f"Most confused pairs after epoch {number}", anchor=False)
    plain_table.show_pairs(figures.confused_pairs(history.confusion(number), history.labels).head(12))


def _scrubber(history: Epochs) -> int:
    """The epoch to look at: the last one to begin with."""
    if len(history.numbers) == 1:
        return history.numbers[0]
    return int(st.select_slider("Epoch", history.numbers, history.numbers[-1], key="epoch", bind="query-params"))


def _show_cell(run: Run, history: Epochs, number: int, true: int, predicted: int) -> None:
    """The cell's counts over the epochs, its images now, and what became of them."""
    names = history.labels[true], history.labels[predicted]
    if true != predicted:
        show_pair(history, true, predicted, number)
    positions = history.cell(number, true, predicted)
    st.subheader(f"{len(positions)} validation images of `{names[0]}` read as `{names[1]}`", anchor=False)
    probes = positions[:PROBES]
    if len(probes) == 0:
        return
    dataset = library.with_hash(run.recipe.split, "train", history.data_sha256)
    if dataset is not None:
        sure = history.confidence(number)
        tiles.grid(
            [
                tiles.Tile(
                    dataset.images[history.rows[p]],
                    *names,
                    float(sure[p]),
                    f"row {history.rows[p]}",
                    mark=(number, colour),
                )
                for number, (p, colour) in enumerate(zip(probes, charts.MARKS, strict=False), start=1)
            ]
        )
    st.plotly_chart(
        charts.followed(history.followed(probes), number),
        key="followed",
        config=PLAIN,
        alt="Probability of the true class of these images over the epochs, a line an image, in its tile's colour.",
    )


def show_pair(history: Epochs, first: int, second: int, number: int | None = None) -> None:
    """How often the two were taken for one another, epoch by epoch."""
    names = history.labels[first], history.labels[second]
    st.plotly_chart(
        charts.pair_errors(history.pair_errors(first, second), names, number),
        key="pair-errors",
        config=PLAIN,
        alt=f"Validation images of {names[0]} read as {names[1]} and the reverse, after every epoch.",
    )
