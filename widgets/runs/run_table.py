"""The table of runs, what narrows it down, and which of them are picked."""

import hashlib
from typing import Any

import pandas as pd
import streamlit as st

from emnist_core.collection import table
from emnist_core.evaluation import intervals

MOST = 8
"""Runs that are picked at a time; as many colours can be told apart."""
LINES = 10
WHOSE = ("All", "Own", "Shipped", "Archived")
Row = dict[str, Any]


def choose(rows: list[Row]) -> list[str]:
    """What narrows the table down, and the table; returns the names of the picked runs, in the order of picking."""
    names = [row["name"] for row in rows]
    _forget_the_gone(names)
    first, second, third = st.columns([3, 5, 4], vertical_alignment="bottom")
    words = first.text_input("Search", key="find", bind="query-params", placeholder="name, owner, tag, model …")
    whose = second.segmented_control(
        "Which", WHOSE, default="All", key="whose", bind="query-params", required=True, label_visibility="collapsed"
    )
    with third:
        picked = st.multiselect(
            "Picked", names, key="runs", bind="query-params", max_selections=MOST, on_change=_draw_again,
            placeholder="tick rows below, or choose here",
        )  # fmt: skip
    listed = table.search([row for row in rows if _is_asked_for(row, whose)], words or "")
    if listed:
        _show(listed, picked)
    else:
        st.info("No run is like that; search for less, or choose All.", icon=":material/search_off:")
    return picked


def _forget_the_gone(names: list[str]) -> None:
    """Unpick what was renamed or deleted since, which the box would not know."""
    picked = st.session_state.get("runs")
    if picked and not set(picked) <= set(names):
        st.session_state["runs"] = [name for name in picked if name in names]


def _is_asked_for(row: Row, whose: str | None) -> bool:
    if whose == "Archived" or row["archived"]:
        return whose == "Archived" and bool(row["archived"])
    return whose not in ("Own", "Shipped") or row["is_shipped"] == (whose == "Shipped")


def _draw_again() -> None:
    """Runs were picked in the box: the next table is another one, which begins with them ticked."""
    st.session_state["runs-table"] = st.session_state.get("runs-table", 0) + 1


def _show(rows: list[Row], picked: list[str]) -> None:
    names = [row["name"] for row in rows]
    version = st.session_state.get("runs-table", 0)
    key = f"runs-table-{hashlib.md5(repr((names, version)).encode()).hexdigest()}"
    # What is ticked at first is said once: a table that is told otherwise would be drawn anew, its order lost.
    if key not in st.session_state:
        st.session_state["runs-ticked"] = [number for number, name in enumerate(names) if name in picked]

    def pick() -> None:
        now = [names[number] for number in st.session_state[key].selection.rows if number < len(names)]
        stay = [name for name in st.session_state["runs"] if name in now or name not in names]
        st.session_state["runs"] = [*stay, *(name for name in now if name not in stay)][:MOST]
        if len(stay) + len(set(now) - set(stay)) > MOST:
            _draw_again()

    st.dataframe(
        as_read(rows),
        hide_index=True,
        key=key,
        on_select=pick,
        selection_mode="multi-row",
        selection_default={"selection": {"rows": st.session_state["runs-ticked"]}},
        height="content" if len(rows) <= LINES else 37 * (1 + LINES),
        column_config={
            "accuracy": st.column_config.NumberColumn(format="%.2f %%", help="On the test part of its split."),
            "95 %": st.column_config.TextColumn(help="Wilson's interval of the accuracy."),
            "title": st.column_config.TextColumn(width=130),
            "owner": st.column_config.TextColumn(width=90),
            "tags": st.column_config.ListColumn(width=130),
            "time": st.column_config.NumberColumn(format="%.1f min", help="That the training took."),
            "size": st.column_config.NumberColumn(format="%.1f MB", help="Of its files on the disk."),
            "started": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            "shown": st.column_config.CheckboxColumn(help="On Sketch and Home."),
            "notes": st.column_config.TextColumn(width=200),
        },
    )


def as_read(rows: list[Row]) -> pd.DataFrame:
    """The rows of ``table.rows`` as people read them, what matters most first."""
    return pd.DataFrame(
        {
            "name": row["name"],
            "accuracy": None if row["accuracy"] is None else 100 * row["accuracy"],
            "95 %": "" if row["interval"] is None else intervals.in_words(*row["interval"]),
            "title": row["title"],
            "owner": row["owner"],
            "tags": list(row["tags"]),
            "state": row["status"],
            "model": row["model"],
            "time": None if row["seconds"] is None else row["seconds"] / 60,
            "size": row["bytes"] / 1e6,
            "started": pd.to_datetime(row["started"] or "", errors="coerce", utc=True),
            "shown": row["shown"],
            "notes": row["text"],
            "trained on": row["trained_on"],
            "tested on": row["data"],
        }
        for row in rows
    )
