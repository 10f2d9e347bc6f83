import { convert } from "../reader/conversion.js";
import { Network } from "../reader/network.js";

// A canvas, the answers and the steps in one page, which reads by itself.

const model = JSON.parse(document.querySelector("#model").textContent);
const network = new Network(Uint8Array.from(atob(model.file), (sign) => sign.charCodeAt(0)).buffer, model.temperature);
const [sheet, pen, table] = ["#paper", "#pen", "#answers"].map((name) => document.querySelector(name));
const INK = "#3b78d0";
const ROWS = 5;
const REST = 600; // ms without a change after which the answer is read out
const strokes = [];
const fingers = new Map();
let isDue = false;
let resting = 0;

for (let rank = 0; rank < ROWS; rank++)
  table.tBodies[0].insertRow().append(...["th", "td"].map((name) => document.createElement(name)));

function place(event) {
  const box = sheet.getBoundingClientRect();
  return [
    ((event.clientX - box.left) * sheet.width) / box.width,
    ((event.clientY - box.top) * sheet.height) / box.height,
  ];
}

function draw() {
  const context = sheet.getContext("2d", { willReadFrequently: true });
  context.clearRect(0, 0, sheet.width, sheet.height);
  Object.assign(context, { strokeStyle: INK, lineCap: "round", lineJoin: "round" });
  for (const { width, points } of strokes) {
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(...points[0]);
    for (const point of points) context.lineTo(...point);
    context.stroke();
  }
  const pixels = context.getImageData(0, 0, sheet.width, sheet.height).data;
  const data = new Uint8Array(sheet.width * sheet.height);
  for (let i = 0; i < data.length; i++) data[i] = pixels[4 * i + 3] >= 128 ? 255 : 0;
  return { width: sheet.width, height: sheet.height, data };
}

function paint(steps) {
  const [red, green, blue] = getComputedStyle(document.body).color.match(/[\d.]+/g);
  document.querySelectorAll("figure canvas").forEach((canvas, i) => {
    const { width, height, data } = steps[i];
    const pixels = new ImageData(width, height);
    for (let p = 0; p < data.length; p++) pixels.data.set([red, green, blue, data[p]], 4 * p);
    Object.assign(canvas, { width, height });
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  });
}

function answer(probabilities) {
  const best = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]).slice(0, ROWS);
  best.forEach((index, rank) => {
    const [label, bar] = table.tBodies[0].rows[rank].cells;
    const percent = `${(100 * probabilities[index]).toFixed(1)} %`;
    label.textContent = model.labels[index];
    bar.textContent = percent;
    bar.style.setProperty("--sure", percent.replace(" ", ""));
  });
  Object.assign(table.dataset, { run: model.run, label: model.labels[best[0]], probability: probabilities[best[0]] });
  clearTimeout(resting);
  resting = setTimeout(() => {
    table.caption.textContent = `${table.dataset.label}, ${Math.round(100 * table.dataset.probability)} %`;
  }, REST);
}

function read() {
  isDue = false;
  const { problem, steps } = convert(draw());
  table.hidden = document.querySelector("#steps").hidden = Boolean(problem);
  document.querySelector("#advice").textContent = problem ? model.problems[problem] : "";
  if (problem) return;
  paint(steps);
  answer(network.probabilities(steps.at(-1).data));
}

/** At the next frame, once for all that has happened until then. */
function readSoon() {
  if (!isDue) requestAnimationFrame(read);
  isDue = true;
}

sheet.addEventListener("pointerdown", (event) => {
  sheet.setPointerCapture(event.pointerId);
  const stroke = { width: +pen.value, points: [place(event)] };
  fingers.set(event.pointerId, stroke);
  strokes.push(stroke);
  readSoon();
});
sheet.addEventListener("pointermove", (event) => {
  fingers.get(event.pointerId)?.points.push(place(event));
  if (fingers.size) readSoon();
});
for (const name of ["pointerup", "pointercancel"])
  sheet.addEventListener(name, (event) => fingers.delete(event.pointerId));
document.querySelector("#undo").addEventListener("click", () => {
  strokes.pop();
  readSoon();
});
document.querySelector("#clear").addEventListener("click", () => {
  strokes.length = 0;
  readSoon();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readSoon);
read();
