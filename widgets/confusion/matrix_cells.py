"""Cells of a matrix that tell what they hold, and open: by pointing, by a click, by the arrow keys and Enter.

Only the labels of a cell are sent, and only the fragment that listens runs again: nothing else is redrawn.
"""

from collections.abc import Callable

import streamlit as st

_LISTEN = """
const cellOf = (event) => event.composedPath().find((e) => e.matches?.('.matrix td'));
const rowsOf = (table) => [...table.tBodies[0].rows];

function place(cell) {
  const table = cell.closest('table'), column = cell.cellIndex;
  return { table, column, row: cell.parentElement.sectionRowIndex,
           true: cell.parentElement.cells[0].textContent, read: table.tHead.rows[0].cells[column].textContent };
}

function point(cell) {
  for (const table of document.querySelectorAll('.matrix table')) {
    for (const name of table.querySelectorAll('th.here')) name.classList.remove('here');
    const said = table.closest('.matrix').querySelector('output');
    if (!cell || !table.contains(cell)) { said.hidden = true; continue; }
    const at = place(cell), frame = table.closest('.matrix');
    cell.parentElement.cells[0].classList.add('here');
    table.tHead.rows[0].cells[at.column].classList.add('here');
    said.textContent = `true ${at.true}, read as ${at.read}: ${cell.textContent || 'no images'}`;
    said.hidden = false;
    const box = cell.getBoundingClientRect(), outer = frame.getBoundingClientRect();
    const left = box.right - outer.left + frame.scrollLeft + 8, room = frame.scrollLeft + outer.width;
    const back = left - said.offsetWidth - box.width - 16;
    said.style.left = `${Math.max(frame.scrollLeft, left + said.offsetWidth > room ? back : left)}px`;
    said.style.top = `${Math.min(box.bottom - outer.top + 4, outer.height - said.offsetHeight)}px`;
  }
}

function mark(chosen) {
  for (const table of document.querySelectorAll('.matrix table')) {
    table.querySelector('td.chosen')?.classList.remove('chosen');
    if (!chosen) continue;
    const row = rowsOf(table).find((row) => row.cells[0].textContent === chosen[0]);
    const column = [...table.tHead.rows[0].cells].findIndex((name, i) => i && name.textContent === chosen[1]);
    if (row && column > 0) row.cells[column].classList.add('chosen');
  }
}

// Called again at every rerun; the listeners stay, and speak through the latest setTriggerValue.
const mounted = new WeakMap();

export default function({ parentElement, data, setTriggerValue }) {
  mark(data.chosen);
  if (mounted.has(parentElement)) {
    Object.assign(mounted.get(parentElement), { send: setTriggerValue, opens: data.opens });
    return;
  }
  const state = { send: setTriggerValue, opens: data.opens };
  mounted.set(parentElement, state);
  const open = (cell) => {
    const { true: written, read } = place(cell);
    mark([written, read]);
    state.send('cell', { true: written, read });
  };
  const click = (event) => { const cell = cellOf(event); if (cell && state.opens) open(cell); };
  const move = (event) => point(cellOf(event));
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const press = (event) => {
    const table = event.composedPath().find((e) => e.matches?.('.matrix table'));
    if (!table || event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = cellOf(event), rows = rowsOf(table);
    if (event.key in steps) {
      const [down, right] = steps[event.key], at = cell && place(cell);
      const next = at ? rows[at.row + down]?.cells[at.column + right]
                      : table.querySelector('td.chosen') ?? rows[0].cells[1];
      if (next?.matches('td')) { next.tabIndex = -1; next.focus(); point(next); }
    } else if (cell && state.opens && ['Enter', ' '].includes(event.key)) {
      open(cell);
    } else return;
    event.preventDefault();
  };
  const listeners = [['click', click], ['pointermove', move], ['keydown', press]];
  listeners.forEach(([name, listener]) => document.addEventListener(name, listener, true));
  return () => {
    listeners.forEach(([name, listener]) => document.removeEventListener(name, listener, true));
    mounted.delete(parentElement);
  };
}
"""
_component = st.components.v2.component("matrix_cells", js=_LISTEN)


def listen(
    show_cell: Callable[[str, str], None] | None = None,
    chosen: tuple[str, str] | None = None,
    key: str = "cell-clicks",
) -> None:
    """Have cells of matrices on the page tell what they hold, and open.

    Args:
        show_cell: called with the true label and the label read of a cell that is clicked, or entered by the
            keyboard, before the fragment that listens runs again. None: cells do not open.
        chosen: the labels of the cell that is marked as the one on show.
        key: the key of the listener.
    """

    def take_cell() -> None:
        cell = st.session_state[key].get("cell")
        if show_cell is not None and cell:
            show_cell(str(cell["true"]), str(cell["read"]))

    data = {"chosen": chosen, "opens": show_cell is not None}
    _component(key=key, data=data, on_cell_change=take_cell, height=1)
