"""Every model's most probable labels for one image, a row a model, readable from the back of a room."""

import html
from typing import Any

import streamlit as st

from widgets.parts import tiles

STYLE = """<style>
.ranking{display:grid;grid-template-columns:max-content repeat(5,minmax(3.2rem,1fr));gap:.35rem;align-items:stretch}
.ranking .who{font-weight:600;align-self:center;padding-right:.6rem}
.ranking .best{border-radius:.35rem;padding:.25rem .5rem;text-align:center;line-height:1.25;
 border:1px solid color-mix(in srgb,currentColor 14%,transparent)}
.ranking .best b{font:600 1.5rem "Source Code Pro",ui-monospace,monospace;display:block}
.ranking .best:nth-child(6n+2) b{font-size:2rem;line-height:1.05}
.ranking small{opacity:.8}.ranking .sorry{grid-column:span 5;align-self:center}
@media(max-width:640px){.ranking{grid-template-columns:repeat(5,1fr)}.ranking .who{grid-column:span 5;margin-top:.4rem}
 .ranking .best{padding:.2rem}}
</style>"""


def show(rows: list[tuple[str, list[dict[str, Any]] | str]]) -> None:
    """Draw the rows.

    Args:
        rows: a model's title with its top five (``Recognizer.top``), or with a sentence that says why not.
    """
    cells = []
    for title, answer in rows:
        cells.append(f'<div class="who">{html.escape(title)}</div>')
        if isinstance(answer, str):
            cells.append(f'<div class="sorry">{html.escape(answer)}</div>')
        else:
            cells += [_cell(best["label"], best["probability"]) for best in answer]
    st.html(f'{STYLE}<div class="ranking">{"".join(cells)}</div>')


def _cell(label: str, probability: float) -> str:
    """A label over its probability; the fuller the colour, the surer the model."""
    shade = f"background:rgba(76,132,216,{0.75 * probability:.2f})"
    return (
        f'<div class="best" style="{shade}"><b>{html.escape(label)}</b>'
        f"<small>{tiles.percent(probability)}</small></div>"
    )
