"""Two runs on the same images: who is better, whether that could be chance, and where they disagree."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from emnist_core.data import Dataset
from emnist_core.evaluation import comparison, intervals
from emnist_core.evaluation.comparison import Comparison, compare, disagreements
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.runs import Run
from widgets.confusion.class_groups import Merge
from widgets.parts import clicks, evaluations, figures, gallery, matrix, matrix_cells, tiles
from widgets.parts.figures import Figure

SHOWN = 60


def show(
    first: Evaluation,
    merge: Merge,
    dataset: Dataset | None,
    runs: Sequence[Run],
) -> None:
    """Choose the second run and set it beside the first.

    Args:
        first: the first run's evaluation, with every class for itself.
        merge: what merges classes in both.
        dataset: the images, where they are here.
        runs: all that can be compared with.
    """
    others = comparison.on_same_images(first, runs)
    for run, given in comparison.unread(first, runs):
        if run.name not in others and evaluations.read_on_request(run, given):
            others = comparison.on_same_images(first, runs)
    if not others:
        st.info(
            "No other run was evaluated on these images. Choose data above that several runs were evaluated on.",
            icon=":material/compare_arrows:",
        )
        return
    name = st.selectbox("Compared with", list(others), key="with", bind="query-params")
    second = others[name]
    both = merge(first), merge(second)
    show_test(*both)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_difference(*both)
    with right:
        show_disagreements(*both, dataset)


def show_test(first: Evaluation, second: Evaluation) -> None:
    """Both accuracies, the difference with its interval, and McNemar's test."""
    found = compare(first.is_right, second.is_right)
    interval = f"95 %: {intervals.in_words(found.low, found.high, signed=True)}"
    figures.show(
        Figure(first.run_name, f"{first.accuracy:.2%}"),
        Figure(second.run_name, f"{second.accuracy:.2%}"),
        Figure("Difference, points", f"{100 * found.difference:+.2f}", interval),
        Figure("McNemar, exact p", f"{found.p:.2g}"),
    )
    st.markdown(in_words(found, first.run_name, second.run_name))


def in_words(found: Comparison, first: str, second: str) -> str:
    """What the test says, for those who do not live by p-values."""
    told = (
        f"Both right on {found.both:,} images, both wrong on {found.neither:,}; only {first} right on "
        f"{found.first_only:,}, only {second} on {found.second_only:,} (n = {found.n:,}). "
    )
    if found.p < 0.05:
        better = first if found.difference > 0 else second
        return told + f"That is more than chance would do: **{better} is the better one** on images like these."
    return told + "A difference as large comes about by chance often enough: **no one is shown to be better**."


@st.fragment
def show_difference(first: Evaluation, second: Evaluation) -> None:
    """The difference of the matrices, cell by cell."""
    title = f"Confusion matrix of {first.run_name} less that of {second.run_name}: written down, read across"
    matrix.show(matrix.confusion_difference(first.confusion, second.confusion, first.labels, title))
    st.caption(f"Orange: {first.run_name} has more images in the cell; blue: {second.run_name} has.")


@st.fragment
def show_disagreements(first: Evaluation, second: Evaluation, dataset: Dataset | None) -> None:
    """The images of one cell, or all, that the two read differently; a tile has both answers, of single classes."""
    clicks.listen()
    true, read = matrix_cells.choose_cell(first.labels, "Read by either as")
    frame = disagreements(first, second)
    if true is not None:
        frame = frame[frame["true"] == true]
    if read is not None:
        frame = frame[(frame["first"] == read) | (frame["second"] == read)]
    won = frame["who"].value_counts()
    with st.container(key=matrix_cells.IMAGES):
        st.subheader(f"{len(frame)} images read differently", anchor=False)
        st.markdown(
            f"{first.run_name} is right on {won.get('first', 0)}, {second.run_name} on {won.get('second', 0)}, "
            f"neither on {won.get('neither', 0)}. The surest disagreements come first."
        )
        if dataset is None:
            evaluations.without_images(first)
            return
        for who, (shown, other) in {
            "first": (first, second), "second": (second, first), "neither": (first, second),
        }.items():  # fmt: skip
            indices = frame.loc[frame["who"] == who, "index"].head(SHOWN)
            if len(indices):
                st.markdown("Neither right" if who == "neither" else f"Only {shown.run_name} right")
                st.caption(f"In a tile {shown.run_name}'s answer, below it {other.run_name}'s.")
                tiles.grid([_tile(shown.ungrouped, other.ungrouped, dataset, int(index)) for index in indices])


def _tile(shown: Evaluation, other: Evaluation, dataset: Dataset, index: int) -> tiles.Tile:
    """The tile of the one's answer, with the other's below it."""
    sure = tiles.percent(float(other.confidence[index]))
    below = f"{other.labels[other.predicted[index]]} {sure}"
    return replace(gallery.tile(shown, dataset, index), below=below)
