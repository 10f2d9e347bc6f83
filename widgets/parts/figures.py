"""Figures that sum up a page, each in a frame of its own: plain HTML, on screen before any widget's script is."""

import html
from typing import NamedTuple

import streamlit as st

from widgets import assets

STYLE = assets.css(__file__)


class Figure(NamedTuple):
    """What is counted or measured, the figure, and in small letters what else belongs to it, as its interval."""

    name: str
    value: str
    below: str = ""


def show(*figures: Figure, is_small: bool = False) -> None:
    """Draw the figures side by side, in as many lines as they need; small ones stand beside something else."""
    frames = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}"
        f"{f'<small>{html.escape(below)}</small>' if below else ''}</dd></div>"
        for name, value, below in figures
    )
    st.html(f'{STYLE}<dl class="figures"{" data-small" * is_small}>{frames}</dl>')
