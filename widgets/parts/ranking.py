"""Every model's most probable labels for one image, a row a model, readable from the back of a room."""

import html
from collections.abc import Sequence

import streamlit as st

from emnist_core.arrays import Pixels
from emnist_core.errors import EmnistError
from emnist_core.runs import Run, notes
from emnist_core.serving.recognizer import recognizer
from widgets import assets
from widgets.parts import still_training, tiles

STYLE = assets.css(__file__)


def show(image: Pixels, runs: Sequence[Run]) -> None:
    """Draw a row for each run: its five most probable labels, or a sentence that says why it gives none.

    Args:
        image: uint8 ``(28, 28)``.
        runs: whose answers are shown, from the top down.
    """
    rows = (f'<tr><th scope="row">{html.escape(name_of(run))}</th>{_cells(image, run)}</tr>' for run in runs)
    ranks = "".join(f'<th scope="col">{rank}</th>' for rank in ("best", "2nd", "3rd", "4th", "5th"))
    head = f'<thead><tr><th scope="col">model</th>{ranks}</tr></thead>'
    st.html(
        f'{STYLE}<table class="ranking" aria-label="Every model\'s five most probable labels">{head}'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def name_of(run: Run) -> str:
    """What a run is called beside its answers, and whether it still trains."""
    if run.is_shipped:
        return run.recipe.spec.title
    return (notes.read_or_none(run).title or run.name) + still_training.note(run)


def _cells(image: Pixels, run: Run) -> str:
    try:
        return "".join(_cell(best["label"], best["probability"]) for best in recognizer(run).top(image))
    except EmnistError as error:
        return f'<td class="sorry" colspan="5">{html.escape(str(error))}</td>'


def _cell(label: str, probability: float) -> str:
    """A label over its probability, and a bar as long as that is large behind both."""
    bar = f"--sure:{100 * probability:.1f}%"
    return f'<td style="{bar}"><b>{html.escape(label)}</b><small>{tiles.percent(probability)}</small></td>'
