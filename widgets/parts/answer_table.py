"""Characters side by side and, under each, what every model reads."""

import html
from collections.abc import Sequence

from widgets import assets
from widgets.parts import tiles

STYLE = assets.css(__file__)


def row(name: str, cells: Sequence[str], far: Sequence[bool] = ()) -> str:
    """A row of the table as HTML.

    Args:
        name: what the row is called.
        cells: its cells, as HTML.
        far: before which of them there is a space.
    """
    spaced = far or [False] * len(cells)
    drawn = (f"<td{' class=far' if is_far else ''}>{cell}</td>" for cell, is_far in zip(cells, spaced, strict=True))
    said = html.escape(name)
    return f'<tr><th scope=row title="{said}">{said}</th>{"".join(drawn)}</tr>'


def answer(label: str, probability: float, true: str | None = None) -> str:
    """One model's answer to one image, with a mark where the true label is known."""
    mark = ""
    if true is not None:
        mark = '<span class="yes">✓</span>' if label == true else '<span class="no">✗</span>'
    return f"<b>{html.escape(label)}</b>{mark} <small>{tiles.percent(probability)}</small>"


def markup(rows: Sequence[str]) -> str:
    """The whole table as HTML."""
    table = f'<table aria-label="What every model reads">{"".join(rows)}</table>'
    return f"{tiles.STYLE}{STYLE}<div class=answers>{table}</div>"
