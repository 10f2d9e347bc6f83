"""The pages: what each is called, its icon, its address and what it promises, for the menu, Home and links alike."""

from dataclasses import dataclass

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.navigation.page import Page as StreamlitPage

from widgets.url_parameters import PARAMETERS

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
    assert set(parameters or {}) <= set(PARAMETERS[name]), f"{name} knows only {', '.join(PARAMETERS[name])}"
    try:
        st.page_link(page.file, label=label or page.title, icon=page.icon, query_params=parameters)
    except StreamlitAPIException:
        st.markdown(f"**{label or page.title}**")
