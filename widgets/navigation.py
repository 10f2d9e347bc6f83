"""The pages: what each is called, its icon, what it promises, its address and what may stand in that."""

from dataclasses import dataclass

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.navigation.page import Page as StreamlitPage

APP = "EMNIST laboratory"


@dataclass(frozen=True)
class Page:
    """A page of the app.

    Attributes:
        name: its file in ``pages/`` and its address.
        title: what it is called in the menu and in the window's title.
        icon: its icon, one of Material's.
        promise: in a sentence, what a visitor finds there; empty for the front door and for pages outside the menu.
        is_in_menu: whether the menu has it.
    """

    name: str
    title: str
    icon: str
    promise: str = ""
    is_in_menu: bool = True

    @property
    def file(self) -> str:
        """Its script, as Streamlit names it."""
        return f"pages/{self.name}.py"


PAGES = {
    page.name: page
    for page in (
        Page("home", "Home", ":material/home:"),
        Page(
            "explore", "Explore", ":material/grid_view:",
            "See what EMNIST is: its classes, its images, its merged letters.",
        ),
        Page("train", "Train", ":material/show_chart:", "Choose a network and a recipe, and watch the curves move."),
        Page(
            "confusion", "Confusion", ":material/apps:",
            "Click a cell of the matrix and see the very images behind it.",
        ),
        Page("pair", "Pair lab", ":material/compare:", "f against F: take the quiz and see whether anyone could tell."),
        Page(
            "architecture", "Architecture", ":material/layers:",
            "Every network layer by layer, and what each makes of an image.",
        ),
        Page(
            "experiments", "Experiments", ":material/science:",
            "The report's rows trained again, and what made ours better.",
        ),
        Page(
            "runs", "Runs", ":material/table_rows:",
            "Every training in one table: find, compare, name and keep them.",
        ),
        Page("image", "Image", ":material/image:", is_in_menu=False),
        Page("sketch", "Sketch", ":material/draw:", "Draw a character or a word; every model reads it."),
    )
}  # fmt: skip

RUN = "the run that is looked at"
DATA = "what it was evaluated on"
TRUE, READ = "the class that was written", "the class that was read"
SPLIT = "the split of EMNIST"
KIND = "EMNIST or the bundled sample"
VIEW = "the page's view that is open"
PAGE = "which page of the images"
EPOCH = "the epoch that is looked at"
SPACE = "in what images are compared: pixels or the model's features"
METHOD = "how the strokes that decided are found"

PARAMETERS: dict[str, dict[str, str]] = {
    "home": {},
    "explore": {
        "split": SPLIT,
        "part": "the part of the split",
        "class": "the class that is looked at",
        "source": KIND,
        "tab": "the section that is open",
        "draw": "which images at random",
        "ink": "how much ink images have, in percent of full",
        "statistic": "mean image or deviation",
        "likeness": "how likeness of classes is measured",
        "map": "how the map is made",
        "points": "how many images the map has",
        "picked": "the classes picked out on the map",
        "near": "how different images may be to count as nearly the same",
        "two-labels": "whether only twins of two classes are shown",
        "odd": "from where on an image is odd",
    },
    "train": {
        "model": "the architecture to train",
        "split": SPLIT,
        "source": KIND,
        "optimizer": "the optimizer",
        "schedule": "the learning rate's schedule",
        "batch": "the batch size",
        "epochs": "the number of epochs",
        "augmentation": "how training images are varied",
        "progress": "whether curves, single characters or the confusion matrix are watched",
        "run": RUN,
    },
    "confusion": {
        "run": RUN,
        "data": DATA,
        "true": TRUE,
        "pred": READ,
        "view": VIEW,
        "page": PAGE,
        "epoch": EPOCH,
        "cells": "what the cells show",
        "errors": "whether the diagonal is left out",
        "scale": "how colour grows",
        "order": "how classes are ordered",
        "large": "whether the matrix is shown large",
        "only": "the classes that the matrix shows",
        "merged": "whether ByClass is seen as ByMerge",
        "groups": "look-alikes that are merged",
        "kinds": "kinds of classes that are one class each",
        "sort": "how a cell's images are sorted",
        "with": "the run that is compared",
        "agreed": "whether all models must agree on a suspect",
    },
    "pair": {
        "pair_run": "the run whose answers to the two classes are looked at",
        "pair_data": "what that run was evaluated on",
        "a": "one class",
        "b": "the other class",
        "aspect": "the view of the two classes that is open",
        "page": PAGE,
        "epoch": EPOCH,
        "space": SPACE,
        "method": METHOD,
        "quiz": "the round of the quiz",
        "at": "where between the classes images are shown",
        "point": "the row of the image picked on the map",
        "from": "which image of one class, the surest first",
        "to": "which image of the other class, the surest first",
    },
    "architecture": {
        "network": "the network",
        "look": "a test image or the last sketch",
        "images": KIND,
        "image_row": "the row of the test image",
        "layer": "the layer",
        "maps": "which page of the feature maps",
    },
    "experiments": {"table": "the sweep", "experiment": "the row of the sweep"},
    "runs": {
        "runs": "the runs that are picked",
        "find": "words that a run's row must have",
        "whose": "one's own runs, those that ship, the archived, or all",
        "axis": "what curves are drawn along: epochs, steps or minutes",
        "close": "whether curves are seen from near",
        "common": "the data that the compared runs were evaluated on",
    },
    "image": {
        "of": "the run whose answer is looked at",
        "on": "the evaluation that the image is from",
        "row": "the image's row in its data",
        "space": SPACE,
        "method": METHOD,
    },
    "sketch": {
        "way": "draw, write a word, upload, or a test image",
        "pen": "the pen's width",
        "word_pen": "the pen's width for a word",
        "test_part": "the test part that an image is changed of",
        "test_row": "the row of that image",
    },
}
"""By page, what its address may say, and what that means.

A parameter is the key of the widget that shows it. Widgets of all pages live in one session, so a name that two pages
have must mean the same on both; a test holds the table to the code and to that.
"""


def current_page() -> StreamlitPage:
    """Put up the menu, name the window after the page that was asked for, and return that page."""
    page = st.navigation(
        [
            st.Page(
                page.file,
                title=page.title,
                icon=page.icon,
                default=page.name == "home",
                visibility="visible" if page.is_in_menu else "hidden",
            )
            for page in PAGES.values()
        ],
        position="top",
    )
    st.set_page_config(page_title=APP if page.title == PAGES["home"].title else f"{page.title} · {APP}")
    return page


def link(name: str, label: str | None = None, parameters: dict[str, str] | None = None) -> None:
    """Link to the page called ``name``, with URL ``parameters``; a page that runs alone shows the label only.

    Args:
        name: the page's name, a key of ``PAGES``.
        label: what the link says; default: the page's title.
        parameters: what the page's address shall say.

    Raises:
        ValueError: when the table of parameters has none of that name for the page.
    """
    page = PAGES[name]
    if unknown := set(parameters or {}) - set(PARAMETERS[name]):
        raise ValueError(f"{page.title} has no URL parameter {', '.join(sorted(unknown))}")
    try:
        st.page_link(page.file, label=label or page.title, icon=page.icon, query_params=parameters)
    except StreamlitAPIException:
        st.markdown(f"**{label or page.title}**")
