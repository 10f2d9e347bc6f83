// Draws the curves of a training as SVG, renewed in place; a mouse that is dragged zooms, a double click shows all.

const MARGIN = { left: 44, right: 10, top: 8, bottom: 34 };
const MOST_DOTS = 60; // epochs from which a line has no dots
const LEAST_DRAG = 6; // pixels
const LOOKS = {
  step: "1.2px solid var(--curve-train)",
  train: "3px solid var(--curve-train)",
  validation: "3px dotted var(--curve-validation)",
  best: "1.5px solid var(--curve-best)",
};
const WRITTEN = {
  share: (value) => `${(100 * value).toFixed(1)}%`,
  linear: (value) => value.toPrecision(3),
  log: (value) => value.toPrecision(3),
};

const mounted = new WeakMap();

function svg(name, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

/** Round figures between two, about as many as asked for. */
function ticks([low, high], count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high + step / 1e6; i++) found.push(i * step);
  return found;
}

/** A figure as an axis has it: as long as needed to tell it from its neighbours. */
function label(value, kind) {
  if (kind === "share") return `${Number((100 * value).toFixed(2))}%`;
  return kind === "log" ? String(Number((10 ** value).toPrecision(2))) : String(Number(value.toFixed(3)));
}

class Panel {
  constructor() {
    this.figure = document.createElement("figure");
    this.caption = document.createElement("figcaption");
    this.svg = svg("svg", { role: "img" });
    this.told = document.createElement("output");
    this.figure.append(this.caption, this.svg, this.told);
    this.svg.addEventListener("pointerdown", (event) => this.press(event));
    this.svg.addEventListener("pointermove", (event) => this.move(event));
    this.svg.addEventListener("pointerup", (event) => this.release(event));
    this.svg.addEventListener("pointerleave", () => this.told.replaceChildren());
    this.svg.addEventListener("dblclick", () => this.show(null));
  }

  take(panel, best, zoomKey) {
    if (this.zoomKey !== `${zoomKey} ${panel.kind}`) this.zoom = null;
    Object.assign(this, { panel, best, zoomKey: `${zoomKey} ${panel.kind}` });
    this.draw();
  }

  show(zoom) {
    this.zoom = zoom;
    this.draw();
  }

  /** Where a value stands on the axis: of a logarithmic one, its exponent. */
  onAxis(value) {
    return this.panel.kind === "log" ? Math.log10(Math.max(value, 1e-12)) : value;
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.svg;
    if (!width || !this.panel) return;
    const [x, y] = [this.zoom?.x ?? this.panel.x, this.zoom?.y ?? this.panel.y];
    const [right, bottom] = [width - MARGIN.right, height - MARGIN.bottom];
    this.across = (value) => MARGIN.left + ((value - x[0]) / (x[1] - x[0])) * (right - MARGIN.left);
    this.down = (value) => bottom - ((value - y[0]) / (y[1] - y[0])) * (bottom - MARGIN.top);
    this.epochAt = (place) => x[0] + ((place - MARGIN.left) / (right - MARGIN.left)) * (x[1] - x[0]);
    this.valueAt = (place) => y[0] + ((bottom - place) / (bottom - MARGIN.top)) * (y[1] - y[0]);
    const clip = `curves-${this.panel.title}`;
    const inside = svg("g", { "clip-path": `url(#${clip})` });
    if (this.best) {
      const at = this.across(this.best);
      inside.append(svg("line", { class: "mark", x1: at, x2: at, y1: MARGIN.top, y2: bottom }));
    }
    for (const line of this.panel.lines) inside.append(...this.line(line));
    const frame = { x: MARGIN.left, y: 0, width: right - MARGIN.left, height: bottom + 4 };
    const area = svg("clipPath", { id: clip });
    area.append(svg("rect", frame));
    this.picked = svg("rect", { class: "picked", width: 0, height: 0 });
    const [middle, foot] = [(MARGIN.left + right) / 2, height - 4];
    const name = svg("text", { x: middle, y: foot, "text-anchor": "middle" }, "epoch");
    this.caption.textContent = this.panel.title;
    this.svg.setAttribute("aria-label", this.summary());
    this.svg.dataset.x = x.join();
    this.svg.dataset.y = y.join();
    this.svg.dataset.points = this.panel.lines.reduce((sum, line) => sum + line.x.length, 0);
    this.svg.replaceChildren(area, ...this.axes(x, y, right, bottom), name, inside, this.picked);
  }

  axes(x, y, right, bottom) {
    const drawn = [];
    for (const value of ticks(y, 5)) {
      const at = this.down(value);
      drawn.push(svg("line", { class: "grid", x1: MARGIN.left, x2: right, y1: at, y2: at }));
      const place = { x: MARGIN.left - 6, y: at + 4, "text-anchor": "end" };
      drawn.push(svg("text", place, label(value, this.panel.kind)));
    }
    for (const value of ticks(x, 6)) {
      const place = { x: this.across(value), y: bottom + 16, "text-anchor": "middle" };
      drawn.push(svg("text", place, label(value, "linear")));
    }
    return drawn;
  }

  line({ kind, x, y }) {
    const places = x.map((epoch, i) => [this.across(epoch), y[i] === null ? null : this.down(this.onAxis(y[i]))]);
    let path = "";
    let isDrawn = false;
    for (const [across, down] of places) {
      if (down !== null) {
        const corner = isDrawn && kind === "best" ? `H${across.toFixed(1)}` : "";
        path += `${corner}${isDrawn ? "L" : "M"}${across.toFixed(1)} ${down.toFixed(1)}`;
      }
      isDrawn = down !== null;
    }
    const drawn = [svg("path", { class: kind, d: path })];
    if (kind === "best" || places.length > (kind === "step" ? 1 : MOST_DOTS)) return drawn;
    for (const [across, down] of places) {
      if (down === null) continue;
      const place = kind === "validation" ? { transform: `rotate(45 ${across} ${down})` } : { rx: 5 };
      drawn.push(svg("rect", { class: `dots ${kind}`, x: across - 4, y: down - 4, width: 8, height: 8, ...place }));
    }
    return drawn;
  }

  /** The newest figures, in words. */
  summary() {
    const write = WRITTEN[this.panel.kind];
    const newest = this.panel.lines
      .filter(({ kind, y }) => kind !== "best" && typeof y.at(-1) === "number")
      .map(({ name, y }) => `${name} ${write(y.at(-1))}`);
    return `${this.panel.title} over the epochs: ${newest.join(", ") || "nothing measured yet"}`;
  }

  press(event) {
    if (event.pointerType === "touch" || event.button) return; // a finger scrolls the page
    this.begun = [event.offsetX, event.offsetY];
    this.svg.setPointerCapture(event.pointerId);
  }

  move(event) {
    if (!this.panel) return;
    if (!this.begun) {
      this.tell(event.offsetX);
      return;
    }
    const [x, y] = this.begun;
    this.picked.setAttribute("x", Math.min(x, event.offsetX));
    this.picked.setAttribute("y", Math.min(y, event.offsetY));
    this.picked.setAttribute("width", Math.abs(event.offsetX - x));
    this.picked.setAttribute("height", Math.abs(event.offsetY - y));
  }

  release(event) {
    if (!this.begun) return;
    const [x, y] = this.begun;
    this.begun = null;
    const isClick = Math.abs(event.offsetX - x) < LEAST_DRAG || Math.abs(event.offsetY - y) < LEAST_DRAG;
    if (isClick) {
      this.draw();
      return;
    }
    const inOrder = (one, other) => [Math.min(one, other), Math.max(one, other)];
    this.show({
      x: inOrder(this.epochAt(x), this.epochAt(event.offsetX)),
      y: inOrder(this.valueAt(y), this.valueAt(event.offsetY)),
    });
  }

  /** What was measured at the epoch that is nearest to a place. */
  tell(place) {
    const wanted = this.epochAt(place);
    const write = WRITTEN[this.panel.kind];
    const said = [];
    for (const { name, kind, x, y } of this.panel.lines) {
      if (kind === "best" || !x.length) continue;
      let nearest = 0;
      for (let i = 1; i < x.length; i++) if (Math.abs(x[i] - wanted) < Math.abs(x[nearest] - wanted)) nearest = i;
      if (y[nearest] !== null) said.push(`${name} ${Number(x[nearest].toFixed(2))}: ${write(y[nearest])}`);
    }
    this.told.textContent = said.join("\n");
    this.told.style.left = place < this.svg.clientWidth / 2 ? "auto" : "3.2rem";
    this.told.style.right = place < this.svg.clientWidth / 2 ? "0.8rem" : "auto";
  }
}

class Curves {
  constructor(place) {
    this.legend = document.createElement("ul");
    this.panels = [new Panel(), new Panel()];
    const row = document.createElement("div");
    row.className = "panels";
    row.append(...this.panels.map(({ figure }) => figure));
    place.replaceChildren(this.legend, row);
    this.watcher = new ResizeObserver(() => {
      for (const panel of this.panels) panel.draw();
    });
    this.watcher.observe(row);
  }

  take({ panels, best, zoom }) {
    const names = panels[0].lines.map(({ name, kind }) => {
      const item = document.createElement("li");
      item.textContent = name;
      item.style.setProperty("--look", LOOKS[kind]);
      return item;
    });
    if (!this.legend.children.length) this.legend.append(...names);
    panels.forEach((panel, i) => {
      this.panels[i].take(panel, best, zoom);
    });
  }
}

export default function ({ parentElement, data }) {
  if (!mounted.has(parentElement)) mounted.set(parentElement, new Curves(parentElement.querySelector(".curves")));
  mounted.get(parentElement).take(data);
  return () => {
    mounted.get(parentElement)?.watcher.disconnect();
    mounted.delete(parentElement);
  };
}
