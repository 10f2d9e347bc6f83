// What the canvas is called; and Undo and Clear at once, by the canvas's own history, which no pending message to the
// server can overtake. Strokes from before the canvas was mounted are not in that history: these the server takes back.

const mounted = new WeakMap();
const TRIES = 100;

/** The canvas's own toolbar, which is never seen, for there are buttons below that are. */
function toolbarOf(canvas) {
  const parts = document.querySelectorAll(`.st-key-paper-${canvas} *`);
  return [...parts].find((part) => part.shadowRoot)?.shadowRoot.querySelector(".dc-toolbar");
}

/** Keep the toolbar from the keyboard too, and give the canvas its name; both come a little later than this component. */
function settle(canvas, label, tries = TRIES) {
  const toolbar = toolbarOf(canvas);
  const paper = toolbar?.getRootNode().querySelector("canvas.upper-canvas");
  if (paper) {
    toolbar.inert = true;
    paper.setAttribute("role", "img");
    paper.setAttribute("aria-label", label);
  } else if (tries) requestAnimationFrame(() => settle(canvas, label, tries - 1));
}

export default function ({ parentElement, data }) {
  settle(data.canvas, data.label);
  parentElement.querySelector("p").textContent = data.label;
  if (mounted.has(parentElement)) {
    Object.assign(mounted.get(parentElement), data);
    return;
  }
  const state = { ...data };
  mounted.set(parentElement, state);
  const press = (event) => {
    const pressed = (name) => event.composedPath().some((e) => e.matches?.(`.st-key-${state.canvas}-${name} button`));
    const name = pressed("undo") ? "Undo" : pressed("clear") && state.beganEmpty ? "Reset" : "";
    const tool = name && toolbarOf(state.canvas)?.querySelector(`[aria-label^="${name}"]`);
    if (!tool || tool.disabled) return;
    event.preventDefault();
    event.stopPropagation();
    tool.click();
  };
  document.addEventListener("click", press, true);
  return () => {
    document.removeEventListener("click", press, true);
    mounted.delete(parentElement);
  };
}
