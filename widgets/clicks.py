"""Clicks on a cell of a matrix and on an image, brought to Python without reloading or redrawing anything else.

A cell: Plotly's heat maps give no selection events, and a selection sends the whole chart again. Here the
place of the click is turned into the cell's labels in the browser, and only they are sent.

A link ``<a class="pick" href="image?row=7&…">`` is an address like any other: it can be copied, and opened
in another tab. A plain click on it becomes a step within the app.
"""

from collections.abc import Callable
from urllib.parse import urlencode

import streamlit as st

_LISTEN = """
const CHARTS = '.st-key-matrix, .st-key-difference';

function cellAt(plot, event) {
  const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
  const column = Math.round(xaxis.p2c(event.clientX - box.left - xaxis._offset));
  const row = Math.round(yaxis.p2c(event.clientY - box.top - yaxis._offset));
  const read = xaxis._categories[column], written = yaxis._categories[row];
  return read === undefined || written === undefined ? null : { true: written, read };
}

// Called again at every rerun; the listeners stay, and speak through the latest setTriggerValue.
const mounted = new WeakMap();

export default function({ parentElement, setTriggerValue: latest }) {
  if (mounted.has(parentElement)) {
    mounted.get(parentElement).send = latest;
    return;
  }
  const state = { send: latest };
  mounted.set(parentElement, state);
  const setTriggerValue = (name, value) => state.send(name, value);
  let pressed = null;
  const press = (event) => {
    const plot = event.composedPath().find((e) => e.classList?.contains('js-plotly-plot'));
    pressed = plot?.closest(CHARTS) && !event.button ? { plot, x: event.clientX, y: event.clientY } : null;
  };
  const release = (event) => {
    if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < 6) {
      const cell = cellAt(pressed.plot, event);
      if (cell) setTriggerValue('cell', cell);
    }
    pressed = null;
  };
  const follow = (event) => {
    const link = event.composedPath().find((e) => e.matches?.('a.pick'));
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    // As the browser's Back does: the app goes to the page of the address, and the session stays.
    history.pushState({}, '', link.href);
    window.dispatchEvent(new PopStateEvent('popstate', { state: {} }));
  };
  const listeners = [['pointerdown', press], ['pointerup', release], ['click', follow]];
  listeners.forEach(([name, listener]) => document.addEventListener(name, listener, true));
  return () => {
    listeners.forEach(([name, listener]) => document.removeEventListener(name, listener, true));
    mounted.delete(parentElement);
  };
}
"""
_component = st.components.v2.component("clicks", js=_LISTEN)


def address(page: str, **parameters: str | int) -> str:
    """The address of a page of the app with its URL parameters, relative to any other page."""
    return f"{page}?{urlencode(parameters)}"


def listen(show_cell: Callable[[str, str], None] | None = None, key: str = "clicks") -> None:
    """Listen for clicks; call it once on a page, in the fragment that is to run again.

    Args:
        show_cell: called with the true label and the label read of a clicked cell, before the fragment runs.
        key: the key of the listener.
    """

    def take_cell() -> None:
        cell = st.session_state[key].get("cell")
        if show_cell is not None and cell:
            show_cell(str(cell["true"]), str(cell["read"]))

    _component(key=key, on_cell_change=take_cell, height=1)
