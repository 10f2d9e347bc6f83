import { floats, memory } from "./memory.js";

// The product of matrices, which is nearly all of a network's work.
//
// Where the browser has WebAssembly's SIMD, it is one small function of that, put together below from its instructions:
// three to six times as fast as the same in JavaScript, which serves where there is none.

const PANEL = 8; // columns that are computed together
const ROWS = 4; // and rows
/** Rows that a product may read and write beyond its last. */
export const SPARE_ROWS = ROWS - 1;

let kernel = null;
let lastColumns = null;

function chosenKernel() {
  try {
    const module = new WebAssembly.Module(kernelCode());
    return new WebAssembly.Instance(module, { m: { m: memory() } }).exports.k;
  } catch {
    return inJavaScript;
  }
}

/** Rows of weights `(columns, depth)` as the kernel takes them: in panels of 8, the numbers of a depth side by side. */
export function pack(weights, columns, depth) {
  const panels = Math.ceil(columns / PANEL);
  const packed = floats(panels * depth * PANEL);
  const data = packed.data;
  for (let column = 0; column < columns; column++) {
    const first = Math.floor(column / PANEL) * depth * PANEL + (column % PANEL);
    for (let k = 0; k < depth; k++) data[first + k * PANEL] = weights[column * depth + k];
  }
  return packed;
}

/**
 * The product of `(rows, depth)` numbers and packed weights, `(rows, columns)`; both have room for spare rows.
 */
export function multiply(left, weights, output, rows, columns, depth) {
  kernel ??= chosenKernel();
  const whole = columns - (columns % PANEL);
  for (let column = 0; column < whole; column += PANEL) {
    kernel(left.offset, weights.offset + 4 * column * depth, output.offset + 4 * column, rows, depth, 4 * columns);
  }
  if (whole === columns) return;
  // The panel at the end is wider than what is left of a row.
  const room = (rows + SPARE_ROWS) * PANEL;
  if (!lastColumns || lastColumns.length < room) lastColumns = floats(room);
  kernel(left.offset, weights.offset + 4 * whole * depth, lastColumns.offset, rows, depth, 4 * PANEL);
  const [from, to] = [lastColumns.data, output.data];
  for (let row = 0; row < rows; row++) {
    for (let column = whole; column < columns; column++)
      to[row * columns + column] = from[row * PANEL + column - whole];
  }
}

/** What the kernel does, for browsers without SIMD: 4 rows by 8 columns, the columns in two halves. */
function inJavaScript(left, panel, output, rows, depth, stride) {
  const numbers = new Float32Array(memory().buffer);
  for (let row = 0; row < rows; row += ROWS) {
    for (let half = 0; half < PANEL; half += 4) {
      const p0 = left / 4 + row * depth;
      const [p1, p2, p3] = [p0 + depth, p0 + 2 * depth, p0 + 3 * depth];
      let q = panel / 4 + half;
      let [a0, a1, a2, a3] = [0, 0, 0, 0];
      let [b0, b1, b2, b3] = [0, 0, 0, 0];
      let [c0, c1, c2, c3] = [0, 0, 0, 0];
      let [d0, d1, d2, d3] = [0, 0, 0, 0];
      for (let k = 0; k < depth; k++, q += PANEL) {
        const [w0, w1, w2, w3] = [numbers[q], numbers[q + 1], numbers[q + 2], numbers[q + 3]];
        const [x0, x1, x2, x3] = [numbers[p0 + k], numbers[p1 + k], numbers[p2 + k], numbers[p3 + k]];
        a0 += x0 * w0;
        a1 += x0 * w1;
        a2 += x0 * w2;
        a3 += x0 * w3;
        b0 += x1 * w0;
        b1 += x1 * w1;
        b2 += x1 * w2;
        b3 += x1 * w3;
        c0 += x2 * w0;
        c1 += x2 * w1;
        c2 += x2 * w2;
        c3 += x2 * w3;
        d0 += x3 * w0;
        d1 += x3 * w1;
        d2 += x3 * w2;
        d3 += x3 * w3;
      }
      const at = output / 4 + (row * stride) / 4 + half;
      numbers.set([a0, a1, a2, a3], at);
      numbers.set([b0, b1, b2, b3], at + stride / 4);
      numbers.set([c0, c1, c2, c3], at + stride / 2);
      numbers.set([d0, d1, d2, d3], at + (3 * stride) / 4);
    }
  }
}

// --- the kernel in WebAssembly: kernel(left, panel, output, rows, depth, stride in bytes)

const [I32, V128] = [0x7f, 0x7b];

function leb(number) {
  const bytes = [];
  for (let rest = number; ; rest >>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}
const section = (id, content) => [id, ...leb(content.length), ...content];
const get = (local) => [0x20, local];
const set = (local) => [0x21, local];
const add = (local, ...amount) => [...get(local), ...amount.flat(), 0x6a, ...set(local)];
const constant = (number) => [0x41, ...leb(number)];
const simd = (code, ...rest) => [0xfd, ...leb(code), ...rest];
const load = (offset = 0) => simd(0, 2, offset);
const splat = () => simd(9, 2, 0);
const store = (offset = 0) => simd(11, 2, offset);
const zero = () => simd(12, ...new Array(16).fill(0));
const [TIMES, PLUS] = [simd(230), simd(228)];

function kernelCode() {
  const [left, panel, output, rows, depth, stride] = [0, 1, 2, 3, 4, 5];
  const [weights, count, target] = [6, 7, 8];
  const row = (i) => 9 + i; // where row i of the left matrix is read
  const [low, high] = [13, 14]; // eight weights
  const number = 15;
  const sum = (i, half) => 16 + 2 * i + half;
  const four = [0, 1, 2, 3];
  const body = [
    [0x03, 0x40], // for every four rows
    ...[...get(panel), ...set(weights), ...get(depth), ...set(count), ...get(left), ...set(row(0))],
    ...[1, 2, 3].flatMap((i) => [...get(row(i - 1)), ...get(depth), ...constant(2), 0x74, 0x6a, ...set(row(i))]),
    ...four.flatMap((i) => [...zero(), ...set(sum(i, 0)), ...zero(), ...set(sum(i, 1))]),
    [0x03, 0x40], // for every number of a row
    ...[...get(weights), ...load(), ...set(low), ...get(weights), ...load(16), ...set(high)],
    ...four.flatMap((i) => [
      ...[...get(row(i)), ...splat(), ...set(number)],
      ...[...get(sum(i, 0)), ...get(number), ...get(low), ...TIMES, ...PLUS, ...set(sum(i, 0))],
      ...[...get(sum(i, 1)), ...get(number), ...get(high), ...TIMES, ...PLUS, ...set(sum(i, 1))],
      ...add(row(i), constant(4)),
    ]),
    ...add(weights, constant(32)),
    ...[...get(count), ...constant(1), 0x6b, 0x22, count, 0x0d, 0x00, 0x0b],
    ...[...get(output), ...set(target)],
    ...four.flatMap((i) => [
      ...[...get(target), ...get(sum(i, 0)), ...store(), ...get(target), ...get(sum(i, 1)), ...store(16)],
      ...add(target, get(stride)),
    ]),
    ...[...get(target), ...set(output), ...get(row(3)), ...set(left)], // four rows on
    ...[...get(rows), ...constant(4), 0x6b, 0x22, rows, ...constant(0), 0x4a, 0x0d, 0x00, 0x0b],
    0x0b,
  ].flat();
  const locals = [2, 7, I32, 11, V128];
  const code = [...locals, ...body];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 6, I32, I32, I32, I32, I32, I32, 0]),
    ...section(2, [1, 1, 0x6d, 1, 0x6d, 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x6b, 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}
