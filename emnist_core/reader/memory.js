// Where a network's numbers lie: one memory, which the kernel of WebAssembly sees too (product.js).

const PAGE = 65536;

/** Floats in the memory; `data` is looked at anew once that has grown. */
class Floats {
  constructor(offset, length) {
    Object.assign(this, { offset, length });
  }

  get data() {
    if (this.view?.buffer !== memory().buffer) this.view = new Float32Array(memory().buffer, this.offset, this.length);
    return this.view;
  }
}

let whole = null;
let end = 0;
let shared = null;

/** The memory itself. */
export function memory() {
  whole ??= typeof WebAssembly === "object" ? new WebAssembly.Memory({ initial: 1 }) : growing();
  return whole;
}

/** Memory that grows, for a browser without WebAssembly. */
function growing() {
  const self = { buffer: new ArrayBuffer(PAGE) };
  self.grow = (pages) => {
    const larger = new Uint8Array(self.buffer.byteLength + pages * PAGE);
    larger.set(new Uint8Array(self.buffer));
    self.buffer = larger.buffer;
  };
  return self;
}

/** Room for `length` numbers, 0 at first. */
export function floats(length) {
  const bytes = 16 * Math.ceil(length / 4); // vectors of four
  const missing = end + bytes - memory().buffer.byteLength;
  if (missing > 0) memory().grow(Math.ceil(missing / PAGE));
  end += bytes;
  return new Floats(end - bytes, length);
}

/** Room for `length` numbers that every layer uses in its turn. */
export function scratch(length) {
  if (!shared || shared.length < length) shared = floats(length);
  return shared;
}
