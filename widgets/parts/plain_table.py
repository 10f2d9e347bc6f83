"""A table as plain HTML: on screen at once, where Streamlit's own first fetches more than a megabyte of script."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from widgets import assets

STYLE = assets.css(__file__)
PAIR_COLUMNS = {
    "pair": "pair",
    "errors": "errors",
    "first_as_second": "first read as second",
    "second_as_first": "second read as first",
    "share": "share of all errors",
}


def show(frame: pd.DataFrame, formats: Mapping[str, Callable[[Any], str]] | None = None) -> None:
    """Draw the table, its head in view while its body scrolls.

    Args:
        frame: the rows; the first column names them, the others are figures.
        formats: how a column's values are written, by its name; empty where there is no value.
    """
    written = frame.astype(object)
    for name in frame:
        write = (formats or {}).get(str(name), str)
        written[name] = ["" if pd.isna(value) else write(value) for value in frame[name]]
    table = written.to_html(index=False, border=0, justify="unset")
    st.html(f'{STYLE}<div class="plain-table" tabindex="0">{table}</div>')


def show_pairs(pairs: pd.DataFrame) -> None:
    """Draw rows of ``figures.confused_pairs``: which classes are taken for one another, and how often."""
    show(pairs[list(PAIR_COLUMNS)].rename(columns=PAIR_COLUMNS), {PAIR_COLUMNS["share"]: "{:.1%}".format})
