"""Views of two classes: their shapes, how sure a model is, its map of them, twins, and the way between.

The first class is blue and the second orange in all of them, as in ``charts.pair``.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from emnist_core import charts
from emnist_core.arrays import Rows
from emnist_core.data import Dataset
from emnist_core.evaluation import comparison, pair
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.explain.morph import morph
from emnist_core.explain.neighbours import pixels, twins
from emnist_core.explore.pca import plane
from emnist_core.runs import Run
from emnist_core.serving.features import features
from emnist_core.serving.recognizer import recognizer
from widgets import assets
from widgets.parts import clicks, evaluations, gallery, pickers, saliency, tiles

Pair = tuple[int, int]
STYLE = assets.css(__file__)
NEAR, STEPS = 24, 11
COLOURS = (tiles.AGAINST, tiles.FOR)
PLAIN = {"displayModeBar": False}


def names_of(evaluation: Evaluation, classes: Pair) -> tuple[str, str]:
    """The labels of the two."""
    return evaluation.labels[classes[0]], evaluation.labels[classes[1]]


def shapes(evaluation: Evaluation, dataset: Dataset, classes: Pair) -> None:
    """The mean images and where they differ."""
    first, second = names_of(evaluation, classes)
    one, other, gap = pair.means(dataset.images, evaluation.true, *classes)
    middle = np.rint((one.astype(float) + other) / 2).astype(np.uint8)
    tiles.grid(
        [
            tiles.Tile(one, first, note="mean image"),
            tiles.Tile(other, second, note="mean image"),
            tiles.Tile(
                middle,
                note=f"blue where {first} has more ink, orange where {second} has",
                heat=gap,
                heat_colours=COLOURS,
            ),
        ],
        scale=6,
    )
    st.caption(
        f"The mean `{first}`, the mean `{second}`, and where they differ: blue where `{first}` has more ink, orange "
        f"where `{second}` has; the fullest colour is {np.abs(gap).max():.0%} more ink."
    )


def models(
    evaluations: Mapping[str, Evaluation], runs: Mapping[str, Run], classes: Pair, names: tuple[str, str]
) -> None:
    """How every run does on the pair, and what it was trained on."""
    table = pair.by_run(evaluations, runs, *classes)
    st.plotly_chart(
        charts.shares(table, "run"),
        key="models",
        config=PLAIN,
        alt="Share right between the two classes for every run, with 95 % intervals; the table has the numbers.",
    )
    shown = {"first as second": f"{names[0]} as {names[1]}", "second as first": f"{names[1]} as {names[0]}"}
    st.dataframe(table.rename(columns=shown), hide_index=True)
    st.caption(
        "Errors count answers over all classes; *right* counts the choice between the two. *trained on* is the "
        "number of training images: runs with `train_images` of their own show what more images bring."
    )


def training_images(
    evaluation: Evaluation, others: Mapping[str, Evaluation], run: Run, runs: Sequence[Run], classes: Pair
) -> None:
    """How the pair's errors move with the number of images that runs like this one were trained on."""
    alike = pair.alike_but_for_size(run, runs)
    names = names_of(evaluation, classes)
    for other, dataset in comparison.unread(evaluation, alike):
        if evaluations.read_on_request(other, dataset):
            st.rerun()
    frame = pair.by_training_images({run.name: evaluation} | dict(others), alike, *classes)
    if frame["images"].nunique() < 2:
        recipe = run.recipe
        st.info(
            f"It takes two runs of {recipe.spec.title} on {recipe.split_spec.title} that learned from the same data, "
            "one from fewer of its images, and both evaluated on these: `python -m emnist_core train --set "
            f"model={recipe.model} --set split={recipe.split} --set train_images=10000` trains one.",
            icon=":material/stacked_line_chart:",
        )
        return
    st.plotly_chart(
        charts.by_training_images(frame),
        key="training-images",
        config=PLAIN,
        alt=f"Share of {names[0]} and {names[1]} taken for the other, over the number of images trained on, with "
        "95 % intervals; the table has the numbers.",
    )
    shares = {name: st.column_config.NumberColumn(format="percent") for name in ("share", "low", "high")}
    st.dataframe(frame, hide_index=True, column_config=shares)
    st.caption(
        "Bars are 95 % intervals (Wilson). The runs have model, split and data in common; where other settings "
        "differ too, not all of a change is owed to the images."
    )


@st.fragment
def how_sure(evaluation: Evaluation, dataset: Dataset, classes: Pair) -> None:
    """The distribution between the two, and the images at a point of it."""
    clicks.listen()
    names = names_of(evaluation, classes)
    frame = pair.leaning(evaluation, *classes)
    st.html(STYLE)
    at = st.slider(f"Show images at this probability of {names[0]}", 0.0, 1.0, 0.5, 0.01, key="at", bind="query-params")
    st.plotly_chart(
        charts.leaning(frame, classes, names, at),
        key="how-sure",
        config=PLAIN,
        alt=f"How many images of {names[0]} and {names[1]} lean how far; the gallery shows those at the line.",
    )
    near = frame.iloc[(frame["lean"] - at).abs().argsort(kind="stable")[:NEAR]].sort_values("lean")
    if len(near):
        st.markdown(f"The {len(near)} images nearest to it, from {near['lean'].min():.1%} to {near['lean'].max():.1%}")
    gallery.show(evaluation, dataset, near["index"])


@st.cache_data(max_size="50 MB", show_spinner="Reading the model's features …")
def _features(path: str, sha256: str, rows: bytes, _run: Run, _images: np.ndarray) -> tuple[np.ndarray, str]:  # noqa: ARG001 - the first three are the cache's key
    return features(_run, _images)


def points_of(run: Run, dataset: Dataset, rows: Rows) -> tuple[np.ndarray, str]:
    """What the run's model sees in some images, kept for the next look."""
    return _features(str(run.path), dataset.sha256, rows.tobytes(), run, dataset.images[rows])


@st.fragment
def model_map(run: Run, evaluation: Evaluation, dataset: Dataset, classes: Pair) -> None:
    """The two classes as the model sees them; a click on a point, or its row, shows its image."""
    clicks.listen()
    names = names_of(evaluation, classes)
    frame = pair.leaning(evaluation, *classes)
    points, what = points_of(run, dataset, frame["index"].to_numpy())
    left, right = st.columns([3, 1], gap="large")
    with right:
        row = st.number_input("Row of the image", 0, None, None, key="point", bind="query-params", placeholder="none")
    with left:
        st.plotly_chart(
            charts.plane(plane(points), frame, classes, names, row),
            key="pair_map",
            on_select=_take_point,
            selection_mode="points",
            config=PLAIN,
            alt=f"Map of the images of {names[0]} and {names[1]} by what the model sees; crosses are errors.",
        )
        st.caption(f"The two directions in which {what} differs most; a cross was read wrongly between the two.")
    with right:
        picked = frame.loc[frame["row"] == row, "index"]
        if len(picked):
            st.markdown("The image at that point, ringed on the map")
            gallery.show(evaluation, dataset, picked, scale=4)
        else:
            if row is not None:
                st.info(f"Row {row:,} is not among these images of `{names[0]}` and `{names[1]}`.")
            st.write("Click a point to see its image. These are the errors:")
            wrong = frame.loc[~frame["right"], "index"].head(NEAR)
            gallery.show(evaluation, dataset, wrong)


def _take_point() -> None:
    """Keep the row of the clicked point, which a selection alone does not put into the URL."""
    picked = st.session_state["pair_map"]["selection"]["points"]
    if picked:  # a map that is drawn anew lets go of its selection, but the image stays
        st.session_state["point"] = int(picked[-1]["customdata"])


@st.fragment
def nearest_pairs(run: Run, evaluation: Evaluation, dataset: Dataset, classes: Pair) -> None:
    """Images of different classes that are nearly the same."""
    clicks.listen()
    space = pickers.choose_space()
    rows = [np.flatnonzero(evaluation.true == c) for c in classes]
    if space == "features":
        first, second = (points_of(run, dataset, found)[0] for found in rows)
    else:
        first, second = (pixels(dataset.images[found]) for found in rows)
    with st.container(horizontal=True):
        for i, j, away in twins(first, second, NEAR):
            with st.container(width=150):
                both = [gallery.tile(evaluation, dataset, int(rows[k][n])) for k, n in ((0, i), (1, j))]
                tiles.grid(both)
                st.caption(f"{away:.2f} apart")


@st.fragment
def way_between(run: Run, evaluation: Evaluation, dataset: Dataset, classes: Pair) -> None:
    """A morph between two images with the model's probabilities along it, and saliency at both ends."""
    names = names_of(evaluation, classes)
    ends = []
    for column, label, key, name in zip(st.columns(2), classes, ("from", "to"), names, strict=True):
        rows = evaluation.cell(label, label)
        if len(rows) == 0:
            rows = np.flatnonzero(evaluation.true == label)
        with column:
            number = st.number_input(f"Which {name}, the surest first", 1, len(rows), key=key, bind="query-params")
        ends.append(int(rows[int(number) - 1]))
    images = morph(dataset.images[ends[0]], dataset.images[ends[1]], STEPS)
    found = recognizer(run).probabilities(images)
    read = found.argmax(axis=1)
    tiles.grid(
        [
            tiles.Tile(image, predicted=evaluation.labels[answer], confidence=float(answers[answer]))
            for image, answer, answers in zip(images, read, found, strict=True)
        ],
        scale=3,
    )
    fine = recognizer(run).probabilities(morph(dataset.images[ends[0]], dataset.images[ends[1]], 4 * STEPS))
    st.plotly_chart(
        charts.along(fine, classes, names),
        key="along",
        config=PLAIN,
        alt=f"Probabilities of {names[0]}, {names[1]} and all others along the way.",
    )
    st.subheader("Which strokes decided?", anchor=False)
    legend = f"Blue speaks for `{names[0]}` and orange for `{names[1]}`, in all four."
    saliency.show(np.asarray(dataset.images[ends]), run, classes, (COLOURS, COLOURS[::-1]), legend)
