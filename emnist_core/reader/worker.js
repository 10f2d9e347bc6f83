import { convert } from "./conversion.js";
import { Network } from "./network.js";

// The reader in a Web Worker, never in the way of the pen. It is told
//   {models: [{run, address, temperature}]}     which models to open,
//   {drawing: {number, width, height, data}}    what is drawn now;
// and says
//   {run, opened: true} or {run, refused: why}  of each model,
//   {number, problem} or {number, steps}        what has become of a drawing,
//   {number, run, probabilities}                what a model answers to it.
// The newest drawing is read; those that came before it and were not begun are dropped.

const networks = new Map();
const turns = new MessageChannel();
let newest = null;
let image = null;
let isAtWork = false;

self.onmessage = ({ data }) => {
  if (data.models) for (const model of data.models) open(model);
  if (data.drawing) {
    newest = data.drawing;
    begin();
  }
};

async function open({ run, address, temperature }) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error("The model could not be fetched.");
    const network = new Network(await answer.arrayBuffer(), temperature);
    const spent = Math.max(0, ...Array.from(networks.values(), (other) => other.spent));
    networks.set(run, { network, spent, answered: null });
    self.postMessage({ run, opened: true });
    begin();
  } catch (error) {
    self.postMessage({ run, refused: error.message });
  }
}

function begin() {
  if (isAtWork || !newest) return;
  isAtWork = true;
  turns.port2.postMessage(null);
}

// One model a turn; between two turns a newer drawing may come in.
turns.port1.onmessage = () => {
  isAtWork = false;
  if (newest.number !== image?.number) {
    const { number, ...ink } = newest;
    const { problem, steps } = convert(ink);
    image = { number, pixels: steps?.at(-1).data };
    self.postMessage({ number, problem, steps });
  }
  const waiting = [...networks].filter(([, model]) => model.answered !== image.number);
  if (!waiting.length || !image.pixels) return;
  // The model that has had the least time: all get their turns, and the quick ones more of them.
  const [run, model] = waiting.reduce((least, other) => (other[1].spent < least[1].spent ? other : least));
  const begun = performance.now();
  model.answered = image.number;
  self.postMessage({ number: image.number, run, probabilities: model.network.probabilities(image.pixels) });
  model.spent += performance.now() - begun;
  begin();
};
