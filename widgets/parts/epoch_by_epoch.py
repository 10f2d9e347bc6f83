"""A scrubber over the epochs of a training: the matrix, the pairs and some images as they were then."""

import streamlit as st

from emnist_core import charts, data
from emnist_core.data import Dataset
from emnist_core.errors import DataError
from emnist_core.evaluation import epochs, figures
from emnist_core.evaluation.epochs import Epochs
from emnist_core.runs import Run
from widgets.confusion import matrix_table, matrix_view, pair_table
from widgets.parts import tiles

PROBES = 12
PLAIN = {"displayModeBar": False}


def open_epochs(run: Run) -> Epochs | None:
    """What the run kept of its epochs; where there is nothing, a word on why."""
    kept = epochs.load(run)
    if kept is None:
        st.info(
            f"{run.name} was trained before epochs were kept, or has none yet. Train it again on the Train page: "
            "every training keeps its answers to the validation images after each epoch.",
            icon=":material/history:",
        )
    return kept


@st.fragment
def show(run: Run) -> None:
    """The scrubber and what it moves."""
    kept = open_epochs(run)
    if kept is None:
        return
    number = _scrubber(kept)
    answers = kept.predicted(number)
    st.markdown(
        f"After epoch {number}: **{(answers == kept.true).mean():.2%}** of {len(kept.true):,} validation images right."
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        title = f"Errors on validation after epoch {number}: rows are true, columns are read"
        matrix_table.show(matrix_table.confusion(kept.confusion(number), kept.labels, errors_only=True, title=title))
    with right:
        cell = matrix_view.choose_cell(kept.labels)
        if cell is not None:
            _show_cell(run, kept, number, *cell)
    st.subheader(f"Most confused pairs after epoch {number}", anchor=False)
    pair_table.show(figures.confused_pairs(kept.confusion(number), kept.labels).head(12))


def _scrubber(kept: Epochs) -> int:
    """The epoch to look at: the last one to begin with."""
    if len(kept.numbers) == 1:
        return kept.numbers[0]
    return int(st.select_slider("Epoch", kept.numbers, kept.numbers[-1], key="epoch", bind="query-params"))


def _show_cell(run: Run, kept: Epochs, number: int, true: int, predicted: int) -> None:
    """The cell's counts over the epochs, its images now, and what became of them."""
    names = kept.labels[true], kept.labels[predicted]
    if true != predicted:
        show_pair(kept, true, predicted, number)
    positions = kept.cell(number, true, predicted)
    st.markdown(f"#### {len(positions)} validation images of `{names[0]}` read as `{names[1]}`")
    probes = positions[:PROBES]
    if len(probes) == 0:
        return
    dataset = training_part(run, kept)
    if dataset is not None:
        sure = kept.confidence(number)
        tiles.grid(
            [tiles.Tile(dataset.images[kept.rows[p]], *names, float(sure[p]), f"row {kept.rows[p]}") for p in probes]
        )
    st.plotly_chart(
        charts.followed(kept.followed(probes), number),
        key="followed",
        config=PLAIN,
        alt="Probability of the true class of these images over the epochs.",
    )


def show_pair(kept: Epochs, first: int, second: int, number: int | None = None) -> None:
    """How often the two were taken for one another, epoch by epoch."""
    names = kept.labels[first], kept.labels[second]
    st.plotly_chart(
        charts.pair_errors(kept.pair_errors(first, second), names, number),
        key="pair-errors",
        config=PLAIN,
        alt=f"Validation images of {names[0]} read as {names[1]} and the reverse, after every epoch.",
    )


def training_part(run: Run, kept: Epochs) -> Dataset | None:
    """The training part that the run learned from, where the very same one is on this machine."""
    for source in ("emnist", "sample"):
        try:
            found = data.load(run.recipe.split, "train", "emnist" if source == "emnist" else "sample")
        except DataError:
            continue
        if found.sha256 == kept.data_sha256:
            return found
    return None
