"""Characters side by side and, under each, what every model reads."""

import html
from collections.abc import Sequence

from widgets.parts import tiles

STYLE = """<style>
.answers{overflow-x:auto}.answers table{border-collapse:collapse}
.answers td,.answers th{padding:.3rem .55rem;text-align:center;
 border-bottom:1px solid color-mix(in srgb,currentColor 18%,transparent)}
.answers th{text-align:left;font-weight:600;white-space:nowrap;position:sticky;left:0;
 max-width:12rem;overflow:hidden;text-overflow:ellipsis;
 z-index:1;background:light-dark(#fbfaf5,#17211e)}
.answers td{white-space:nowrap}
.answers td b{font:600 1.35rem "Source Code Pro",ui-monospace,monospace}.answers small{opacity:.75}
.answers .yes{color:#4c8c6b}.answers .no{color:#c4572b}.answers .ink{margin:auto}
.answers td.far{padding-left:1.8rem}
@media(max-width:640px){.answers .ink{zoom:.67}.answers th{max-width:9.5rem}}
</style>"""


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
    return f"{tiles.STYLE}{STYLE}<div class=answers><table>{''.join(rows)}</table></div>"
