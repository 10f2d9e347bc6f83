import { SIDE } from "./conversion.js";
import { floats } from "./memory.js";
import { OPERATORS } from "./operators.js";
import { parse } from "./tflite.js";

/** A network from a .tflite file, which names one image at a time. */
export class Network {
  /**
   * @param {ArrayBuffer} file the bytes of a `model.tflite`.
   * @param {number} temperature what logits are divided by.
   * @throws {Error} when the file is none, or has in it what is not known here.
   */
  constructor(file, temperature = 1) {
    const { tensors, operators, input, output } = parse(file);
    const [, side, across, channels] = tensors[input].shape;
    if (side !== across || channels !== 1 || side < SIDE) throw new Error("The model takes no 28×28 images.");
    const values = tensors.map(({ shape, constant, isInt8 }) => ({ shape, data: constant, isInt8 }));
    const numbers = floats(side * side);
    values[input] = {
      shape: [1, side, side, 1],
      numbers,
      get data() {
        return numbers.data;
      },
    };
    this.steps = [];
    for (const operator of operators) {
      const inputs = operator.inputs.map((index) => (index < 0 ? null : values[index]));
      const made = OPERATORS[operator.name](inputs, operator.options);
      values[operator.output] = made;
      if (made.run) this.steps.push(made.run);
    }
    Object.assign(this, { side, temperature, input: values[input], output: values[output] });
  }

  /**
   * How probable each class is.
   *
   * @param {Uint8Array} image 28×28 greys, ink 255.
   * @returns {Float32Array} a number for each class, with a sum of 1.
   */
  probabilities(image) {
    const margin = (this.side - SIDE) / 2;
    const numbers = this.input.data;
    for (let i = 0; i < SIDE * SIDE; i++) {
      const [row, column] = [Math.floor(i / SIDE), i % SIDE];
      numbers[(row + margin) * this.side + column + margin] = image[i] / 255;
    }
    for (const step of this.steps) step();
    const classes = this.output.shape.at(-1);
    return atTemperature(this.output.data.slice(0, classes), this.temperature);
  }
}

/** Divide the logits behind probabilities by a temperature; no answer changes. */
function atTemperature(probabilities, temperature) {
  const largest = Math.max(...probabilities);
  const powered = probabilities.map((p) => (p / largest) ** (1 / temperature));
  const sum = powered.reduce((total, p) => total + p, 0);
  return powered.map((p) => p / sum);
}
