// A .tflite file is a FlatBuffer: tables whose fields are found by number. Only what networks of this project have in
// theirs is read here; the schema is tensorflow/compiler/mlir/lite/schema/schema.fbs of LiteRT.

/** A table of a FlatBuffer; fields are asked for by their number in the schema, and have a default where absent. */
class Table {
  constructor(view, position) {
    this.view = view;
    this.position = position;
    this.fields = position - view.getInt32(position, true);
  }

  /** Where a field's content begins; 0 where the file leaves the field out. */
  place(number) {
    const entry = 4 + 2 * number;
    const isThere = entry < this.view.getUint16(this.fields, true);
    const offset = isThere ? this.view.getUint16(this.fields + entry, true) : 0;
    return offset && this.position + offset;
  }

  byte(number, otherwise = 0) {
    const place = this.place(number);
    return place ? this.view.getInt8(place) : otherwise;
  }

  int(number, otherwise = 0) {
    const place = this.place(number);
    return place ? this.view.getInt32(place, true) : otherwise;
  }

  float(number, otherwise = 0) {
    const place = this.place(number);
    return place ? this.view.getFloat32(place, true) : otherwise;
  }

  table(number) {
    const place = this.place(number);
    return place ? new Table(this.view, place + this.view.getUint32(place, true)) : null;
  }

  /** The elements of a vector, each read by `read(view, place)` from `size` bytes. */
  vector(number, size, read) {
    const place = this.place(number);
    if (!place) return [];
    const start = place + this.view.getUint32(place, true);
    const length = this.view.getUint32(start, true);
    return Array.from({ length }, (_, i) => read(this.view, start + 4 + i * size));
  }

  tables(number) {
    return this.vector(number, 4, (view, place) => new Table(view, place + view.getUint32(place, true)));
  }

  ints(number) {
    return this.vector(number, 4, (view, place) => view.getInt32(place, true));
  }

  floats(number) {
    return this.vector(number, 4, (view, place) => view.getFloat32(place, true));
  }

  /** A copy of a vector of bytes, in memory of its own, so that it may be looked at as numbers of any size. */
  bytes(number) {
    const place = this.place(number);
    if (!place) return new Uint8Array(0);
    const start = place + this.view.getUint32(place, true);
    return new Uint8Array(this.view.buffer, start + 4, this.view.getUint32(start, true)).slice();
  }
}

const OPERATOR_NAMES = {
  0: "ADD",
  1: "AVERAGE_POOL_2D",
  3: "CONV_2D",
  6: "DEQUANTIZE",
  9: "FULLY_CONNECTED",
  14: "LOGISTIC",
  17: "MAX_POOL_2D",
  18: "MUL",
  22: "RESHAPE",
  25: "SOFTMAX",
  28: "TANH",
  40: "MEAN",
  45: "STRIDED_SLICE",
  77: "SHAPE",
  83: "PACK",
};

const FLOAT32 = 0;
const FLOAT16 = 1;
const INT32 = 2;
const INT8 = 9;

/** The number that 16 bits stand for (IEEE 754). */
function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

/** The numbers that int8 weights stand for: one scale for all, or one for each index of an axis. */
function fromInt8(bytes, shape, quantization) {
  const scales = quantization.floats(2);
  const axis = quantization.int(6);
  const values = new Float32Array(bytes.length);
  const stored = new Int8Array(bytes.buffer);
  const inner = shape.slice(axis + 1).reduce((product, side) => product * side, 1);
  for (let i = 0; i < values.length; i++) {
    values[i] = stored[i] * scales[scales.length > 1 ? Math.floor(i / inner) % shape[axis] : 0];
  }
  return values;
}

/** The constant that a tensor holds, as floats or as whole numbers; null for one that is computed. */
function constantOf(tensor, buffers, shape) {
  const bytes = buffers[tensor.int(2)].bytes(0);
  if (!bytes.length) return null;
  const type = tensor.byte(1);
  if (type === FLOAT32) return new Float32Array(bytes.buffer);
  if (type === FLOAT16) return Float32Array.from(new Uint16Array(bytes.buffer), fromHalf);
  if (type === INT32) return new Int32Array(bytes.buffer);
  if (type === INT8) return fromInt8(bytes, shape, tensor.table(4));
  throw new Error(`The model has numbers of kind ${type}, which are not read here.`);
}

/**
 * What a .tflite file says.
 *
 * @param {ArrayBuffer} file its bytes.
 * @returns {{tensors: {shape: number[], constant: ?(Float32Array|Int32Array), isInt8: boolean}[],
 *   operators: {name: string, inputs: number[], output: number, options: ?Table}[], input: number, output: number}}
 * @throws {Error} when it is no such file, or has an operator that is not known here.
 */
export function parse(file) {
  const view = new DataView(file);
  if (file.byteLength < 8 || view.getUint32(4, true) !== 0x334c4654) throw new Error("That is no .tflite file.");
  const model = new Table(view, view.getUint32(0, true));
  const buffers = model.tables(4);
  const names = model.tables(1).map((code) => {
    const number = Math.max(code.byte(0), code.int(3));
    if (!(number in OPERATOR_NAMES)) throw new Error(`The model has an operator (${number}) that is not known here.`);
    return OPERATOR_NAMES[number];
  });
  const graph = model.tables(2)[0];
  const tensors = graph.tables(0).map((tensor) => {
    const shape = tensor.ints(0);
    return { shape, constant: constantOf(tensor, buffers, shape), isInt8: tensor.byte(1) === INT8 };
  });
  const operators = graph.tables(3).map((operator) => ({
    name: names[operator.int(0)],
    inputs: operator.ints(1),
    output: operator.ints(2)[0],
    options: operator.table(4),
  }));
  return { tensors, operators, input: graph.ints(1)[0], output: graph.ints(2)[0] };
}
