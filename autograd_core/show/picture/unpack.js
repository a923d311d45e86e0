// The columns of a graph from the little that a page holds of them; `packed_columns.py` says what is left out.
import { bytesOf } from "../page/data.js";
import { inflate } from "../page/inflate.js";

// For each operation its value and its partials with respect to its inputs, as in `packed_columns.py`.
/** @type {Record<string, [(a: number, b: number) => number, (a: number, b: number) => number[]]>} */
const FORMULAS = {
  add: [(a, b) => a + b, () => [1, 1]],
  subtract: [(a, b) => a - b, () => [1, -1]],
  multiply: [(a, b) => a * b, (a, b) => [b, a]],
  negative: [(a) => -a, () => [-1]],
};

/**
 * @typedef {{ kinds: Record<string, [string, number]>, size: number, text: string }} Packed
 *   kinds: by column its type and its length; size: of all in bytes.
 * @param {Packed} packed
 * @returns {Record<string, Uint8Array | Int32Array | Float64Array>}
 */
export function unpack({ kinds, size, text }) {
  const bytes = inflate(bytesOf(text), size);
  /** @type {Record<string, Uint8Array | Int32Array | Float64Array>} */
  const columns = {};
  let at = 0;
  for (const [name, [kind, length]] of Object.entries(kinds)) {
    const width = kind === "d" ? 8 : kind === "i" ? 4 : 1;
    const own = byNumber(bytes.subarray(at, at + width * length), width);
    at += width * length;
    if (kind === "B") columns[name] = own;
    else if (kind === "d") columns[name] = new Float64Array(own.buffer);
    else {
      const numbers = new Int32Array(own.buffer);
      for (let place = 1; place < length; place++) numbers[place] += numbers[place - 1];
      columns[name] = numbers;
    }
  }
  return columns;
}

/**
 * The bytes of each number beside each other.
 * @param {Uint8Array} bytes by their weight
 * @param {number} width
 */
function byNumber(bytes, width) {
  const count = bytes.length / width;
  const result = new Uint8Array(bytes.length);
  for (let place = 0; place < width; place++) for (let number = 0; number < count; number++) result[number * width + place] = bytes[place * count + number];
  return result;
}

/**
 * The values and gradients of the nodes and the partials of the edges, to the last bit.
 * @param {Record<string, any>} kept
 * @param {{ first: Int32Array, source: Int32Array, flowing: Uint8Array, operationOf: (node: number) => string }} graph
 */
export function computeNumbers(kept, { first, source, flowing, operationOf }) {
  const nodes = kept.givenValues.length;
  const [value, adjoint, partial] = [new Float64Array(nodes), new Float64Array(nodes), new Float64Array(source.length)];
  let [next, nextPartial, nextAdjoint] = [0, 0, 0];
  for (let node = 0; node < nodes; node++) {
    const [a, b] = [value[source[first[node]]], value[source[first[node] + 1]]];
    const formula = FORMULAS[operationOf(node)];
    value[node] = kept.givenValues[node] ? kept.values[next++] : formula[0](a, b);
    let partials = null;
    for (let edge = first[node]; edge < first[node + 1]; edge++) {
      if (kept.givenPartials[edge]) partial[edge] = kept.partials[nextPartial++];
      else if (flowing[edge]) partial[edge] = (partials ??= formula[1](a, b))[edge - first[node]];
    }
  }
  adjoint[nodes - 1] = 1;
  const last = kept.adjoints.length - 1;
  for (let user = nodes - 1; user >= 0; user--) {
    if (kept.givenAdjoints[user]) adjoint[user] = kept.adjoints[last - nextAdjoint++];
    for (let edge = first[user]; edge < first[user + 1]; edge++) if (flowing[edge]) adjoint[source[edge]] += adjoint[user] * partial[edge];
  }
  return { value, adjoint, partial };
}
