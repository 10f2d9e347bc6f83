"""Draw or upload a character, or write a word; see it become EMNIST images; every model reads it."""

import html
from contextlib import suppress
from typing import Any

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from emnist_core import runs
from emnist_core.arrays import Images, Pixels
from emnist_core.errors import EmnistError, ImageError
from emnist_core.ink import conversion
from emnist_core.ink.word import Character, characters
from emnist_core.serving.recognizer import recognizer
from emnist_core.splits import SPLITS
from widgets import navigation, page
from widgets.parts import answer_table, ranking, tiles
from widgets.sketch import retouching

SIDE = 280
LINE = 700, 280  # of a word
# Where it is narrow the line is shown at half its size; what is written there has as many pixels as on a desk.
STYLE = "<style>@media(max-width:800px){.st-key-word_place{zoom:.5}}</style>"
STEP_SIDE = 144  # seven stand side by side on a desk


def drawn_ink(name: str = "", width: int = SIDE, height: int = SIDE, pen: int = 18) -> np.ndarray | None:
    """The ink of the canvas of that name and size, or None before the first stroke; ``pen`` is how wide it begins."""
    is_dark = st.context.theme.type == "dark"
    st.space("small")  # for the canvas's own tools, which show themselves above it
    place = st.container(key=f"{name}place")
    pen = st.slider("Pen", 8, 32, pen, key=f"{name}pen", bind="query-params", width=SIDE)
    with place:
        canvas = st_canvas(
            stroke_width=pen,
            stroke_color="#f1efe6" if is_dark else "#181c25",
            background_color="#202d29" if is_dark else "#ffffff",
            height=height,
            width=width,
            drawing_mode="freedraw",
            return_image_data=True,
            key=f"{name}canvas",
        )
    return None if canvas.image_data is None else conversion.ink_from_canvas(np.asarray(canvas.image_data, np.uint8))


def uploaded_ink() -> np.ndarray | None:
    """The ink of an uploaded picture, or None before there is one."""
    file = st.file_uploader(
        "A picture of one character",
        key="picture",
        help="A photograph or scan, dark on light or light on dark. It is read and forgotten.",
    )
    return None if file is None else conversion.ink_from_picture(file.getvalue())


def show_test_image() -> None:
    """An image of a test part to change by hand, and what every model makes of it as it is now."""
    left, right = st.columns([2, 5], gap="large")
    with left:
        dataset, row = retouching.choose()
        image = retouching.show(dataset, row)
        st.caption(f"{dataset.name}, row {row:,}: a `{dataset.split.labels[dataset.labels[row]]}`.")
    with right:
        show_answers(image)
        lead_to_layers(image)
        tiles.grid([tiles.Tile(image, note="what the models see now")], scale=4)


def show_word() -> None:
    """A word to write, and what every model reads."""
    st.html(STYLE)
    found = drawn_ink("word_", *LINE, 12)
    if found is None:
        st.info("Write a word, with a gap between its characters.", icon=":material/draw:")
        return
    try:
        written = characters(found)
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
    st.html(answer_table.markup(word_rows(list(images), np.stack(list(images.values())))))
    if len(images) < len(written):
        st.caption(f"Dots and blobs left out: {len(written) - len(images)}.")
    st.caption(
        "Each character is read by itself, at its own size: nobody tells the models which word it might be. Those that "
        "touch are read as one."
    )


def word_rows(written: list[Character], images: Images) -> list[str]:
    """The characters as the models see them, and a row for each model with the word and how sure it is of each."""
    spaces = [character.begins_word for character in written]
    rows = [answer_table.row("", [tiles.picture(image, 2) for image in images], spaces)]
    labels = SPLITS["balanced"].labels
    for run in runs.servable_runs():
        if run.split.labels != labels:
            continue
        title = run.recipe.spec.title if run.is_shipped else run.name
        try:
            answers = recognizer(run).probabilities(images)
        except EmnistError as error:
            rows.append(answer_table.row(title, [html.escape(str(error))]))
            continue
        cells = [answer_table.answer(labels[one.argmax()], float(one.max())) for one in answers]
        rows.append(answer_table.row(title, cells, spaces))
    return rows


def show_answers(image: Pixels) -> None:
    """Each model's top five, the shipped models first."""
    rows: list[tuple[str, list[dict[str, Any]] | str]] = []
    for run in runs.servable_runs():
        title = run.recipe.spec.title if run.is_shipped else run.name
        try:
            rows.append((title, recognizer(run).top(image)))
        except EmnistError as error:
            rows.append((title, str(error)))
    if rows:
        ranking.show(rows)
    else:
        st.info("There is no trained run yet. Train one on the Train page.")


def lead_to_layers(image: Pixels) -> None:
    """Keep the image for the Architecture page, and link to what every layer there makes of it."""
    st.session_state["sketched"] = image
    navigation.link("architecture", "Layer by layer", {"look": "Last sketch"})


def show_steps(conversion: conversion.Conversion) -> None:
    """Every step of the conversion."""
    st.subheader("How it becomes an EMNIST image", anchor=False)
    with st.container(horizontal=True):
        for number, step in enumerate(conversion.steps, start=1):
            with st.container(width=STEP_SIDE + 20):
                tiles.grid([tiles.Tile(step.image, note=step.title)], scale=STEP_SIDE / max(step.image.shape))
                st.caption(f"**{number}. {step.title}** {step.explanation}")


page.header(
    "Sketch",
    "Draw a character or a word and every model reads it. **Look for** what the models see, not what you drew: size is "
    "gone and strokes are blurred, so a small c and a capital C are one. Draw an f, then lengthen its bar.",
)
way = st.segmented_control(
    "Way", ["Draw", "Word", "Upload", "Test image"], default="Draw", key="way", bind="query-params", required=True,
    label_visibility="collapsed",
)  # fmt: skip
if way == "Test image":
    with page.errors_in_words():
        show_test_image()
    st.stop()
if way == "Word":
    show_word()
    st.stop()
left, right = st.columns([2, 5], gap="large")
converted: conversion.Conversion | None = None
with left:
    try:
        found = drawn_ink() if way == "Draw" else uploaded_ink()
        converted = None if found is None else conversion.convert(found)
    except ImageError as error:
        right.info(str(error), icon=":material/draw:")
    else:
        if found is None:
            right.info(
                "Draw a character on the canvas." if way == "Draw" else "Choose a picture of one character.",
                icon=":material/draw:",
            )
if converted is not None:
    with right:
        show_answers(converted.image)
        lead_to_layers(converted.image)
    show_steps(converted)
