import { floats, scratch } from "./memory.js";
import { multiply, pack, SPARE_ROWS } from "./product.js";

// The operators of a .tflite file, as LiteRT computes them, for one image. Each takes its inputs and options and gives
// its output's shape, where its numbers lie, and what is to be done to compute them; without that they never change.
// A value is {shape, data}; data is a Float32Array, or an Int32Array of a shape's sides.

const ACTIVATIONS = {
  0: null,
  1: (x) => (x > 0 ? x : 0),
  3: (x) => (x > 0 ? (x < 6 ? x : 6) : 0),
  4: Math.tanh,
};

const size = (shape) => shape.reduce((product, side) => product * side, 1);

function activation(options, field) {
  const number = options?.byte(field) ?? 0;
  if (!(number in ACTIVATIONS)) throw new Error(`The model has an activation (${number}) that is not known here.`);
  return ACTIVATIONS[number];
}

/** Room for a value that is computed, and for the spare rows of a product. */
function room(shape) {
  const numbers = floats(size(shape) + SPARE_ROWS * shape.at(-1));
  return {
    shape,
    numbers,
    get data() {
      return numbers.data;
    },
  };
}

/** How a window moves over an image: where it begins, and how many places it has, by "same" (0) or "valid" padding. */
function windows(side, width, stride, padding) {
  if (padding) return { count: Math.ceil((side - width + 1) / stride), before: 0 };
  const count = Math.ceil(side / stride);
  return { count, before: Math.max(0, (count - 1) * stride + width - side) >> 1 };
}

/** Add each column's bias and apply the activation, in place. */
function finish(data, bias, rows, columns, act) {
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      const sum = data[i] + (bias ? bias[column] : 0);
      data[i] = act ? act(sum) : sum;
    }
  }
}

/**
 * Numbers as they are where weights are int8: LiteRT rounds what meets such weights to 256 steps between the least and
 * the largest of one image, 0 among them, so that whole numbers can be multiplied.
 */
function rounded(from, to, length) {
  let [least, most] = [0, 0];
  for (let i = 0; i < length; i++) {
    if (from[i] < least) least = from[i];
    if (from[i] > most) most = from[i];
  }
  const scale = most > least ? (most - least) / 255 : 1;
  const zero = Math.round(Math.min(127, Math.max(-128, -128 - least / scale)));
  for (let i = 0; i < length; i++) {
    const step = Math.min(127, Math.max(-128, Math.round(from[i] / scale) + zero));
    to[i] = (step - zero) * scale;
  }
}

/** What an operator with weights reads: its input, or a copy rounded as int8 weights have it. */
function read(input, weights) {
  if (!weights.isInt8) return { source: input, prepare: () => {} };
  const copy = room(input.shape);
  return { source: copy, prepare: () => rounded(input.data, copy.data, size(input.shape)) };
}

function convolution([input, weights, bias], options) {
  if (options.int(4, 1) !== 1 || options.int(5, 1) !== 1) throw new Error("Dilated convolutions are not read here.");
  const [, height, width, channels] = input.shape;
  const [filters, down, across] = weights.shape;
  const act = activation(options, 3);
  const [strideX, strideY] = [options.int(1, 1), options.int(2, 1)];
  const y = windows(height, down, strideY, options.byte(0));
  const x = windows(width, across, strideX, options.byte(0));
  const depth = down * across * channels;
  const places = y.count * x.count;
  const packed = pack(weights.data, filters, depth);
  const output = room([1, y.count, x.count, filters]);
  const { source, prepare } = read(input, weights);
  const isPointwise = depth === channels && strideX === 1 && strideY === 1;
  const patches = isPointwise ? source.numbers : scratch((places + SPARE_ROWS) * depth);

  /** Every place's window, one after the other, 0 where it reaches over the edge. */
  function cut() {
    const [from, to] = [source.data, patches.data];
    const line = across * channels;
    let at = 0;
    for (let row = 0; row < y.count; row++) {
      for (let column = 0; column < x.count; column++) {
        const left = column * strideX - x.before;
        const [first, last] = [Math.max(0, -left) * channels, (Math.min(width, left + across) - left) * channels];
        for (let i = 0; i < down; i++, at += line) {
          const top = row * strideY - y.before + i;
          if (top < 0 || top >= height) {
            to.fill(0, at, at + line);
            continue;
          }
          const begin = (top * width + left) * channels;
          if (first) to.fill(0, at, at + first);
          if (last < line) to.fill(0, at + last, at + line);
          if (last - first < 48) for (let k = first; k < last; k++) to[at + k] = from[begin + k];
          else to.set(from.subarray(begin + first, begin + last), at + first);
        }
      }
    }
  }

  return Object.assign(output, {
    run() {
      prepare();
      if (!isPointwise) cut();
      multiply(patches, packed, output.numbers, places, filters, depth);
      finish(output.data, bias?.data, places, filters, act);
    },
  });
}

function dense([input, weights, bias], options) {
  const [units, depth] = weights.shape;
  const rows = size(input.shape) / depth;
  const act = activation(options, 0);
  const packed = pack(weights.data, units, depth);
  const output = room([rows, units]);
  const { source, prepare } = read(input, weights);
  const left = scratch((rows + SPARE_ROWS) * depth);
  return Object.assign(output, {
    run() {
      prepare();
      left.data.set(source.data.subarray(0, rows * depth));
      multiply(left, packed, output.numbers, rows, units, depth);
      finish(output.data, bias?.data, rows, units, act);
    },
  });
}

/** The largest number of every window, or their mean over as much of it as lies in the image. */
function pooling([input], options, isMean) {
  const [, height, width, channels] = input.shape;
  const [strideX, strideY, across, down] = [1, 2, 3, 4].map((field) => options.int(field, 1));
  const act = activation(options, 5);
  const y = windows(height, down, strideY, options.byte(0));
  const x = windows(width, across, strideX, options.byte(0));
  const output = room([1, y.count, x.count, channels]);
  return Object.assign(output, {
    run() {
      const [from, to] = [input.data, output.data];
      to.fill(isMean ? 0 : Number.NEGATIVE_INFINITY, 0, y.count * x.count * channels);
      for (let row = 0, at = 0; row < y.count; row++) {
        const [top, bottom] = [row * strideY - y.before, row * strideY - y.before + down];
        for (let column = 0; column < x.count; column++, at += channels) {
          const [left, right] = [column * strideX - x.before, column * strideX - x.before + across];
          let inside = 0;
          for (let i = Math.max(0, top); i < Math.min(height, bottom); i++) {
            for (let j = Math.max(0, left); j < Math.min(width, right); j++, inside++) {
              const begin = (i * width + j) * channels;
              if (isMean) for (let c = 0; c < channels; c++) to[at + c] += from[begin + c];
              else for (let c = 0; c < channels; c++) if (from[begin + c] > to[at + c]) to[at + c] = from[begin + c];
            }
          }
          if (isMean) for (let c = 0; c < channels; c++) to[at + c] /= inside;
        }
      }
      if (act) finish(to, null, y.count * x.count, channels, act);
    },
  });
}

/** Of two values number by number; one may have a single number for each channel, or for all. */
function elementwise([one, other], options, combine) {
  const act = activation(options, 0);
  const [large, small] = size(one.shape) >= size(other.shape) ? [one, other] : [other, one];
  const [count, period] = [size(large.shape), size(small.shape)];
  const fits = small.shape.every(
    (side, i) => side === 1 || small.shape.slice(i).join() === large.shape.slice(i - small.shape.length).join(),
  );
  if (!fits) throw new Error("The model combines values of shapes that do not go together here.");
  const output = room(large.shape);
  return Object.assign(output, {
    run() {
      const [a, b, to] = [large.data, small.data, output.data];
      for (let i = 0, j = 0; i < count; i++) {
        const result = combine(a[i], b[j]);
        to[i] = act ? act(result) : result;
        if (++j === period) j = 0;
      }
    },
  });
}

/** A function of every number. */
function each([input], apply) {
  const output = room(input.shape);
  const count = size(input.shape);
  return Object.assign(output, {
    run() {
      const [from, to] = [input.data, output.data];
      for (let i = 0; i < count; i++) to[i] = apply(from[i]);
    },
  });
}

/** The mean over height and width, which is the only one that these networks take. */
function mean([input, axes], options) {
  const [, height, width, channels] = input.shape;
  if ([...axes.data].sort().join() !== "1,2") throw new Error("The model takes a mean that is not known here.");
  const output = room(options?.byte(0) ? [1, 1, 1, channels] : [1, channels]);
  return Object.assign(output, {
    run() {
      const [from, to] = [input.data, output.data];
      to.fill(0, 0, channels);
      for (let i = 0; i < height * width * channels; i++) to[i % channels] += from[i];
      for (let c = 0; c < channels; c++) to[c] /= height * width;
    },
  });
}

function softmax([input], options) {
  const beta = options?.float(0, 1) ?? 1;
  const output = room(input.shape);
  const count = size(input.shape);
  return Object.assign(output, {
    run() {
      const [from, to] = [input.data, output.data];
      let [largest, sum] = [Number.NEGATIVE_INFINITY, 0];
      for (let i = 0; i < count; i++) largest = Math.max(largest, from[i]);
      for (let i = 0; i < count; i++) sum += to[i] = Math.exp(beta * (from[i] - largest));
      for (let i = 0; i < count; i++) to[i] /= sum;
    },
  });
}

// Shapes are known once the first image is, and are computed as the model is opened.

function reshape([input, wanted], options) {
  const shape = [...(wanted?.data ?? options.ints(0))];
  const known = shape.reduce((product, side) => (side < 0 ? product : product * side), 1);
  const whole = shape.map((side) => (side < 0 ? size(input.shape) / known : side));
  return {
    shape: whole,
    numbers: input.numbers,
    get data() {
      return input.data;
    },
  };
}

function slice([input, begin, end, step], options) {
  if (input.shape.length !== 1 || step.data[0] !== 1)
    throw new Error("The model cuts a value in a way not known here.");
  const [first, last] = [options.int(0) & 1 ? 0 : begin.data[0], options.int(1) & 1 ? input.shape[0] : end.data[0]];
  const isOne = options.int(4) & 1;
  const data = input.data.slice(first, isOne ? first + 1 : last);
  return { shape: isOne ? [] : [data.length], data };
}

export const OPERATORS = {
  CONV_2D: convolution,
  FULLY_CONNECTED: dense,
  MAX_POOL_2D: (inputs, options) => pooling(inputs, options, false),
  AVERAGE_POOL_2D: (inputs, options) => pooling(inputs, options, true),
  ADD: (inputs, options) => elementwise(inputs, options, (a, b) => a + b),
  MUL: (inputs, options) => elementwise(inputs, options, (a, b) => a * b),
  MEAN: mean,
  LOGISTIC: (inputs) => each(inputs, (x) => 1 / (1 + Math.exp(-x))),
  TANH: (inputs) => each(inputs, Math.tanh),
  SOFTMAX: softmax,
  DEQUANTIZE: ([input]) => ({ shape: input.shape, data: input.data }),
  RESHAPE: reshape,
  SHAPE: ([input]) => ({ shape: [input.shape.length], data: Int32Array.from(input.shape) }),
  STRIDED_SLICE: slice,
  PACK: (inputs) => ({ shape: [inputs.length], data: Int32Array.from(inputs, (input) => input.data[0]) }),
};
