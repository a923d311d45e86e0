// The steps of a layer, whole or scalar by scalar, and the entries that are lit with an entry or a step.
/**
 * @typedef {import("./layer.js").Place} Place
 * @typedef {{ words: string, key?: Place | null, kinds?: string[], light: string[] | Place | null, arrived?: number, backward?: boolean }} Move
 *   key: the entry it shows; kinds: those it shows whole
 */

/** @type {(kind: string, i: number, j: number) => string} */
export const keyOf = (kind, i, j) => `${kind}:${i}:${j}`;
/** @type {(key: string) => Place} */
export function partsOf(key) {
  const [kind, i, j] = key.split(":");
  return [kind, +i, +j];
}

// Entries of several kinds stand for the same scalar.
/** @type {Record<string, string>} */
export const ALIKE = { dW: "W", WT: "W", product: "W", db: "b", xT: "x", elsewhere: "dx", whole: "dx", deltaT: "delta" };

/**
 * A test of keys: whether the scalar is on the path of an entry, or of a move about it, in both halves.
 * @param {Place} entry
 */
export function litWith([kind, i, j]) {
  /** @typedef {(row: number, column: number) => boolean} Test */
  /** @type {Test} */
  const unit = (row) => row === i;
  /** @type {Test} */
  const input = (_, column) => column === j;
  /** @type {Test} */
  const both = (row, column) => row === i && column === j;
  const all = () => true;
  /** @type {Record<string, Record<string, Test>>} */
  const lit = {
    W: { W: both, dW: both, WT: both, product: both, x: input, xT: input, z: unit, delta: unit, deltaT: unit },
    z: { z: unit, W: unit, product: unit, x: all, b: unit, more: unit },
    b: { b: unit, db: unit, z: unit, delta: unit },
    delta: { delta: unit, deltaT: unit, z: unit, db: unit, dW: unit, b: unit, W: unit, WT: unit, product: unit },
    x: { x: input, xT: input, W: input, product: input, dW: input, z: all },
    dx: { dx: input, elsewhere: input, whole: input, WT: input, deltaT: all, x: input, product: input, W: input, z: all },
    "term of z": { W: both, x: input, product: both, z: unit },
    "gradient of W": { dW: both, delta: unit, xT: input, W: both, product: both },
    "gradient of b": { db: unit, delta: unit, b: unit, z: unit },
    "share of x": { dx: input, WT: both, deltaT: unit, W: both, product: both, x: input },
  };
  const related = lit[ALIKE[kind] ?? kind];
  return (/** @type {string} */ key) => {
    const [other, row, column] = partsOf(key);
    return related[other]?.(row, column) ?? false;
  };
}

/**
 * The moves of a layer, whole.
 * @param {import("./layer.js").Layer} layer
 */
export function wholeMoves(layer) {
  const { symbols: s, output } = layer;
  const plus = layer.b.length ? ` + ${s.b}` : "";
  const d = (/** @type {string} */ name) => `d${output}/d${name}`;
  const share = (/** @type {boolean} */ shared) => (shared ? "this layer's share of " : "");
  /** @type {Move[]} */
  const moves = [
    { words: `Given: the inputs ${s.x}, the weights ${s.W}${plus ? ` and the biases ${s.b}` : ""}.`, kinds: [], light: null },
    { words: `Forward: ${s.z} = ${s.W} ${s.x}${plus}. Each row of ${s.W} times ${s.x} is one sum.`, kinds: ["product",
    "z"], light: ["z", "W", "x", "b", "product", "more"] },
  ];
  if (layer.problem) return moves;
  moves.push({ words: `Backward: δ = ${d(s.z)} arrives from above, one number for each unit.`, kinds: ["delta", "deltaT"], light: ["delta", "deltaT", "z"] });
  if (layer.wantedWeights) {
    moves.push({ words: `${share(layer.sharedWeights)}${d(s.W)} = δ ${s.x}ᵀ: every δ times every input, in the shape of ${s.W}.`, kinds: ["dW"], light: ["dW", "delta", "xT", "W", "product"] });
  }
  if (layer.wantedBiases) {
    moves.push({ words: `${share(layer.sharedBiases)}${d(s.b)} = δ: a term of a sum gets δ unchanged.`, kinds: ["db"], light: ["db", "delta", "b", "z"] });
  }
  if (layer.wantedInputs) {
    moves.push({ words: `${share(layer.sharedInputs)}${d(s.x)} = ${s.W}ᵀ δ: an input adds up the contributions of the units, down a column of ${s.W}.`,
      kinds: ["dx", "elsewhere", "whole"], light: ["dx", "elsewhere", "whole", "WT", "deltaT", "x", "product", "W"] });
  }
  return moves;
}

/**
 * The moves of a layer, scalar by scalar.
 * @param {import("./layer.js").Layer} layer
 * @param {import("./words.js").Words} words
 * @returns {Move[]}
 */
export function scalarMoves(layer, words) {
  const [start] = wholeMoves(layer);
  /** @type {Map<number, number>} */
  const arrived = new Map();
  const forward = layer.forward.map(([kind, i, j]) => /** @type {Move} */ ({ key: [kind, i, j], light: [kind === "z" ? kind : "term of z", i, j],
    words: kind === "z" ? words.forwardOfUnit(i) : words.forwardOfWeight(i, j) }));
  /** @type {Record<string, (i: number, j: number) => [string, string, string]>} */
  const described = {
    delta: (i) => ["delta", "delta", words.ofDelta(i)],
    b: (i) => ["db", "gradient of b", words.ofBias(i)],
    W: (i, j) => ["dW", "gradient of W", words.backwardOfWeight(i, j)],
    x: (i, j) => ["dx", "share of x", words.contribution(i, j, arrived.get(j))],
  };
  const backward = layer.backward.map(([kind, i, j]) => {
    if (kind === "x") arrived.set(j, (arrived.get(j) ?? 0) + layer.carried[i][j]);
    const [shows, light, text] = described[kind](i, j);
    return /** @type {Move} */ ({ key: [shows, i, j], light: [light, i, j], words: text, arrived: arrived.get(j), backward: true });
  });
  return [{ words: start.words, key: null, light: null }, ...forward, ...backward];
}
