// The instructions of a vector program as functions bound to their addresses, for blocks of one width.
import { kernelOf } from "./elementwise.js";
import { MEMORY } from "./memory.js";
import { addDots, addOuter, addProduct, addTotals } from "./products.js";

const m = MEMORY;
const NARROW = 4; // rows below which a product goes along its columns

/**
 * Places in ONCE, regular ones by start, shape and steps; a span as [file, start, size].
 * @typedef {{ start: number, shape: number[], steps: number[] }} Regular
 * @typedef {{ places: number[] } | Regular} Places
 * @typedef {number[][] | Regular} Matrix
 * @typedef {[number, number, number]} Span
 * @typedef {{ width: number, addressOf: (file: number, place: number) => number }} Block
 *   addressOf: of the first of the numbers of a place
 * @typedef {() => void} Action
 */

/** @param {Places} operand */
const placesOf = (operand) => ("places" in operand ? operand.places
  : Array.from({ length: operand.shape[0] }, (_, i) => operand.start + i * operand.steps[0]));

/** @param {Matrix} matrix @returns {Int32Array[]} */
const rowsOf = (matrix) => (Array.isArray(matrix) ? matrix.map((row) => Int32Array.from(row))
  : Array.from({ length: matrix.shape[0] }, (_, i) =>
    Int32Array.from({ length: matrix.shape[1] }, (__, j) => matrix.start + i * matrix.steps[0] + j * matrix.steps[1])));

/** The kinds of instruction; see `vector_program.py` for each. @type {Record<string, (block: Block, ...parts: any[]) => Action>} */
const ACTIONS = {
  Elementwise: elementwise,
  Affine: affine,
  Dot: dot,
  Fold: fold,
  Gather: gather,
  Spread: spread,
  Outer: outer,
  Total: totals,
  Choose: choose,
  ScatterAdd: scatterAdd,
};

/**
 * @param {Block} block
 * @param {[string, ...any[]]} step
 */
export const actionOf = (block, [kind, ...parts]) => ACTIONS[kind](block, ...parts);

/**
 * An operand by the addresses of its elements, and the step between the numbers of one element.
 * @param {Block} block
 * @param {Span | Places} operand
 */
function elementsOf({ addressOf }, operand) {
  if (!Array.isArray(operand)) return { addresses: placesOf(operand), step: 0 };
  const [file, start, size] = operand;
  return { addresses: Array.from({ length: size }, (_, i) => addressOf(file, start + i)), step: file ? 1 : 0 };
}

/** @type {(block: Block, out: Span, name: string, operands: (Span | Places)[]) => Action} */
function elementwise(block, out, name, operands) {
  const { width, addressOf } = block;
  const kernel = kernelOf(name);
  const elements = operands.map((operand) => elementsOf(block, operand));
  const apart = out[0] ? width : 1;
  const first = addressOf(out[0], out[1]);
  const at = (/** @type {number[]} */ addresses, /** @type {number} */ i) => addresses[addresses.length === 1 ? 0 : i];
  /** @type {number[][]} */
  const calls = [];
  for (let i = 0; i < out[2]; i++) {
    const sides = elements.flatMap(({ addresses, step }) => [at(addresses, i), step]);
    calls.push([first + i * apart, apart, ...sides, 0, 0, 0, 0].slice(0, 8));
  }
  // One call for neighbours: each operand goes on where it was, or stays the same number.
  const goesOn = calls.length > 1 && elements.map(({ addresses, step }) => {
    const by = addresses.length === 1 ? 0 : addresses[1] - addresses[0];
    const regular = addresses.every((address, i) => address === addresses[0] + i * by);
    return regular && (step ? by === apart : apart === 1 || by === 0) ? (step || by) : null;
  });
  if (goesOn && goesOn.every((step) => step !== null)) {
    const sides = goesOn.flatMap((step, i) => [elements[i].addresses[0], step]);
    calls.splice(0, calls.length, [first, apart * out[2], ...sides, 0, 0, 0, 0].slice(0, 8));
  }
  return () => {
    for (let i = 0; i < calls.length; i++) { // to take a call apart into names would take as long as a short call
      const call = calls[i];
      kernel(call[0], call[1], call[2], call[3], call[4], call[5], call[6], call[7]);
    }
  };
}

/** @type {(block: Block, out: Span, terms: [Matrix, Span | Places][], bias: Places | null, turns: number, apart: number[]) => Action} */
function affine({ width, addressOf }, out, terms, bias, turns, apart) {
  const wide = out[0] ? width : 1;
  const size = out[2] / turns;
  const biases = bias && placesOf(bias);
  const first = addressOf(out[0], out[1]);
  const products = terms.flatMap(([matrix, operand], t) => {
    const rows = rowsOf(matrix);
    return Array.from({ length: turns }, (_, turn) => {
      const start = Array.isArray(operand) ? operand[1] + turn * (apart[t] ?? 0) : 0;
      const addresses = Array.isArray(operand) ? Array.from(rows[0], (__, j) => addressOf(operand[0], start + j)) : placesOf(operand);
      return { rows, addresses: Int32Array.from(addresses), sums: first + turn * size * wide };
    });
  });
  const add = wide < NARROW ? addDots : addProduct;
  return () => {
    for (let i = 0; i < out[2]; i++) {
      m.fill(biases ? m[biases[i % biases.length]] : 0, first + i * wide, first + (i + 1) * wide);
    }
    for (const { rows, addresses, sums } of products) add(sums, rows, addresses, wide);
  };
}

/** @type {(block: Block, out: Span, left: number[][], right: number[][], minus: number[]) => Action} */
function dot({ width, addressOf }, out, left, right, minus) {
  const sides = [left, right].map((side) => side.map((places) => places.map((place) => addressOf(1, place))));
  const first = addressOf(1, out[1]);
  return () => {
    for (let i = 0; i < out[2]; i++) {
      const o = first + i * width;
      m.fill(0, o, o + width);
      sides[0][i].forEach((p, j) => {
        const q = sides[1][i][j];
        const sign = j < sides[0][i].length - minus[i] ? 1 : -1;
        for (let r = 0; r < width; r++) m[o + r] += sign * m[p + r] * m[q + r];
      });
    }
  };
}

/** @type {(block: Block, out: Span, name: string, places: number[][]) => Action} */
function fold({ width, addressOf }, out, name, places) {
  const kernel = kernelOf(name);
  const lines = places.map((line) => line.map((place) => addressOf(1, place)));
  const first = addressOf(1, out[1]);
  return () => lines.forEach(([start, ...rest], i) => {
    const o = first + i * width;
    m.copyWithin(o, start, start + width);
    for (const next of rest) kernel(o, width, o, 1, next, 1, 0, 0);
  });
}

/** @type {(block: Block, out: Span, places: number[]) => Action} */
function gather({ width, addressOf }, out, places) {
  const from = places.map((place) => addressOf(out[0], place));
  const first = addressOf(out[0], out[1]);
  return () => from.forEach((address, i) => m.copyWithin(first + i * width, address, address + width));
}

/** @type {(block: Block, out: Span, places: number[]) => Action} */
function spread({ width, addressOf }, out, places) {
  const first = addressOf(out[0], out[1]);
  return () => places.forEach((place, i) => m.fill(m[place], first + i * width, first + (i + 1) * width));
}

/** @type {(block: Block, sums: Matrix, left: Span, right: Span, turns: number, apart: [number, number]) => Action} */
function outer({ width, addressOf }, sums, left, right, turns, apart) {
  const rows = rowsOf(sums);
  const sides = Array.from({ length: turns }, (_, turn) => [left, right].map(([file, start], i) => addressOf(file, start + turn * apart[i])));
  return () => sides.forEach(([p, q], turn) => addOuter(rows, p, q, width, turn === 0));
}

/** @type {(block: Block, sums: Places, operand: Span, compensated: boolean, turns: number, apart: number) => Action} */
function totals({ width, addressOf }, sums, operand, compensated, turns, apart) {
  const places = Int32Array.from(placesOf(sums));
  const addresses = Array.from({ length: turns }, (_, turn) => addressOf(1, operand[1] + turn * apart));
  return () => addresses.forEach((address, turn) => addTotals(places, address, width, compensated, turn === 0));
}

/** @type {(block: Block, out: Span, index: Span, tables: number[][], own: number[]) => Action} */
function choose({ width, addressOf }, out, index, tables, own) {
  const first = addressOf(1, out[1]);
  return () => own.forEach((table, i) => {
    const places = tables[table];
    const at = addressOf(1, index[1] + (index[2] === 1 ? 0 : i));
    for (let r = 0; r < width; r++) m[first + i * width + r] = m[places[m[at + r]]] ?? NaN;
  });
}

/** @type {(block: Block, sums: Matrix, terms: [Span, Span][]) => Action} */
function scatterAdd({ width, addressOf }, sums, terms) {
  const rows = rowsOf(sums);
  return () => {
    for (const row of rows) for (const place of row) m[place] = 0;
    for (const [index, operand] of terms) {
      const at = addressOf(1, index[1]);
      for (let r = 0; r < width; r++) rows[m[at + r]]?.forEach((place, j) => { m[place] += m[addressOf(1, operand[1] + j) + r]; });
    }
  };
}
