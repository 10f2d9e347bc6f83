"""What can be downloaded from the Confusion page, made when it is asked for; the page itself as one HTML file too."""

import base64
import html
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from emnist_core.data import Dataset
from emnist_core.evaluation import exports
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.figures import beside_the_report
from emnist_core.evaluation.intervals import share_in_words
from widgets.parts import gallery, tiles

PAIRS, IMAGES = 12, 24
STYLE = """<style>
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse}td,th{padding:.15rem .7rem;text-align:right;
border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent)}
img{max-width:100%;background:#fff}
</style>"""


def show(evaluation: Evaluation, dataset: Dataset | None) -> None:
    """A button a file."""
    stem = f"{evaluation.run_name}-{evaluation.split}-{evaluation.part}"
    st.markdown("Each file is made from what is on the screen above, merged classes included.")
    with st.container(horizontal=True):
        _button("Matrix as CSV", lambda: exports.matrix_csv(evaluation), f"{stem}-matrix.csv", "text/csv")
        _button("Matrix as PNG", lambda: exports.matrix_png(evaluation), f"{stem}-matrix.png", "image/png")
        _button(
            f"The {evaluation.wrong:,} wrong answers as CSV",
            lambda: exports.wrong_table(evaluation).to_csv(index=False),
            f"{stem}-wrong.csv",
            "text/csv",
        )
        if dataset is not None:
            _button(
                f"The {evaluation.wrong:,} wrong images as PNG, in folders",
                lambda: exports.wrong_images(evaluation, dataset),
                f"{stem}-wrong.zip",
                "application/zip",
            )
        _button("This page as one HTML file", lambda: report(evaluation, dataset), f"{stem}.html", "text/html")
    if dataset is not None and not dataset.is_sample:
        st.caption("Images come from your own copy of EMNIST.")


def _button(label: str, make: Callable[[], str | bytes], name: str, kind: str) -> None:
    st.download_button(label, make, name, kind, icon=":material/download:", on_click="ignore")


def report(evaluation: Evaluation, dataset: Dataset | None) -> str:
    """The page as one HTML file that needs no server, no network and no script.

    It has the images of the most confused cells where the images are on this machine.
    """
    title = html.escape(f"{evaluation.run_name} on {evaluation.data_name}, {evaluation.part}")
    figures = (
        f"<p>Accuracy {share_in_words(evaluation.n - evaluation.wrong, evaluation.n)}. Top 5 {evaluation.top5:.2%}, "
        f"macro F1 {evaluation.macro_f1:.4f}, expected calibration error {evaluation.ece:.2%}.</p>"
    )
    if evaluation.is_sample:
        figures += "<p><b>The data is the bundled sample (fonts), not EMNIST.</b></p>"
    picture = base64.b64encode(exports.matrix_png(evaluation)).decode()
    classes = beside_the_report(evaluation.per_class, evaluation.labels, evaluation.split)
    pairs = evaluation.confused_pairs.head(PAIRS)
    parts = [
        f"<h1>{title}</h1>{figures}",
        f"<h2>Confusion matrix</h2><p>Rows: true. Columns: read as. Colour: share of the true class.</p>"
        f'<img alt="Confusion matrix" src="data:image/png;base64,{picture}">',
        "<h2>Most confused pairs</h2>",
        _table(pairs[["pair", "errors", "first_as_second", "second_as_first", "share"]]),
        *([] if dataset is None else [_cell(evaluation, dataset, pair) for pair in pairs.to_dict("records")]),
        f"<h2>Every class</h2>{_table(classes)}",
    ]
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>{STYLE}{tiles.STYLE}"
    return head + "".join(parts)


def _cell(evaluation: Evaluation, dataset: Dataset, pair: dict[Hashable, Any]) -> str:
    """The images of a pair's fuller cell."""
    names = [pair["first"], pair["second"]]
    if pair["first_as_second"] < pair["second_as_first"]:
        names.reverse()
    true, read = (evaluation.labels.index(name) for name in names)
    rows = evaluation.cell(true, read)
    shown = [tiles.markup(replace(gallery.tile(evaluation, dataset, int(row)), link="")) for row in rows[:IMAGES]]
    heading = html.escape(f"{len(rows)} images of {names[0]} read as {names[1]}")
    return f'<h3>{heading}</h3><div class="tiles">{"".join(shown)}</div>'


def _table(frame: pd.DataFrame) -> str:
    return frame.to_html(index=False, border=0, float_format="{:.4f}".format, na_rep="")
