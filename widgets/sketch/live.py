"""Every model's answer while the pen moves, read in the visitor's browser; by the server where that cannot."""

import html
from typing import Any

import streamlit as st

from emnist_core import runs
from emnist_core.arrays import Pixels
from emnist_core.errors import EmnistError
from emnist_core.ink import conversion
from emnist_core.runs import Run
from emnist_core.serving.recognizer import recognizer
from widgets import assets, reader_files
from widgets.parts import pickers, ranking, tiles

KEY = "live"
ADVICE = "server-advice"
"""The key of the container with what the server says of a drawing, which is not seen where the browser reads."""

_component = st.components.v2.component(
    "live_answers",
    html=f'{ranking.STYLE}{assets.css(__file__)}<div class="live"></div>',
    js=assets.js(__file__),
    isolate_styles=False,
)


def show(canvas: str, image: Pixels | None, advice: str) -> None:
    """The answers to what is on a canvas, renewed from the browser while it is drawn.

    Args:
        canvas: the canvas's key.
        image: the drawing as the server has it, uint8 ``(28, 28)``, for models that do not answer in the browser;
            None where it is no character.
        advice: what is said while nothing is drawn.
    """
    shown = runs.shown_runs()
    if not shown:
        st.info(pickers.NO_RUN)
        return
    there = _opened() or []
    answers = {} if image is None else {run.name: _answer(run, image) for run in shown if run.name not in there}
    _component(
        key=KEY,
        data={
            "canvas": canvas,
            "script": reader_files.script_address(),
            "models": [_model(run) for run in shown],
            "answers": answers,
            "problems": conversion.PROBLEMS | {"empty": advice},
        },
        on_opened_change=lambda: None,
    )


def is_up_to_server() -> bool:
    """Whether the browser has said that it reads nothing by itself."""
    return _opened() == []


def show_steps() -> None:
    """The steps of the conversion, painted by the browser once something is drawn."""
    figures = "".join(
        f'<figure><div class="tile plain" role="img" aria-label="{html.escape(title)}"></div>'
        f"<figcaption><b>{number}. {html.escape(title)}</b> {html.escape(explanation)}</figcaption></figure>"
        for number, (title, explanation) in enumerate(conversion.STEPS, start=1)
    )
    st.html(
        f'{tiles.STYLE}<section class="live-steps" hidden><h3>How it becomes an EMNIST image</h3>'
        f"<div>{figures}</div></section>"
    )


def _opened() -> list[str] | None:
    """The names of the runs that the browser reads with; None before it has said so."""
    return (st.session_state.get(KEY) or {}).get("opened")


def _model(run: Run) -> dict[str, Any]:
    return {
        "run": run.name,
        "title": ranking.name_of(run),
        "labels": list(run.split.labels),
        "address": reader_files.model_address(run),
        "temperature": run.temperature(),
        "megabytes": round(run.serving_file.stat().st_size / 1e6),
    }


def _answer(run: Run, image: Pixels) -> list[float] | str:
    """The run's probabilities, or a sentence that says why it gives none."""
    try:
        return [float(value) for value in recognizer(run).probabilities(image[None])[0]]
    except EmnistError as error:
        return str(error)
