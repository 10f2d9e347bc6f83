"""One image: what every model makes of it, what in it speaks for which class, and whom it resembles."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from emnist_core.arrays import Pixels
from emnist_core.data import Dataset
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.explain.neighbours import most_alike, training_part
from emnist_core.runs import Run
from widgets import navigation, page
from widgets.parts import evaluations, pickers, ranking, saliency, tiles


def show_resemblance(image: Pixels, run: Run, dataset: Dataset, classes: Sequence[int]) -> None:
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


page.header(
    "Image",
    "One image by itself. **Look for** what in it speaks for the wrong class, and whether training images of "
    "both classes look like it: then the label cannot be told from the shape.",
)
with page.errors_in_words():
    available = pickers.servable_runs()
    first, second, third = st.columns([2, 4, 2])
    with first:
        # Not "run" and "data": Streamlit drops a parameter on the way between two pages that both bind it.
        run = pickers.choose_run(available, key="of")
    with second:
        evaluation, dataset = evaluations.choose(run, key="on")
    with third:
        last = evaluation.n + (evaluation.left_out or 0) - 1
        row = int(st.number_input("Row", 0, last, int(evaluation.rows[0]), key="row", bind="query-params"))
    if dataset is None:
        evaluations.without_images(evaluation)
        st.stop()
    if dataset.is_sample:
        st.info("This is the **bundled sample** (fonts), not EMNIST.", icon=":material/info:")
    index = evaluation.index_of(row)
    if index is None:
        st.info(f"{run.name} was trained on row {row:,}, so it is left out; choose another.", icon=":material/school:")
        st.stop()
    true, other = evaluation.classes_of_interest(index)
    labels, image = evaluation.labels, dataset.images[index]
    left, right = st.columns([1, 3], gap="large")
    with left:
        read = labels[evaluation.predicted[index]]
        tiles.grid([tiles.Tile(image, labels[true], read, float(evaluation.confidence[index]))], scale=7)
        st.markdown(verdict(evaluation, index))
        here = {"run": run.name, "data": evaluation.title}
        navigation.link("confusion", "Its cell", here | {"true": labels[true], "pred": read})
        there = {"way": "Test image", "test_part": pickers.test_part_name(dataset), "test_row": str(row)}
        navigation.link("sketch", "Change it by hand", there)
        if dataset.split == run.split:  # whose test part that page shows
            source = "bundled sample" if dataset.is_sample else "EMNIST"
            there = {"network": run.name, "images": source, "image_row": str(row)}
            navigation.link("architecture", "Layer by layer", there)
    with right:
        ranking.show(image, [each for each in available if each.split.labels == labels])
    st.subheader("Which strokes decided?", anchor=False)
    saliency.show(image[np.newaxis], run, (true, other))
    st.subheader("Most similar training images", anchor=False)
    show_resemblance(image, run, dataset, (true, other))
