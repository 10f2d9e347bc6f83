"""A table as plain HTML: on screen at once, where Streamlit's own first fetches more than a megabyte of script."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

STYLE = """<style>
.plain-table{overflow:auto;max-height:26rem;border:1px solid color-mix(in srgb,currentColor 18%,transparent);
 border-radius:.5rem}
.plain-table table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9rem}
.plain-table th{position:sticky;top:0;text-align:right;font-weight:600;padding:.4rem .75rem;
 background:color-mix(in srgb,currentColor 7%,transparent);backdrop-filter:blur(1.5rem)}
.plain-table td{text-align:right;padding:.25rem .75rem;white-space:nowrap;
 border-top:1px solid color-mix(in srgb,currentColor 10%,transparent)}
.plain-table :is(td,th):first-child{text-align:left}
.plain-table td:first-child{font:600 .9rem/1.4 "Source Code Pro",ui-monospace,monospace}
.plain-table tbody tr:hover{background:color-mix(in srgb,currentColor 6%,transparent)}
</style>"""


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
