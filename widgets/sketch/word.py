"""A word to write, and what every model reads."""

import html
from contextlib import suppress

import numpy as np
import streamlit as st

from emnist_core import runs
from emnist_core.arrays import Images
from emnist_core.errors import EmnistError, ImageError
from emnist_core.ink import conversion
from emnist_core.ink.word import Character, characters
from emnist_core.serving.recognizer import recognizer
from emnist_core.splits import SPLITS
from widgets.parts import answer_table, ranking, tiles
from widgets.sketch import drawing

WIDTH, HEIGHT = 700, 280


def show() -> None:
    """The line to write on and the table of answers, or a sentence that says what to write."""
    ink = drawing.show("A line to write a word on", "word_", WIDTH, HEIGHT, 12)
    if ink is None:
        st.info("Write a word, with a gap between its characters.", icon=":material/draw:")
        return
    try:
        written = characters(ink)
    except ImageError as error:
        st.info(str(error), icon=":material/draw:")
        return
    images = {}
    for character in written:
        with suppress(ImageError):  # a full stop is no character of EMNIST
            images[character] = conversion.convert(character.ink).image
    if not images:
        st.info("There are only dots; write characters with strokes, larger.", icon=":material/draw:")
        return
    st.html(answer_table.markup(_rows(list(images), np.stack(list(images.values())))))
    if len(images) < len(written):
        st.caption(f"Dots and blobs left out: {len(written) - len(images)}.")
    st.caption(
        "Each character is read by itself, at its own size: nobody tells the models which word it might be. Those that "
        "touch are read as one."
    )


def _rows(written: list[Character], images: Images) -> list[str]:
    """The characters as the models see them, and a row for each model with the word and how sure it is of each."""
    spaces = [character.begins_word for character in written]
    rows = [answer_table.row("", [tiles.picture(image, 2) for image in images], spaces)]
    labels = SPLITS["balanced"].labels
    for run in runs.shown_runs():
        if run.split.labels != labels:
            continue
        name = ranking.name_of(run)
        try:
            probabilities = recognizer(run).probabilities(images)
        except EmnistError as error:
            rows.append(answer_table.row(name, [html.escape(str(error))]))
            continue
        cells = [answer_table.answer(labels[row.argmax()], float(row.max())) for row in probabilities]
        rows.append(answer_table.row(name, cells, spaces))
    return rows
