"""The front door: a canvas whose drawing every model reads, and characters with their answers beside it."""

import html
import time

import numpy as np
import streamlit as st

from emnist_core import data, runs
from emnist_core.errors import EmnistError
from emnist_core.serving.recognizer import recognizer
from widgets import navigation, page
from widgets.parts import answer_table, ranking, still_training, tiles
from widgets.parts.answer_table import answer, row
from widgets.sketch import front

SHOWN = 9
ALWAYS = ("f", "F")
CANVAS = 280
PAUSE = 0.1  # seconds between two looks at a table that still fills


def choose(dataset: data.Dataset, draw: int) -> np.ndarray:
    """Rows to show: an f and an F first where there are some, the rest at random; the same for the same ``draw``."""
    random = np.random.default_rng(draw)
    pair = [np.flatnonzero(dataset.labels == dataset.split.labels.index(label)) for label in ALWAYS]
    first = [int(random.choice(rows)) for rows in pair if len(rows)]
    others = np.setdiff1d(np.arange(len(dataset)), first)
    rest = random.choice(others, min(SHOWN - len(first), len(others)), replace=False)
    return np.array([*first, *rest], np.int64)


def show_answers(dataset: data.Dataset, chosen: np.ndarray) -> None:
    """The characters, and a row for each model with what it reads.

    Answers appear as their models have read; the page does not wait for the largest. When the answers are looked at
    anew because a model still trains, they are there at once, and no row is shown waiting.
    """
    labels = dataset.split.labels
    truth = [labels[index] for index in dataset.labels[chosen]]
    head = row("", [tiles.picture(dataset.images[index], 3) for index in chosen])
    rows = [head, row("written", [f"<b>{html.escape(label)}</b>" for label in truth])]
    models = [run for run in runs.shown_runs() if run.split.labels == labels]
    place = st.empty()
    waiting = [row(ranking.name_of(run), ["…"] * len(chosen)) for run in models]
    seen, st.session_state["home_seen"] = st.session_state.get("home_seen"), chosen.tobytes()
    shown = time.monotonic() if seen == chosen.tobytes() else 0.0
    for number, run in enumerate([None, *models]):
        if run is not None:
            try:
                probabilities = recognizer(run).kept_probabilities(dataset.images[chosen])
                cells = [
                    answer(labels[found.argmax()], float(found.max()), true)
                    for found, true in zip(probabilities, truth, strict=True)
                ]
            except EmnistError as error:
                cells = [html.escape(str(error))]
            rows.append(row(ranking.name_of(run), cells))
        if number == len(models) or time.monotonic() - shown > PAUSE:
            place.html(answer_table.markup(rows + waiting[number:]))
            shown = time.monotonic()


def choose_others() -> None:
    """Have other characters on the page."""
    st.session_state["home_draw"] += 1


page.header(
    "EMNIST laboratory",
    "Draw a character, and see which networks read it. **Look for** the f and the F beside it: small and capital look "
    "alike once size is gone, and models often take one for the other.",
)

with page.errors_in_words():
    dataset = data.load("balanced", "test")
draw = st.session_state.setdefault("home_draw", 1)
chosen = choose(dataset, draw)
with st.container(horizontal=True, gap="small"):
    left, right = st.container(width=CANVAS, gap="xsmall"), st.container()
with right:
    still_training.renew(show_answers, dataset, chosen)
    st.button("Show others", icon=":material/shuffle:", on_click=choose_others)
    page.name_data(dataset)
# After the table: a first visitor's browser has the canvas still to fetch.
with left:
    front.draw(CANVAS)

cards = [page for page in navigation.PAGES.values() if page.promise]
for begin in range(0, len(cards), 4):
    for column, card in zip(st.columns(4), cards[begin : begin + 4], strict=False):
        with column.container(border=True, height="stretch"):
            navigation.link(card.name)
            st.markdown(card.promise)
