"""Two runs on the same images: who is better, whether that could be chance, and where they disagree."""

from collections.abc import Callable, Sequence

import streamlit as st

from emnist_core.data import Dataset
from emnist_core.evaluation import lookup
from emnist_core.evaluation.comparison import Comparison, compare, disagreements
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.groups import holding
from emnist_core.runs import Run
from widgets.confusion import cell_gallery, matrix_cells, matrix_table, matrix_view
from widgets.parts import clicks, evaluations, figures, pickers, tiles
from widgets.parts.figures import Figure

SHOWN = 60


def show(
    first: Evaluation,
    together: Callable[[Evaluation], Evaluation],
    dataset: Dataset | None,
    runs: Sequence[Run],
) -> None:
    """Choose the second run and set it beside the first.

    Args:
        first: the first run's evaluation, with every class for itself.
        together: what takes classes together in both.
        dataset: the images, where they are here.
        runs: all that can be compared with.
    """
    others = lookup.on_same_images(first, runs)
    for run, given in lookup.unread(first, runs):
        if run.name not in others and st.button(f"Have {run.name} read these images too", key=f"read-{run.name}"):
            evaluations.evaluated(run, given)
            others = lookup.on_same_images(first, runs)
    if not others:
        st.info(
            "No other run was evaluated on these images. Choose data above that several runs were evaluated on.",
            icon=":material/compare_arrows:",
        )
        return
    name = st.selectbox("Compared with", list(others), key="with", bind="query-params")
    second = others[name]
    both = together(first), together(second)
    show_test(*both)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_difference(*both)
    with right:
        show_disagreements(first, second, *both, dataset)


def show_test(first: Evaluation, second: Evaluation) -> None:
    """Both accuracies, the difference with its interval, and McNemar's test."""
    found = compare(first.predicted == first.true, second.predicted == second.true)
    interval = f"95 %: {100 * found.low:+.2f} … {100 * found.high:+.2f}"
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
    title = f"Confusion matrix of {first.run_name} less that of {second.run_name}: rows are true, columns are read"
    matrix_table.show(matrix_table.confusion_difference(first.confusion, second.confusion, first.labels, title))
    st.caption(f"Orange: {first.run_name} has more images in the cell; blue: {second.run_name} has.")


@st.fragment
def show_disagreements(
    first: Evaluation, second: Evaluation, seen: Evaluation, other: Evaluation, dataset: Dataset | None
) -> None:
    """The images of one cell, or all, that the two read differently.

    Args:
        first, second: both with every class for itself, whose labels the tiles bear.
        seen, other: both as they are compared, perhaps with classes taken together.
        dataset: the images, where they are here.
    """
    clicks.listen()
    labels = seen.labels
    one, two = st.columns(2)
    with one:
        true = pickers.choose_label(labels, "true", "True class", holding(labels, "f"))
    with two:
        read = pickers.choose_label(labels, "pred", "Read by either as", holding(labels, "F"))
    matrix_cells.listen(matrix_view.show_cell, None if true is None or read is None else (labels[true], labels[read]))
    frame = disagreements(seen, other)
    if true is not None:
        frame = frame[frame["true"] == true]
    if read is not None:
        frame = frame[(frame["first"] == read) | (frame["second"] == read)]
    won = frame["who"].value_counts()
    st.markdown(
        f"#### {len(frame)} images read differently\n{first.run_name} is right on {won.get('first', 0)}, "
        f"{second.run_name} on {won.get('second', 0)}, neither on {won.get('neither', 0)}. "
        "The surest disagreements come first."
    )
    if dataset is None:
        evaluations.without_images(first)
        return
    for who, name in (("first", first), ("second", second), ("neither", None)):
        indices = frame.loc[frame["who"] == who, "index"].head(SHOWN)
        if len(indices):
            st.markdown(f"Only {name.run_name} right" if name else "Neither right")
            shown = second if name is second else first
            tiles.grid([cell_gallery.tile(shown, dataset, int(index)) for index in indices])
