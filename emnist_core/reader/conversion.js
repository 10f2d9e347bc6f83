// Ink -> a 28×28 EMNIST image, step by step, as emnist_core/ink/conversion.py does it and for its reasons; a test holds
// the two to one table of cases. A picture is {width, height, data}.

const SCAN = 128;
const PEN = 7;
const [SMALLEST, LARGEST] = [24, 58];
const [THINNEST, BLOB] = [0.08, 0.5];
const SOFT_EDGE = 4;
const BORDER = 2;
export const SIDE = 28;
const WORK_SIDE = 512;
const LEAST_SIDE = 8;
const SPECK = 0.02;
const FULL = 0.6;

const paper = (width, height, Kind = Uint8Array) => ({ width, height, data: new Kind(width * height) });
const longerOf = ({ width, height }) => Math.max(width, height);

/** To the nearest whole number, halves to the even one, as Python rounds. */
function round(number) {
  const floor = Math.floor(number);
  if (number - floor !== 0.5) return Math.round(number);
  return floor % 2 ? floor + 1 : floor;
}

/** Numbers, each changed by a function, as a picture of bytes. Typed arrays' own `from` and `map` are slow. */
function bytes({ width, height, data }, change) {
  const changed = paper(width, height);
  for (let i = 0; i < data.length; i++) changed.data[i] = change(data[i]);
  return changed;
}

/** Numbers of 0 to 1 as greys. */
const asGrey = (picture) => bytes(picture, (value) => (value ? round(Math.min(1, Math.max(0, value)) * 255) : 0));

/** Part of a picture, and paper where it reaches over the edge. */
function part(picture, left, top, width, height) {
  const cut = paper(width, height, picture.data.constructor);
  for (let y = Math.max(0, -top); y < Math.min(height, picture.height - top); y++) {
    for (let x = Math.max(0, -left); x < Math.min(width, picture.width - left); x++) {
      cut.data[y * width + x] = picture.data[(y + top) * picture.width + x + left];
    }
  }
  return cut;
}

/** The middle of a picture, cut or widened: exact, as every side is even. */
function middle(picture, width, height) {
  return part(picture, (picture.width - width) / 2, (picture.height - height) / 2, width, height);
}

/** A mask cut to its bounding box. */
function crop(mask) {
  let [left, top, right, bottom] = [mask.width, mask.height, 0, 0];
  for (let y = 0, i = 0; y < mask.height; y++) {
    for (let x = 0; x < mask.width; x++, i++) {
      if (!mask.data[i]) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return part(mask, left, top, right - left + 1, bottom - top + 1);
}

/** Drop parts of ink that are tiny beside the largest one; they must not move its bounding box. */
function withoutSpecks(mask) {
  const { width, height, data } = mask;
  const parts = new Int32Array(data.length);
  const sizes = [0];
  const waiting = [];
  for (let begin = 0; begin < data.length; begin++) {
    if (!data[begin] || parts[begin]) continue;
    const number = sizes.push(0) - 1;
    parts[begin] = number;
    waiting.push(begin);
    while (waiting.length) {
      const i = waiting.pop();
      sizes[number]++;
      const x = i % width;
      const y = (i - x) / width;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const j = v * width + u;
          if (!data[j] || parts[j]) continue;
          parts[j] = number;
          waiting.push(j);
        }
      }
    }
  }
  const least = SPECK * sizes.reduce((most, size) => Math.max(most, size), 0);
  return bytes({ width, height, data: parts }, (number) => (number && sizes[number] >= least ? 1 : 0));
}

const FAR = 1e9;

/** The squared distance of every pixel to the nearest with 0, exactly (Felzenszwalb and Huttenlocher, 2012). */
function squaredDistances({ width, height, data }) {
  const distances = new Float64Array(data.length);
  for (let x = 0; x < width; x++) {
    for (let i = x, away = FAR; i < data.length; i += width) {
      away = data[i] ? away + 1 : 0;
      distances[i] = away;
    }
    for (let i = data.length - width + x, away = FAR; i >= 0; i -= width) {
      away = data[i] ? away + 1 : 0;
      if (away < distances[i]) distances[i] = away;
      distances[i] = distances[i] ** 2;
    }
  }
  const line = { values: new Float64Array(width), hull: new Int32Array(width), limits: new Float64Array(width + 1) };
  for (let y = 0; y < height; y++) alongRow(distances, y * width, width, line);
  return distances;
}

/** Of squared distances within columns those over a row too: the lower hull of a parabola for each of its pixels. */
function alongRow(distances, start, count, { values, hull, limits }) {
  let [last, isPaper] = [0, true];
  for (let i = 0; i < count; i++) {
    values[i] = distances[start + i];
    if (values[i]) isPaper = false;
  }
  if (isPaper) return;
  hull[0] = 0;
  limits[0] = Number.NEGATIVE_INFINITY;
  for (let i = 1; i < count; i++) {
    const height = values[i] + i * i;
    let h = hull[last];
    let meeting = (height - values[h] - h * h) / (2 * (i - h));
    while (meeting <= limits[last]) {
      h = hull[--last];
      meeting = (height - values[h] - h * h) / (2 * (i - h));
    }
    hull[++last] = i;
    limits[last] = meeting;
  }
  limits[last + 1] = Number.POSITIVE_INFINITY;
  for (let i = 0, k = 0; i < count; i++) {
    while (limits[k + 1] < i) k++;
    distances[start + i] = (i - hull[k]) ** 2 + values[hull[k]];
  }
}

/** The mean width of strokes, in pixels: the mean distance to paper across a stroke is a quarter of it. */
function strokeWidth(mask) {
  const widened = part(mask, -1, -1, mask.width + 2, mask.height + 2);
  let [sum, count] = [0, 0];
  const distances = squaredDistances(widened);
  for (let i = 0; i < distances.length; i++) {
    if (!distances[i]) continue;
    sum += Math.sqrt(distances[i]);
    count++;
  }
  return 4 * (sum / count - 0.5); // distances run from pixel centre to pixel centre
}

/** The bicubic kernel of Keys (1981, a = -0.5). */
function cubic(distance) {
  const away = Math.abs(distance);
  if (away < 1) return (1.5 * away - 2.5) * away ** 2 + 1;
  return away < 2 ? ((2.5 - 0.5 * away) * away - 4) * away + 2 : 0;
}

/** Greys brought to another number of columns, bicubically, in the whole numbers of 22 bits that Pillow counts in. */
function withColumns({ width, height, data }, columns) {
  const scale = width / columns;
  const wide = Math.max(1, scale);
  const scaled = paper(columns, height);
  for (let column = 0; column < columns; column++) {
    const centre = (column + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - 2 * wide + 0.5));
    const last = Math.min(width, Math.trunc(centre + 2 * wide + 0.5));
    const weights = Array.from({ length: last - first }, (_, i) => cubic((i + first - centre + 0.5) / wide));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const whole = weights.map((weight) => {
      const exact = (weight / sum) * 2 ** 22;
      return Math.trunc(exact + (exact < 0 ? -0.5 : 0.5));
    });
    for (let y = 0; y < height; y++) {
      let total = 2 ** 21;
      for (let i = 0; i < whole.length; i++) total += data[y * width + first + i] * whole[i];
      scaled.data[y * columns + column] = Math.min(255, Math.max(0, Math.floor(total / 2 ** 22)));
    }
  }
  return scaled;
}

function turned({ width, height, data }) {
  const other = paper(height, width);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) other.data[x * height + y] = data[y * width + x];
  return other;
}

/** A mask so large that its longer side has about `longer` pixels, and both sides an even number. */
function resize(mask, longer) {
  const scale = longer / longerOf(mask);
  const [width, height] = [mask.width, mask.height].map((side) => 2 * Math.max(1, round((side * scale) / 2)));
  const columns = withColumns(
    bytes(mask, (value) => 255 * value),
    width,
  );
  const scaled = turned(withColumns(turned(columns), height));
  return bytes(scaled, (grey) => (grey > 127 ? 1 : 0));
}

/** Cropped ink as large as it would be in a NIST scan; null where it is too little or too compact to be writing. */
function atScanScale(cropped) {
  let mask = longerOf(cropped) > WORK_SIDE ? resize(cropped, WORK_SIDE) : cropped;
  const longer = longerOf(mask);
  let pen = strokeWidth(mask) / longer;
  if (longer < LEAST_SIDE || pen > BLOB) return null;
  if (pen < THINNEST) {
    const reach = ((THINNEST - pen) * longer) / 2;
    const margin = Math.trunc(reach) + 1;
    const widened = part(mask, -margin, -margin, mask.width + 2 * margin, mask.height + 2 * margin);
    const distances = squaredDistances(bytes(widened, (value) => 1 - value));
    mask = crop(bytes({ ...widened, data: distances }, (squared) => (Math.sqrt(squared) <= reach ? 1 : 0)));
    pen = THINNEST;
  }
  return resize(mask, round(Math.min(Math.max(PEN / pen, SMALLEST), LARGEST)));
}

/** A Gaussian of one pixel, cut off at four, of a picture with at least as much paper around its ink. */
function blur(picture) {
  const weights = Array.from({ length: 2 * SOFT_EDGE + 1 }, (_, i) => Math.exp(-((i - SOFT_EDGE) ** 2) / 2));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const along = (data, step) => {
    const blurred = new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) {
      // What a line has over its end is the paper that the next begins with.
      if (data[i])
        weights.forEach((weight, k) => {
          blurred[i + (k - SOFT_EDGE) * step] += (data[i] * weight) / sum;
        });
    }
    return blurred;
  };
  return { ...picture, data: along(along(picture.data, picture.width), 1) };
}

/** A square sampled at 28×28 points. */
function downsample({ width: side, data }) {
  const weights = Array.from({ length: SIDE }, (_, i) =>
    Array.from({ length: side }, (_, pixel) => cubic((i + 0.5) * (side / SIDE) - 0.5 - pixel)),
  );
  const lines = weights.map((row) => {
    const line = new Float64Array(side);
    row.forEach((weight, y) => {
      if (weight) for (let x = 0; x < side; x++) line[x] += weight * data[y * side + x];
    });
    return line;
  });
  const small = paper(SIDE, SIDE, Float32Array);
  lines.forEach((line, y) => {
    weights.forEach((row, x) => {
      small.data[y * SIDE + x] = Math.max(
        0,
        row.reduce((sum, weight, i) => sum + weight * line[i], 0),
      );
    });
  });
  return small;
}

/**
 * Convert ink to an EMNIST image.
 *
 * @param {{width: number, height: number, data: Uint8Array}} ink ink over 127.
 * @returns {{steps: {width: number, height: number, data: Uint8Array}[]}|{problem: string}} the seven steps, of which
 *   the last is the image; or what is wrong: "empty", "filled" or "blob".
 */
export function convert(ink) {
  const mask = bytes(ink, (value) => (value > 127 ? 1 : 0));
  let count = 0;
  for (let i = 0; i < mask.data.length; i++) count += mask.data[i];
  if (!count) return { problem: "empty" };
  if (count > FULL * mask.data.length) return { problem: "filled" };
  const character = atScanScale(crop(withoutSpecks(mask)));
  if (!character) return { problem: "blob" };
  const [width, height] = [character.width + 2 * SOFT_EDGE, character.height + 2 * SOFT_EDGE];
  const cropped = blur(middle({ ...character, data: Float32Array.from(character.data) }, width, height));
  const side = Math.max(width, height) + 2 * BORDER;
  const square = middle(cropped, side, side);
  const small = downsample(square);
  const largest = small.data.reduce((most, value) => Math.max(most, value), 0);
  const steps = [
    bytes(mask, (value) => 255 * value),
    asGrey(middle(character, SCAN, SCAN)),
    asGrey(middle(cropped, SCAN, SCAN)),
    asGrey(cropped),
    asGrey(square),
    asGrey(small),
    asGrey({ ...small, data: small.data.map((value) => value / largest) }),
  ];
  return { steps };
}
