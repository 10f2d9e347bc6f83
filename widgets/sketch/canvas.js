// The drawing lives here as lines, so that a rerun, another pen or another theme takes nothing from it.
const mounted = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  const known = mounted.get(parentElement);
  const sketch = known ?? { strokes: data.strokes };
  Object.assign(sketch, { data, send: () => setStateValue("strokes", [...sketch.strokes]) });
  if (known) {
    sketch.paint();
    return;
  }
  mounted.set(parentElement, sketch);
  listen(sketch, parentElement);
}

function listen(sketch, root) {
  const canvas = root.querySelector("canvas");
  const { width, height, label } = sketch.data;
  canvas.ariaLabel = label;
  const sharp = Math.ceil(window.devicePixelRatio) || 1;
  canvas.width = width * sharp;
  canvas.height = height * sharp;
  canvas.style.maxWidth = `${width + 2}px`;
  canvas.style.aspectRatio = `${width} / ${height}`;
  const context = canvas.getContext("2d");
  context.scale(sharp, sharp);
  const buttons = { undo: root.querySelector(".undo"), clear: root.querySelector(".clear") };

  sketch.paint = () => {
    const { color } = getComputedStyle(canvas);
    context.clearRect(0, 0, width, height);
    paintImage(context, sketch.data.image, width, color);
    for (const stroke of sketch.strokes) paintStroke(context, stroke, stroke.wipes ? sketch.data.wipe : color);
    for (const button of Object.values(buttons)) button.disabled = sketch.strokes.length === 0;
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const across = ((event.clientX - box.left) * width) / box.width;
    const down = ((event.clientY - box.top) * height) / box.height;
    return [Math.round(across), Math.round(down)];
  };
  let pointer = null; // one finger draws; a second one does not
  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button) return;
    event.preventDefault();
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    const { pen, wipes } = sketch.data;
    sketch.strokes.push({ pen, wipes, points: [place(event)] });
    sketch.paint();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const { points } = sketch.strokes.at(-1);
    for (const part of event.getCoalescedEvents?.() ?? [event]) points.push(place(part));
    sketch.paint();
  });
  const lift = (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    sketch.send();
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("transitionend", () => sketch.paint()); // its colour changed: another theme
  const keep = (count) => {
    if (pointer !== null) return;
    sketch.strokes.length = count;
    sketch.paint();
    sketch.send();
  };
  buttons.undo.addEventListener("click", () => keep(Math.max(0, sketch.strokes.length - 1)));
  buttons.clear.addEventListener("click", () => keep(0));
  sketch.paint();
}

function paintStroke(context, { pen, points }, color) {
  context.strokeStyle = color;
  context.lineWidth = pen;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(...points[0]);
  for (const point of points) context.lineTo(...point);
  context.stroke();
}

function paintImage(context, image, width, color) {
  if (!image) return;
  const side = width / image.length;
  context.fillStyle = color;
  image.forEach((row, y) => {
    row.forEach((ink, x) => {
      context.globalAlpha = ink / 255;
      context.fillRect(x * side, y * side, side, side);
    });
  });
  context.globalAlpha = 1;
}
