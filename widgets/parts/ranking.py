"""Every model's most probable labels for one image, a row a model, readable from the back of a room."""

import html
from typing import Any

import streamlit as st

from widgets import assets
from widgets.parts import tiles

STYLE = assets.css(__file__)


def show(rows: list[tuple[str, list[dict[str, Any]] | str]]) -> None:
    """Draw the rows.

    Args:
        rows: a model's title with its top five (``Recognizer.top``), or with a sentence that says why not.
    """
    drawn = []
    for title, answer in rows:
        cells = (
            f'<td class="sorry" colspan="5">{html.escape(answer)}</td>'
            if isinstance(answer, str)
            else "".join(_cell(best["label"], best["probability"]) for best in answer)
        )
        drawn.append(f'<tr><th scope="row">{html.escape(title)}</th>{cells}</tr>')
    ranks = "".join(f'<th scope="col">{rank}</th>' for rank in ("best", "2nd", "3rd", "4th", "5th"))
    head = f'<thead><tr><th scope="col">model</th>{ranks}</tr></thead>'
    st.html(
        f'{STYLE}<table class="ranking" aria-label="Every model\'s five most probable labels">{head}'
        f"<tbody>{''.join(drawn)}</tbody></table>"
    )


def _cell(label: str, probability: float) -> str:
    """A label over its probability; the fuller the colour, the surer the model."""
    shade = f"--sure:{75 * probability:.0f}%"
    return f'<td style="{shade}"><b>{html.escape(label)}</b><small>{tiles.percent(probability)}</small></td>'
