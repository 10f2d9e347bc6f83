"""One image: what every model makes of it, what in it speaks for which class, and whom it resembles."""

import numpy as np
import streamlit as st

from emnist_core.evaluation.lookup import title_of
from widgets import navigation, page
from widgets.image import view as image_view
from widgets.parts import evaluations, pickers, saliency, tiles

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
        st.markdown(image_view.verdict(evaluation, index))
        here = {"run": run.name, "data": title_of(evaluation)}
        navigation.link("confusion", "Its cell", here | {"true": labels[true], "pred": read})
        there = {"way": "Test image", "test_part": pickers.test_part_name(dataset), "test_row": str(row)}
        navigation.link("sketch", "Change it by hand", there)
        if dataset.split == run.split:  # whose test part that page shows
            source = "bundled sample" if dataset.is_sample else "EMNIST"
            there = {"network": run.name, "images": source, "image_row": str(row)}
            navigation.link("architecture", "Layer by layer", there)
    with right:
        image_view.answers(image, labels, available)
    st.subheader("Which strokes decided?", anchor=False)
    saliency.show(image[np.newaxis], run, (true, other))
    st.subheader("Most similar training images", anchor=False)
    image_view.resemblance(image, run, dataset, (true, other))
