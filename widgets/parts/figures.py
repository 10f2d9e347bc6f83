"""Figures that sum up a page, each in a frame of its own: plain HTML, on screen before any widget's script is."""

import html
from typing import NamedTuple

import streamlit as st

STYLE = """<style>
dl.figures.figures{display:flex;flex-wrap:wrap;gap:1rem;margin:0;padding:0}
.figures>div{box-sizing:border-box;flex:1 1 11rem;padding:.8rem 1.1rem;border-radius:.4rem;
 border:1px solid color-mix(in srgb,currentColor 18%,transparent)}
.figures :is(dt,dd){margin:0;line-height:1.4}
.figures dt{font-size:.875rem;opacity:.85;overflow-wrap:anywhere}
.figures dd{font-size:2rem;font-variant-numeric:tabular-nums;white-space:nowrap}
.figures small{display:block;font-size:.875rem;opacity:.75;white-space:normal}
@media (max-width:40rem){
 dl.figures.figures{gap:.6rem}
 .figures>div{flex-basis:8.5rem;padding:.5rem .8rem}.figures dd{font-size:1.35rem}}
</style>"""


class Figure(NamedTuple):
    """What is counted or measured, the figure, and in small letters what else belongs to it, as its interval."""

    name: str
    value: str
    below: str = ""


def show(*figures: Figure) -> None:
    """Draw the figures side by side, in as many lines as they need."""
    frames = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}"
        f"{f'<small>{html.escape(below)}</small>' if below else ''}</dd></div>"
        for name, value, below in figures
    )
    st.html(f'{STYLE}<dl class="figures">{frames}</dl>')
