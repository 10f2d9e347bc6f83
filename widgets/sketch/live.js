// Reads a canvas in a worker while it is drawn on, and shows each model's answer and the steps of the conversion.

const IDLE = 150; // ms between two looks at a canvas while no pen is down: Undo, Clear and a drawing that comes back
const REST = 600; // ms without a change after which the answer is read out
const SHOWN = 5;
const SOON = { timeout: 1500 };
const INK = 128; // opacity from which a pixel is ink

const mounted = new WeakMap();

/** A probability to read at a glance: whole percent, and never a rounded-up 100. */
function percent(share) {
  return share >= 0.995 && share < 0.9999 ? `${Math.floor(share * 1000) / 10}%` : `${Math.round(100 * share)}%`;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** Write only what has changed: the browser lays out anew what is written. */
function renew(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function isSame(bytes, others) {
  if (bytes.length !== others?.length) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== others[i]) return false;
  return true;
}

/** The table of answers, a row a model, whose cells are renewed in place. */
class Answers {
  constructor(models) {
    this.rows = new Map();
    this.table = element("table", "ranking");
    this.table.setAttribute("aria-label", "Every model's five most probable labels");
    this.spoken = this.table.createCaption();
    this.spoken.setAttribute("aria-live", "polite");
    const head = this.table.createTHead().insertRow();
    for (const name of ["model", "best", "2nd", "3rd", "4th", "5th"]) {
      const cell = element("th", "", name);
      cell.scope = "col";
      head.append(cell);
    }
    const body = this.table.createTBody();
    for (const model of models) {
      const row = body.insertRow();
      row.dataset.run = model.run;
      const name = element("th", "", model.title);
      name.scope = "row";
      row.append(name);
      this.rows.set(model.run, { ...model, row, cells: [] });
    }
  }

  /** Show a run's probabilities, or the sentence that it gives instead. */
  show(run, answer) {
    const found = this.rows.get(run);
    if (!found) return;
    const { row, labels } = found;
    if (typeof answer === "string") {
      this.clear(run);
      const cell = row.insertCell();
      cell.className = "sorry";
      cell.colSpan = SHOWN;
      cell.textContent = answer;
      return;
    }
    const best = Array.from(answer.keys())
      .sort((a, b) => answer[b] - answer[a] || a - b)
      .slice(0, SHOWN);
    if (found.cells.length !== best.length) {
      this.clear(run);
      found.cells = best.map(() => {
        const cell = row.insertCell();
        cell.append(element("b"), element("small"));
        return cell;
      });
    }
    best.forEach((index, rank) => {
      const cell = found.cells[rank];
      renew(cell.firstChild, labels[index]);
      renew(cell.lastChild, percent(answer[index]));
      cell.style.setProperty("--sure", `${(100 * answer[index]).toFixed(1)}%`);
    });
    row.dataset.label = labels[best[0]];
    row.dataset.probability = answer[best[0]];
  }

  /** Take a run's answer away, as it is to an earlier drawing. */
  clear(run) {
    const { row, cells } = this.rows.get(run);
    cells.length = 0;
    while (row.cells.length > 1) row.deleteCell(-1);
    delete row.dataset.label;
    delete row.dataset.probability;
  }

  /** Say the first answers to those who have them read out. */
  say() {
    const said = [...this.rows.values()].filter(({ row }) => row.dataset.label);
    this.spoken.textContent = said
      .map(({ title, row }) => `${title}: ${row.dataset.label}, ${percent(+row.dataset.probability)}`)
      .join("; ");
  }
}

/** The pictures of the conversion's steps, in the colour of the text. */
class Steps {
  colour = "rgb(0, 0, 0)";
  last = null;

  /** Paint them again where the theme, and with it the text's colour, has changed, or the page has drawn itself anew. */
  followTheme() {
    const section = document.querySelector(".live-steps");
    const colour = section ? getComputedStyle(section).color : this.colour;
    if (colour === this.colour && (section?.hidden ?? true) === !this.last) return;
    this.colour = colour;
    this.paint(this.last);
  }

  paint(steps) {
    this.last = steps;
    const section = document.querySelector(".live-steps");
    if (!section) return;
    section.hidden = !steps;
    if (!steps) return;
    const [red, green, blue] = this.colour.match(/[\d.]+/g);
    const colour = (blue << 16) | (green << 8) | red;
    [...section.querySelectorAll(".tile")].forEach((picture, i) => {
      const { width, height, data } = steps[i];
      const canvas = this.canvasIn(picture);
      const pixels = new ImageData(width, height);
      const words = new Uint32Array(pixels.data.buffer);
      for (let p = 0; p < data.length; p++) words[p] = (data[p] << 24) | colour;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      canvas.getContext("2d").putImageData(pixels, 0, 0);
    });
  }

  /** Apart from the page's elements, among which there is one canvas to draw on. */
  canvasIn(picture) {
    if (!picture.canvas) {
      picture.canvas = element("canvas");
      picture.canvas.style =
        "display: block; width: 100%; height: 100%; object-fit: contain; image-rendering: pixelated";
      picture.attachShadow({ mode: "closed" }).append(picture.canvas);
    }
    return picture.canvas;
  }
}

class Live {
  constructor() {
    this.steps = new Steps();
    this.advice = element("p", "advice");
    this.advice.setAttribute("role", "status");
    this.note = element("p", "note");
    this.copy = element("canvas").getContext("2d", { willReadFrequently: true });
    this.states = new Map(); // what has become of each model: "", once opened, or why it answers from the server
    this.number = 0;
    this.timer = setInterval(() => {
      this.look();
      this.steps.followTheme();
    }, IDLE);
    this.listeners = [
      ["pointerdown", (event) => this.lower(event)],
      ["pointerup", () => this.lift()],
      ["pointercancel", () => this.lift()],
    ];
    for (const [name, listener] of this.listeners) addEventListener(name, listener, true);
  }

  /** What the server says at each of its runs. */
  take({ parentElement, data, setStateValue }) {
    Object.assign(this, { data, setStateValue, place: parentElement.querySelector(".live") });
    if (JSON.stringify(data.models) !== this.told) {
      this.told = JSON.stringify(data.models);
      this.answers = new Answers(data.models);
      // Whatever else the page shows comes first.
      (globalThis.requestIdleCallback ?? setTimeout)(() => this.place.isConnected && this.open(data.models), SOON);
    }
    for (const [run, answer] of Object.entries(data.answers)) {
      if (!this.isPenDown && !this.isOpened(run)) this.answers.show(run, answer);
    }
    if (!this.isReading()) this.present(Object.keys(data.answers).length ? "" : null);
    else if (!this.place.hasChildNodes()) this.present("empty");
    this.lastInk = null; // looked at again: the rows may be new
  }

  open(models) {
    this.states.clear();
    const readable = models.filter(({ address }) => address);
    for (const { run, address, megabytes } of models) if (!address) this.states.set(run, `${megabytes} MB`);
    try {
      this.worker?.terminate();
      this.worker = new Worker(new URL(this.data.script, document.baseURI));
    } catch {
      this.worker = null;
    }
    if (!this.worker) {
      this.setStateValue("opened", []);
      return;
    }
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = () => {
      this.worker = null;
      this.states.clear();
      this.setStateValue("opened", []);
    };
    const absolute = (address) => new URL(address, document.baseURI).href;
    this.worker.postMessage({ models: readable.map((model) => ({ ...model, address: absolute(model.address) })) });
  }

  isOpened(run) {
    return this.states.get(run) === "";
  }

  openedRuns() {
    return [...this.states.keys()].filter((run) => this.isOpened(run));
  }

  isReading() {
    return this.openedRuns().length > 0;
  }

  /** A model was opened, or cannot be for the reason given; the server is told once all have been tried. */
  settle(run, why) {
    this.states.set(run, why);
    this.place.dataset.opened = this.openedRuns().join(" ");
    document.documentElement.classList.toggle("is-read-live", this.isReading());
    if (this.states.size === this.data.models.length) this.setStateValue("opened", this.openedRuns());
    if (this.isReading() && !this.place.hasChildNodes()) this.present("empty");
  }

  /** What the worker says. */
  hear({ run, opened, refused, number, problem, steps, probabilities }) {
    if (opened || refused) {
      this.settle(run, refused ?? "");
    } else if (probabilities) {
      this.answers.show(run, probabilities);
      this.present("");
      if (number === this.number) this.rest();
    } else {
      this.steps.paint(steps);
      if (problem) this.present(problem);
    }
  }

  /** Show the table, or in its place why there is none; with null the server says it. */
  present(problem) {
    if (problem) this.advice.textContent = this.data.problems[problem];
    this.note.textContent = this.fromServer();
    const content = problem === null ? [] : problem ? [this.advice] : [this.answers.table, this.note];
    if (content.some((part, i) => part !== this.place.children[i]) || content.length !== this.place.children.length) {
      this.place.replaceChildren(...content);
    }
  }

  /** Which models answer from the server, and why, where others answer here. */
  fromServer() {
    if (!this.isReading()) return "";
    const others = [...this.states].filter(([, why]) => why);
    const named = others.map(([run, why]) => `${this.answers.rows.get(run).title} (${why})`);
    return named.length ? `From the server, when the pen rests: ${named.join("; ")}.` : "";
  }

  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.answers.say(), REST);
  }

  lower(event) {
    this.isPenDown = event.composedPath().some((e) => e.classList?.contains(`st-key-paper-${this.data.canvas}`));
    const follow = () => {
      this.look();
      if (this.isPenDown) requestAnimationFrame(follow);
    };
    if (this.isPenDown) requestAnimationFrame(follow);
  }

  lift() {
    this.isPenDown = false;
  }

  /** Have the worker read the canvas if it is another than before. */
  look() {
    const ink = this.isReading() && this.ink();
    if (!ink || isSame(ink.data, this.lastInk)) return;
    if (this.lastInk) for (const { run } of this.data.models) if (!this.isOpened(run)) this.answers.clear(run);
    this.lastInk = ink.data.slice();
    this.worker.postMessage({ drawing: { number: ++this.number, ...ink } }, [ink.data.buffer]);
  }

  /** The ink on the canvas: what is drawn, and the stroke that is being drawn, which lies above it. */
  ink() {
    const paper = document.querySelector(`.st-key-paper-${this.data.canvas}`);
    const root = [...(paper?.querySelectorAll("*") ?? [])].find((e) => e.shadowRoot)?.shadowRoot;
    const layers = [...(root?.querySelectorAll("canvas") ?? [])].slice(-2);
    const { width, height } = layers[0] ?? {};
    if (!width || !height) return null;
    const { copy } = this;
    if (copy.canvas.width !== width || copy.canvas.height !== height) Object.assign(copy.canvas, { width, height });
    copy.clearRect(0, 0, width, height);
    for (const layer of layers) copy.drawImage(layer, 0, 0);
    const pixels = copy.getImageData(0, 0, width, height).data;
    const data = new Uint8Array(width * height);
    for (let i = 0; i < data.length; i++) data[i] = pixels[4 * i + 3] >= INK ? 255 : 0;
    return { width, height, data };
  }

  end() {
    clearInterval(this.timer);
    clearTimeout(this.resting);
    for (const [name, listener] of this.listeners) removeEventListener(name, listener, true);
    document.documentElement.classList.remove("is-read-live");
    this.worker?.terminate();
    this.isPenDown = false;
  }
}

export default function (component) {
  const { parentElement } = component;
  if (!mounted.has(parentElement)) mounted.set(parentElement, new Live());
  mounted.get(parentElement).take(component);
  return () => {
    mounted.get(parentElement)?.end();
    mounted.delete(parentElement);
  };
}
