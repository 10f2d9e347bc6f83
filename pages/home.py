"""The front door: what this is, and characters with every model's answer beside them."""

import html

import numpy as np
import streamlit as st

from emnist_core import data, runs
from emnist_core.errors import EmnistError
from emnist_core.serving.recognizer import recognizer
from widgets import page
from widgets.parts import answer_table, tiles
from widgets.parts.answer_table import answer, row

SHOWN = 9
ALWAYS = ("f", "F")


def choose(dataset: data.Dataset, draw: int) -> np.ndarray:
    """Rows to show: an f and an F first, the rest at random; the same for the same ``draw``."""
    random = np.random.default_rng(draw)
    first = [random.choice(np.flatnonzero(dataset.labels == dataset.split.labels.index(c))) for c in ALWAYS]
    rest = random.choice(len(dataset), SHOWN - len(first), replace=False)
    return np.array([*first, *rest])


page.header(
    "EMNIST laboratory",
    "Handwritten characters, the networks that read them, and the ones they get wrong. "
    "**Look for** the f and the F below: small and capital look alike once size is gone, and every model pays for it.",
)

with page.errors_in_words():
    dataset = data.load("balanced", "test")
draw = st.session_state.setdefault("draw", 1)
chosen = choose(dataset, draw)
labels = dataset.split.labels
truth = [labels[index] for index in dataset.labels[chosen]]

head = row("", [tiles.picture(dataset.images[index], 3) for index in chosen])
rows = [head, row("written", [f"<b>{html.escape(label)}</b>" for label in truth])]
models = [run for run in runs.servable_runs() if run.split.labels == labels and run.is_shipped]
place = st.empty()
waiting = [row(run.recipe.spec.title, ["…"] * len(chosen)) for run in models]
for number, run in enumerate([None, *models]):
    # Each model's answers appear as soon as it has read; the page does not wait for the largest.
    if run is not None:
        try:
            probabilities = recognizer(run).probabilities(dataset.images[chosen])
            cells = [
                answer(labels[found.argmax()], float(found.max()), true)
                for found, true in zip(probabilities, truth, strict=True)
            ]
        except EmnistError as error:
            cells = [html.escape(str(error))]
        rows.append(row(run.recipe.spec.title, cells))
    place.html(answer_table.markup(rows + waiting[number:]))

if st.button("Show others", icon=":material/shuffle:"):
    st.session_state["draw"] += 1
    st.rerun()
page.name_data(dataset)

CARDS = (
    ("explore", "Explore", ":material/grid_view:", "See what EMNIST is: its classes, its images, its merged letters."),
    ("train", "Train", ":material/show_chart:", "Choose a network and a recipe, and watch the curves move."),
    ("confusion", "Confusion", ":material/apps:", "Click a cell of the matrix and see the very images behind it."),
    ("pair", "Pair lab", ":material/compare:", "f against F: take the quiz and see whether anyone could tell."),
    (
        "architecture",
        "Architecture",
        ":material/layers:",
        "Every network layer by layer, and what each makes of an image.",
    ),
    ("experiments", "Experiments", ":material/science:", "The report's rows trained again, and what made ours better."),
    ("sketch", "Sketch", ":material/draw:", "Draw a character or a word; every model reads it."),
)
for begin in range(0, len(CARDS), 4):
    for column, (file, title, icon, text) in zip(st.columns(4), CARDS[begin : begin + 4], strict=False):
        with column.container(border=True, height="stretch"):
            page.page_link(file, title, icon)
            st.markdown(text)
