const cellOf = (event) => event.composedPath().find((e) => e.matches?.(".matrix td"));
const rowsOf = (table) => [...table.tBodies[0].rows];

function place(cell) {
  const table = cell.closest("table"),
    column = cell.cellIndex;
  return {
    table,
    column,
    row: cell.parentElement.sectionRowIndex,
    written: cell.parentElement.cells[0].textContent,
    read: table.tHead.rows[0].cells[column].textContent,
  };
}

function point(cell) {
  for (const table of document.querySelectorAll(".matrix table")) {
    for (const name of table.querySelectorAll("th.here")) name.classList.remove("here");
    const said = table.closest(".matrix").querySelector("output");
    if (!cell || !table.contains(cell)) {
      said.hidden = true;
      continue;
    }
    const at = place(cell),
      frame = table.closest(".matrix");
    cell.parentElement.cells[0].classList.add("here");
    table.tHead.rows[0].cells[at.column].classList.add("here");
    said.textContent = `written ${at.written}, read as ${at.read}: ${cell.textContent || "no images"}`;
    said.hidden = false;
    const box = cell.getBoundingClientRect(),
      outer = frame.getBoundingClientRect();
    const left = box.right - outer.left + frame.scrollLeft + 8,
      room = frame.scrollLeft + outer.width;
    const back = left - said.offsetWidth - box.width - 16;
    said.style.left = `${Math.max(frame.scrollLeft, left + said.offsetWidth > room ? back : left)}px`;
    said.style.top = `${Math.min(box.bottom - outer.top + 4, outer.height - said.offsetHeight)}px`;
  }
}

function mark(chosen) {
  for (const table of document.querySelectorAll(".matrix table")) {
    table.querySelector("td.chosen")?.classList.remove("chosen");
    if (!chosen) continue;
    const row = rowsOf(table).find((row) => row.cells[0].textContent === chosen[0]);
    const column = [...table.tHead.rows[0].cells].findIndex((name, i) => i && name.textContent === chosen[1]);
    if (row && column > 0) row.cells[column].classList.add("chosen");
  }
}

// Called again at every rerun; the listeners stay, and speak through the latest setTriggerValue.
const mounted = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  mark(data.chosen);
  if (mounted.has(parentElement)) {
    const state = Object.assign(mounted.get(parentElement), { send: setTriggerValue, opens: data.opens });
    // On a phone the images are a screen further down than the cell that was tapped.
    if (state.isTapped) document.querySelector(".st-key-cell-images")?.scrollIntoView({ behavior: "smooth" });
    state.isTapped = false;
    return;
  }
  const state = { send: setTriggerValue, opens: data.opens };
  mounted.set(parentElement, state);
  const open = (cell) => {
    const { written, read } = place(cell);
    mark([written, read]);
    state.isTapped = matchMedia("(max-width: 640px)").matches;
    state.send("cell", { written, read });
  };
  const click = (event) => {
    const cell = cellOf(event);
    if (cell && state.opens) open(cell);
  };
  const move = (event) => point(cellOf(event));
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const press = (event) => {
    const table = event.composedPath().find((e) => e.matches?.(".matrix table"));
    if (!table || event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = cellOf(event),
      rows = rowsOf(table);
    if (event.key in steps) {
      const [down, right] = steps[event.key],
        at = cell && place(cell);
      const next = at
        ? rows[at.row + down]?.cells[at.column + right]
        : (table.querySelector("td.chosen") ?? rows[0].cells[1]);
      if (next?.matches("td")) {
        next.tabIndex = -1;
        next.focus();
        point(next);
      }
    } else if (cell && state.opens && ["Enter", " "].includes(event.key)) {
      open(cell);
    } else if (event.key === "Tab" && !event.shiftKey && cell?.matches(".chosen")) {
      // From the chosen cell on to what it shows, over the boxes by which it could have been chosen.
      const first = document.querySelector(".st-key-cell-images :is(a[href], input, button)");
      if (!first) return;
      first.focus();
    } else return;
    event.preventDefault();
  };
  const listeners = [
    ["click", click],
    ["pointermove", move],
    ["keydown", press],
  ];
  for (const [name, listener] of listeners) document.addEventListener(name, listener, true);
  return () => {
    for (const [name, listener] of listeners) document.removeEventListener(name, listener, true);
    mounted.delete(parentElement);
  };
}
